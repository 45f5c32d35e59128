"""What was learned of names, and the sums of it that are made once a word and kept."""

import itertools
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from services.enrich.core.labels import LABELS, Places, Table
from services.enrich.core.word_features import (
    BETWEEN,
    EDGE,
    JOINED,
    PLACES,
    Lexicon,
    describe,
    particles_of_name,
)

_KEPT = 30_000
"""How many words are kept from article to article: about 10 MB."""

_NEVER_NAMED = 300
"""A word that by itself speaks against every name by so much is in none, whatever its neighbours
say: of 6,000 words of marked texts a half, none of them in a name. It is not looked into."""
_RARE = 60
"""A word that was read more often in training is left to its neighbours in every place."""

_SAID_BY = np.array([[3], [1], [0], [2], [4]])
"""Which of PLACES it is from where the word but one before, the word before, the word itself, the
one behind it and the next speak of a word."""

_SLOTS = 1 << 18
_SPREADING = 0x9E3779B97F4A7
"""A factor without a pattern: 64 bits of the golden section, without the lowest."""


@dataclass(frozen=True, slots=True)
class Model:
    """What was learned: the row of each attribute in ``scores``, and scores of label after label.

    The first row of ``scores`` is that of any attribute that is not in ``rows``: zeros.
    """

    lexicon: Lexicon
    rows: Mapping[str, int]
    scores: Table
    transitions: Table

    @classmethod
    def of(
        cls, lexicon: Lexicon, attributes: Sequence[str], scores: Table, transitions: Table
    ) -> "Model":
        """Return the model in which ``scores`` has a row for each of ``attributes``."""
        rows = dict(zip(attributes, range(1, len(attributes) + 1), strict=True))
        zeros = np.zeros((1, len(LABELS)), np.int32)
        return cls(lexicon, rows, np.concatenate((zeros, scores)), transitions)

    def sum(self, attributes: Iterable[str]) -> Table:
        """Return the sum of the scores of ``attributes``."""
        total: Table = self.scores[[self.rows.get(name, 0) for name in attributes]].sum(axis=0)
        return total


class Pairs:
    """The rows of what two words in a row say: found by the numbers of their stems and kinds.

    A pair stands in the slot of its key; where several do, one is there and the others in ``rest``.
    """

    def __init__(self, rows: Mapping[str, int]) -> None:
        pairs = {name: row for name, row in rows.items() if BETWEEN in name}
        parts = [part for name in pairs for part in name.split(BETWEEN)]
        self._numbers = {part: number for number, part in enumerate(dict.fromkeys(parts), start=1)}
        numbers = np.array([self._numbers[part] for part in parts], np.int64)
        keys = self._keys(numbers[::2], numbers[1::2])
        slots, found = _slots(keys), np.array(list(pairs.values()), np.int64)
        self._in_slots = np.zeros((_SLOTS, 2), np.int64)  # a key and its row, side by side
        self._in_slots[slots] = np.stack((keys, found), axis=1)
        crowded = self._in_slots[slots, 0] != keys
        self._shared = np.zeros(_SLOTS, np.bool_)
        self._shared[slots[crowded]] = True
        self._rest = dict(zip(keys[crowded].tolist(), found[crowded].tolist(), strict=True))

    def number(self, part: str) -> int:
        """Return the number of a stem or a kind: 0 if it says nothing with any other."""
        return self._numbers.get(part, 0)

    def rows(self, left: Places, right: Places) -> Places:
        """Return the row of each pair of numbers: 0 for those that say nothing."""
        keys = self._keys(left, right)
        slots = _slots(keys)
        in_slots = self._in_slots.take(slots, axis=0)
        there = in_slots[:, 0] == keys
        rows: Places = in_slots[:, 1] * there
        for at in (self._shared.take(slots) & ~there).nonzero()[0].tolist():
            rows[at] = self._rest.get(int(keys[at]), 0)
        return rows

    def _keys(self, left: Places, right: Places) -> Places:
        return left * (len(self._numbers) + 1) + right


def _slots(keys: Places) -> Places:
    """Return where a table of `_SLOTS` has each of ``keys``: they are spread over all of it."""
    return (keys * _SPREADING >> 20) & (_SLOTS - 1)


class Kinds:
    """Four words in a row by their kinds: what they say of the third, summed up for all there are.

    By the first three (``_before``), and by the last three (``_around``).
    """

    def __init__(self, model: Model) -> None:
        named = [(name.split(JOINED), row) for name, row in model.rows.items() if JOINED in name]
        kinds = {"", *(kind for parts, _ in named for kind in parts)}
        self._numbers = {kind: number for number, kind in enumerate(sorted(kinds))}
        before, around = np.zeros((2, *[len(kinds)] * 3, len(LABELS)), np.int32)
        for parts, row in named:
            match [self._numbers[part] for part in parts]:  # see kinds_together()
                case [b, c, 0]:
                    around[b, c] += model.scores[row]
                case [0, c, d]:
                    around[:, c, d] += model.scores[row]
                case [b, c, d]:
                    around[b, c, d] += model.scores[row]
                case [a, b, c, 0]:
                    before[a, b, c] += model.scores[row]
        self._before, self._around = (
            before.reshape(-1, len(LABELS)),
            around.reshape(-1, len(LABELS)),
        )

    def number(self, kind: str) -> int:
        """Return the number of ``kind``: 0 if it says nothing with others."""
        return self._numbers.get(kind, 0)

    def together(self, fours: Places) -> Table:
        """Return what the columns of ``fours``, numbers of four in a row, say of the third."""
        count = len(self._numbers)
        a, b, c, d = fours
        middle = b * count + c
        said: Table = self._before.take(a * count * count + middle, axis=0)
        said += self._around.take(middle * count + d, axis=0)
        return said


class ReadyWords(dict[str, int]):
    """Words: what each says of itself, of the next, of the one before, the next but one, and back.

    By the number of a word: these ``sums``; its stem's number; what `Pairs` call its stem and its
    kind, and `Kinds` its kind; how many letters of it are particles; whether it can be in a name,
    is rare, opens listed phrases, follows in one; which words they begin with, and go on with.
    """

    def __init__(self, model: Model) -> None:
        self._lexicon = model.lexicon
        self._rows, self._scores = _by_place(model)
        self.pairs = Pairs(model.rows)
        self._kinds = Kinds(model)
        self._seconds = frozenset(
            second for seconds in model.lexicon.beginnings.values() for second in seconds
        )
        self._make(_KEPT)

    def numbers(self, words: Sequence[str]) -> Places:
        """Return the number of each of ``words``; it holds until the next call."""
        if len(self) + len(words) > len(self.sums):
            self.clear()
            self._make(max(_KEPT, len(words)))
        return np.fromiter(map(self.__getitem__, words), np.intp, len(words))

    def together(self, around: Places) -> Table:
        """Return what words say of each of them and of their neighbours, and their kinds together.

        ``around`` are the numbers of each with the two before (rows 0 and 1) and behind (3, 4).
        """
        sums = self.sums.reshape(-1, len(LABELS))
        said: Table = sums.take(around * len(PLACES) + _SAID_BY, axis=0).sum(axis=0, dtype=np.int32)
        return said + self._kinds.together(self.kinds.take(around[:4]))

    def _make(self, count: int) -> None:
        self.sums = np.empty((count, self._scores.shape[1]), np.int32)
        self._stems: dict[str, int] = {}
        self.stems, self.particles = np.empty((2, count), np.intp)
        self.paired_stems, self.paired_kinds, self.kinds = np.empty((3, count), np.intp)
        self.nameable, self.rare, self.opens, self.follows = np.empty((4, count), np.bool_)
        self.openings: list[tuple[str, ...]] = []
        self.seconds: list[frozenset[str]] = []

    def __missing__(self, word: str) -> int:
        traits = describe(word, self._lexicon) if word else EDGE
        stem, kind = traits.stem, traits.kind
        rows = [
            row_of[name]
            for row_of, names in zip(self._rows, traits[3:6], strict=True)
            for name in names
            if name in row_of
        ]
        sums = self._scores[rows].sum(axis=0)
        place = self[word] = len(self)
        self.sums[place] = sums
        own = sums[: len(LABELS)]
        self.nameable[place] = word != "" and own[1:].max() >= own[0] - _NEVER_NAMED
        self.stems[place] = self._stems.setdefault(stem, len(self._stems))
        self.particles[place] = particles_of_name(word, stem, self._lexicon)
        self.paired_stems[place] = self.pairs.number(stem)
        self.paired_kinds[place] = self.pairs.number(kind)
        self.kinds[place] = self._kinds.number(kind)
        self.rare[place] = word.isalpha() and self._lexicon.counts.get(stem, 0) <= _RARE
        self.opens[place] = bool(traits.openings)
        self.follows[place] = word in self._seconds
        self.openings.append(traits.openings)
        beginnings = self._lexicon.beginnings
        self.seconds.append(frozenset().union(*(beginnings[first] for first in traits.openings)))
        return place


def _by_place(model: Model) -> tuple[Sequence[Mapping[str, int]], Table]:
    """Return the rows of own, near and far attributes, each with its scores in all PLACES."""
    numbers = itertools.count()
    rows = tuple(defaultdict[str, int](numbers.__next__) for _ in range(3))
    found: list[tuple[int, int, int]] = []
    for name, source in model.rows.items():
        if BETWEEN in name or JOINED in name:
            continue
        sign, _, attribute = name.partition(" ")
        place = PLACES.index(sign) if sign in PLACES else 0
        row = rows[(place + 1) // 2][attribute if place else name]
        found.append((row, place, source))
    to, places, sources = np.array(found).T
    scores = np.zeros((sum(map(len, rows)), len(PLACES), len(LABELS)), np.int32)
    scores[to, places] = model.scores[sources]
    return rows, scores.reshape(len(scores), -1)
