"""Find names that no list has: a linear-chain model over the words of each sentence.

The model gives every attribute of a word a score for each label; transitions between labels have
scores too, and the best path wins. It was learned by `services.enrich.training`. The words of an
article are read at once: what each word adds to the scores, where it stands and beside others, is
summed once and kept, so that tagging is adding rows of tables.
"""

from collections.abc import Iterable, Sequence
from functools import partial
from itertools import islice
from typing import Literal, NamedTuple

import numpy as np

from services.enrich.core.labels import (
    BEGINNINGS,
    LABELS,
    Mask,
    Places,
    Table,
    Transitions,
    best_labels,
)
from services.enrich.core.ready_words import Model, ReadyWords
from services.enrich.core.word_features import phrases_within
from services.enrich.core.words import sentences

_NO_NAME = (3000, *(0 for _ in LABELS[1:]))
_NAMELESS = 400
"""A word for which this much more speaks for no name than for one, transitions apart, is in none:
on texts not taught that costs 3 of 723 labels of names, and leaves a quarter of the words."""

_CLEAR = 300
"""From this lead over being no name on, a label in one place speaks for the same in another."""
_SUPPORT = 700
"""What a label of a rare word in one place speaks for the same in another."""

NamedType = Literal["PER", "LOC", "ORG"]


class TaggedName(NamedTuple):
    """A name: where it is in the normalised text, without particles before it, and its type."""

    start: int
    end: int
    type: NamedType


class Tagger:
    """A model ready to be used."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._transitions = Transitions.of(model.transitions)
        self._words = ReadyWords(model)

    def tag(self, text: str) -> list[TaggedName]:
        """Return the names in the normalised ``text``, in order, none overlapping another."""
        article = list(sentences(text))
        words = _in_a_row(sentence.words for sentence in article)
        starts = [start for sentence in article for start in (0, 0, *sentence.starts)]
        labels = self._label(words)
        beginnings = np.flatnonzero(labels % 2).tolist()
        return list(map(partial(self._name, words, starts, labels.tolist()), beginnings))

    def labels(self, article: Sequence[Sequence[str]]) -> list[list[int]]:
        """Return the best label of each word of each sentence, as an index into LABELS."""
        found = iter(self._label(_in_a_row(article)).tolist())
        return [list(islice(found, 2, 2 + len(sentence))) for sentence in article]

    def _label(self, row: Sequence[str]) -> Places:
        """Return the best label of each word of an article, "" around its sentences.

        Where its neighbours give a name away, they do so for the other places of the article.
        """
        words = self._words.numbers(row)
        edges = words == words[0]
        scores = self._scores(row, words, edges)
        labels = np.zeros_like(words)
        places, best = best_labels(scores, edges, *_runs(scores), self._transitions)
        labels[places] = best
        supported, support = self._support(words, scores, labels)
        if len(supported):
            scores[supported] += support
            runs = _runs_with(supported, *_runs(scores))
            places, best = best_labels(scores, edges, *runs, self._transitions)
            labels[places] = best
        return labels

    def _scores(self, row: Sequence[str], words: Places, edges: Mask) -> Table:
        """Return what speaks for each label of each word; only differences count."""
        ready, model = self._words, self._model
        places = np.flatnonzero(ready.nameable[words])
        a, b, c, d = (words[places + distance] for distance in (-2, -1, 0, 1))
        stem, kind = ready.paired_stems, ready.paired_kinds
        pairs = ready.pairs.rows([stem[b], kind[c], stem[b]], [kind[c], stem[d], stem[c]])
        fours = ready.fours.places(*(ready.kinds[word] for word in (a, b, c, d)))
        speaking = ready.together(words).take(places, axis=0)
        speaking += ready.fours.sums.take(fours, axis=0)
        for rows in pairs:
            speaking += model.scores.take(rows, axis=0)
        scores = np.full((len(words), len(LABELS)), _NO_NAME, np.int32)
        scores[places] = speaking
        openings = {
            at: ready.openings[words[at]] for at in np.flatnonzero(ready.opens[words]).tolist()
        }
        for at, attributes in phrases_within(row, openings, self._model.lexicon).items():
            scores[at] += self._model.sum(attributes)
        return scores

    def _support(self, words: Places, scores: Table, labels: Places) -> tuple[Places, Table]:
        """Return where rare words stand that are names in some places only, and what speaks for it.

        What each place speaks for is what its label is, if it is clearly that.
        """
        named = np.flatnonzero((labels > 0) & self._words.rare[words])
        named = named[scores[named, labels[named]] >= scores[named, 0] + _CLEAR]
        stems, stem_of = np.unique(self._words.stems[words], return_inverse=True)
        votes = np.zeros((len(stems), len(BEGINNINGS)), np.int32)
        np.add.at(votes, (stem_of[named], (labels[named] - 1) // 2), 1)
        most = votes.max(axis=1)
        partly = (most > 0) & (most < np.bincount(stem_of))
        places = np.flatnonzero(partly[stem_of])
        shares = _SUPPORT * votes // np.maximum(most, 1)[:, None]
        support = np.zeros((len(stems), len(LABELS)), np.int32)
        support[:, 1::2] = support[:, 2::2] = shares
        return places, support[stem_of[places]]

    def _name(
        self, words: Sequence[str], starts: Sequence[int], labels: Sequence[int], begin: int
    ) -> TaggedName:
        end = begin + 1
        while labels[end] == labels[begin] + 1:
            end += 1
        last = next((at for at in range(end - 1, begin, -1) if words[at].isalnum()), begin)
        start = starts[begin] + int(self._words.particles[self._words[words[begin]]])
        kind: NamedType = ("PER", "LOC", "ORG")[labels[begin] // 2]
        return TaggedName(start, starts[last] + len(words[last]), kind)


def _in_a_row(article: Iterable[Sequence[str]]) -> list[str]:
    """Return the words of the sentences, and around each two edges."""
    return [word for sentence in article for word in ("", "", *sentence)] + ["", ""]


def _runs(scores: Table) -> tuple[Places, Places]:
    """Return where the runs of words that can be in names begin and end; the edges never can."""
    nameable = scores[:, 1:].max(axis=1) >= scores[:, 0] - _NAMELESS
    bounds = np.flatnonzero(nameable[1:] != nameable[:-1]) + 1
    return bounds[::2], bounds[1::2]


def _runs_with(places: Places, begins: Places, ends: Places) -> tuple[Places, Places]:
    """Return the runs with one of ``places`` in them."""
    inside = np.searchsorted(begins, places, side="right") - 1
    touched = np.unique(inside[(inside >= 0) & (places < ends[inside])])
    return begins[touched], ends[touched]
