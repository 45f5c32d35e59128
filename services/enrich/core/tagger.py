"""Find names that no list has: a linear-chain model over the words of each sentence.

The model gives every attribute of a word a score for each label; transitions between labels have
scores too, and the best path wins. It was learned by `services.enrich.training`. The words of an
article are read at once: what each word adds to the scores, where it stands and beside others, is
summed once and kept, so that tagging is adding rows of tables.
"""

from collections.abc import Iterator, Sequence
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
from services.enrich.core.word_features import Traits, phrases_within
from services.enrich.core.words import Sentence, sentences

_NEVER_NAMED = 300
"""A word that by itself speaks against every name by so much is in none, whatever its neighbours
say: of 6,000 words of marked texts a half, none of them in a name. It is not looked into."""
_NO_NAME = (_NEVER_NAMED * 10, *(0 for _ in LABELS[1:]))
_NAMELESS = 400
"""A word for which this much more speaks for no name than for one, transitions apart, is in none:
on texts not taught that costs 3 of 723 labels of names, and leaves a quarter of the words."""

_RARE = 60
"""A word that was read more often in training is left to its neighbours in every place."""
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
        labels = self.labels([sentence.words for sentence in article])
        return [
            name
            for sentence, found in zip(article, labels, strict=True)
            if any(found)
            for name in self._names(sentence, found)
        ]

    def labels(self, article: Sequence[Sequence[str]]) -> list[list[int]]:
        """Return the best label of each word of each sentence, as an index into LABELS.

        Where its neighbours give a name away, they do so for the other places of the article.
        """
        words, begins = self._in_a_row(article)
        edges = words == self._words.edge
        read = [self._words.traits[word] for word in words.tolist()]
        scores = self._scores(words, edges, read)
        labels = np.zeros_like(words)
        places, best = best_labels(scores, edges, *_runs(scores), self._transitions)
        labels[places] = best
        supported = self._support(read, scores, labels)
        if supported:
            at = np.array(list(supported))
            scores[at] += np.array(list(supported.values()), np.int32)
            runs = _runs_with(at, *_runs(scores))
            places, best = best_labels(scores, edges, *runs, self._transitions)
            labels[places] = best
        found: list[int] = labels.tolist()
        return [
            found[begin : begin + len(sentence)]
            for begin, sentence in zip(begins, article, strict=True)
        ]

    def _in_a_row(self, article: Sequence[Sequence[str]]) -> tuple[Places, list[int]]:
        """Return the words by number, two edges around each sentence, and where each begins."""
        self._words.make_room(sum(map(len, article)) + 1)
        edges = [self._words.edge] * 2
        row, begins = list(edges), []
        for sentence in article:
            begins.append(len(row))
            row += map(self._words.__getitem__, sentence)
            row += edges
        return np.array(row), begins

    def _scores(self, words: Places, edges: Mask, read: Sequence[Traits]) -> Table:
        """Return what speaks for each label of each word; only differences count."""
        ready, learned = self._words, self._model.scores
        own = ready.lent(words, 0)
        nameable = own[:, 1:].max(axis=1) >= own[:, 0] - _NEVER_NAMED
        places = np.flatnonzero(nameable & ~edges)
        a, b, c, d, e = (words[places + distance] for distance in (-2, -1, 0, 1, 2))
        kinds = ready.together.rows(*(ready.fours[word] for word in (a, b, c, d)))
        scores = np.full((len(words), len(LABELS)), _NO_NAME, np.int32)
        scores[places] = (
            sum(ready.lent(word, place) for place, word in enumerate((c, b, d, a, e)))
            + ready.together.sums[kinds]
            + learned[ready.pairs.rows(ready.stems[b], ready.kinds[c])]
            + learned[ready.pairs.rows(ready.kinds[c], ready.stems[d])]
            + learned[ready.pairs.rows(ready.stems[b], ready.stems[c])]
        )
        for at, attributes in phrases_within(read, self._model.lexicon).items():
            scores[at] += self._model.sum(attributes)
        return scores

    def _support(
        self, read: Sequence[Traits], scores: Table, labels: Places
    ) -> dict[int, Sequence[int]]:
        """Return, by place, what speaks for rare words that are names in some places only."""
        named = np.flatnonzero(labels)
        named = named[scores[named, labels[named]] >= scores[named, 0] + _CLEAR]
        votes: dict[str, list[int]] = {}
        for place, label in zip(named.tolist(), labels[named].tolist(), strict=True):
            stem = read[place].stem
            if stem[0].isalpha() and self._model.lexicon.counts.get(stem, 0) <= _RARE:
                votes.setdefault(stem, [0, 0, 0])[(label - 1) // 2] += 1
        places: dict[str, list[int]] = {stem: [] for stem in votes}
        for place, traits in enumerate(read):
            if traits.stem in places:
                places[traits.stem].append(place)
        support: dict[int, Sequence[int]] = {}
        for stem, of_types in votes.items():
            most = max(of_types)
            if most < len(places[stem]):
                shares = [_SUPPORT * vote // most for vote in of_types for _ in range(2)]
                support.update(dict.fromkeys(places[stem], (0, *shares)))
        return support

    def _names(self, sentence: Sentence, labels: Sequence[int]) -> Iterator[TaggedName]:
        words, starts = sentence
        for begin in [at for at, label in enumerate(labels) if label in BEGINNINGS]:
            end = begin + 1
            while end < len(labels) and labels[end] == labels[begin] + 1:
                end += 1
            last = next((at for at in range(end - 1, begin, -1) if words[at].isalnum()), begin)
            start = starts[begin] + self._particles(words[begin])
            kind: NamedType = ("PER", "LOC", "ORG")[labels[begin] // 2]
            yield TaggedName(start, starts[last] + len(words[last]), kind)

    def _particles(self, word: str) -> int:
        """Return how many letters of ``word`` are particles; the article of للأمم is one."""
        stem = self._words.traits[self._words[word]].stem
        return len(word) - len(stem) + (0 if word.endswith(stem) else 2)


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
