"""Find names that no list has: a linear-chain model over the words of each sentence.

The model gives every attribute of a word a score for each label; transitions between labels have
scores too, and the best path wins. It was learned by `services.enrich.training`. The words of an
article are read at once: what each word adds to the scores, where it stands and beside others, is
summed once and kept, so that tagging is adding rows of tables.
"""

from collections.abc import Sequence
from functools import partial
from itertools import islice
from typing import Literal, NamedTuple

import numpy as np

from services.enrich.core.labels import (
    BEGINNINGS,
    LABELS,
    Places,
    Table,
    Transitions,
    best_labels,
)
from services.enrich.core.ready_words import Model, ReadyWords
from services.enrich.core.word_features import phrases_within
from services.enrich.core.words import EDGES, Cut

_NO_NAME = np.array([[3000], *([0] for _ in LABELS[1:])], np.int32)
_AROUND = np.arange(-2, 3)[:, None]
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
        cut = Cut(text)
        labels = self._label(cut.row)
        beginnings = (labels % 2).nonzero()[0].tolist()
        return list(map(partial(self._name, cut, labels.tolist()), beginnings))

    def labels(self, article: Sequence[Sequence[str]]) -> list[list[int]]:
        """Return the best label of each word of each sentence, as an index into LABELS."""
        row = [*EDGES, *(word for sentence in article for word in (*sentence, *EDGES))]
        found = iter(self._label(row).tolist())
        return [list(islice(found, 2, 2 + len(sentence))) for sentence in article]

    def _label(self, row: Sequence[str]) -> Places:
        """Return the best label of each word of an article, `EDGES` around its sentences.

        Where its neighbours give a name away, they do so for the other places of the article.
        """
        words = self._words.numbers(row)
        edges = words == words[0]
        scores = self._scores(row, words)
        labels = np.zeros_like(words)
        places, best = best_labels(scores, edges, *_runs(scores), self._transitions)
        labels[places] = best
        supported, support = self._support(words, scores, labels)
        if len(supported):
            scores[:, supported] += support
            runs = _runs_with(supported, *_runs(scores))
            places, best = best_labels(scores, edges, *runs, self._transitions)
            labels[places] = best
        return labels

    def _scores(self, row: Sequence[str], words: Places) -> Table:
        """Return what speaks for each label, a row each, of each word; only differences count."""
        ready, model = self._words, self._model
        places = ready.nameable.take(words).nonzero()[0]
        around = words.take(places + _AROUND)
        _, b, c, d, _ = around
        stem, kind = ready.paired_stems.take, ready.paired_kinds.take
        stem_b, kind_c = stem(b), kind(c)
        pairs = ready.pairs.rows(
            np.concatenate((stem_b, kind_c, stem_b)), np.concatenate((kind_c, stem(d), stem(c)))
        )
        speaking = ready.together(around)
        for rows in pairs.reshape(3, -1):
            speaking += model.scores.take(rows, axis=0)
        scores = np.empty((len(LABELS), len(words)), np.int32)
        scores[:] = _NO_NAME
        scores[:, places] = speaking.T
        self._hear_phrases(row, words, scores)
        return scores

    def _hear_phrases(self, row: Sequence[str], words: Places, scores: Table) -> None:
        """Add to ``scores`` what listed names of several words say of the words in them."""
        ready, model = self._words, self._model
        begin = (ready.opens.take(words[:-1]) & ready.follows.take(words[1:])).nonzero()[0]
        openings = {
            at: ready.openings[word]
            for at, word in zip(begin.tolist(), words.take(begin).tolist(), strict=True)
            if row[at + 1] in ready.seconds[word]
        }
        if openings:
            said = [
                (at, model.rows.get(attribute, 0))
                for at, attributes in phrases_within(row, openings, model.lexicon).items()
                for attribute in attributes
            ]
            if said:
                places, rows = zip(*said, strict=True)
                np.add.at(scores.T, list(places), model.scores.take(rows, axis=0))

    def _support(self, words: Places, scores: Table, labels: Places) -> tuple[Places, Table]:
        """Return where rare words stand that are names in some places only, and what speaks for it.

        What each place speaks for is what its label is, if it is clearly that.
        """
        named = ((labels > 0) & self._words.rare.take(words)).nonzero()[0]
        named = named[scores[labels[named], named] >= scores[0, named] + _CLEAR]
        if not len(named):
            return named, scores[:, :0]
        stem_of = self._words.stems.take(words)
        stems, voting = np.unique(stem_of[named], return_inverse=True)
        votes_for = voting * len(BEGINNINGS) + (labels[named] - 1) // 2
        votes = np.bincount(votes_for, minlength=len(stems) * len(BEGINNINGS))
        votes = votes.reshape(-1, len(BEGINNINGS))
        most = votes.max(axis=1)
        at = stems.searchsorted(stem_of)
        voted_on = (stems.take(at, mode="clip") == stem_of).nonzero()[0]
        stem_of = at[voted_on]
        partly = (most < np.bincount(stem_of, minlength=len(stems)))[stem_of]
        shares = (_SUPPORT * votes // most[:, None]).take(stem_of[partly], axis=0).T
        support = np.zeros((len(LABELS), shares.shape[1]), np.int32)
        support[1::2] = support[2::2] = shares
        return voted_on[partly], support

    def _name(self, cut: Cut, labels: Sequence[int], begin: int) -> TaggedName:
        row = cut.row
        last, inside = begin, labels[begin] + 1
        while labels[last + 1] == inside:
            last += 1
        while last > begin and not row[last].isalnum():
            last -= 1
        start = cut.start(begin) + int(self._words.particles[self._words[row[begin]]])
        kind: NamedType = ("PER", "LOC", "ORG")[inside // 2 - 1]
        return TaggedName(start, cut.start(last) + len(row[last]), kind)


def _runs(scores: Table) -> tuple[Places, Places]:
    """Return where the runs of words that can be in names begin and end; the edges never can."""
    nameable = scores[1:].max(axis=0) >= scores[0] - _NAMELESS
    bounds = (nameable[1:] != nameable[:-1]).nonzero()[0] + 1
    return bounds[::2], bounds[1::2]


def _runs_with(places: Places, begins: Places, ends: Places) -> tuple[Places, Places]:
    """Return the runs with one of ``places`` in them."""
    inside = np.searchsorted(begins, places, side="right") - 1
    touched = np.unique(inside[(inside >= 0) & (places < ends[inside])])
    return begins[touched], ends[touched]
