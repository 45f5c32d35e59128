"""What was learned of names, and the sums of it that are made once a word and kept."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import TypeVar

import numpy as np

from services.enrich.core.labels import LABELS, Places, Table
from services.enrich.core.word_features import (
    BETWEEN,
    EDGE,
    JOINED,
    PLACES,
    Lexicon,
    describe,
    kinds_together,
)

_KEPT = 30_000
"""How many words, and how many fours of kinds, are kept from article to article: about 10 MB."""

_NEVER_NAMED = 300
"""A word that by itself speaks against every name by so much is in none, whatever its neighbours
say: of 6,000 words of marked texts a half, none of them in a name. It is not looked into."""
_RARE = 60
"""A word that was read more often in training is left to its neighbours in every place."""

K = TypeVar("K", bound=Hashable)


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
    """The rows of what two words in a row say: found by the numbers of their stems and kinds."""

    def __init__(self, rows: Mapping[str, int]) -> None:
        pairs = {name: row for name, row in rows.items() if BETWEEN in name}
        parts = [part for name in pairs for part in name.split(BETWEEN)]
        self._numbers = {part: number for number, part in enumerate(dict.fromkeys(parts), start=1)}
        numbers = np.array([self._numbers[part] for part in parts])
        keys = self._keys(numbers[::2], numbers[1::2])
        self._rows = dict(zip(keys, pairs.values(), strict=True))

    def number(self, part: str) -> int:
        """Return the number of a stem or a kind: 0 if it says nothing with any other."""
        return self._numbers.get(part, 0)

    def rows(self, left: Sequence[Places], right: Sequence[Places]) -> Places:
        """Return the row of each pair of numbers: 0 for those that say nothing."""
        lefts, rights = np.array(left), np.array(right)
        rows = np.zeros_like(lefts)
        speaking = (lefts > 0) & (rights > 0)
        keys = self._keys(lefts[speaking], rights[speaking])
        rows[speaking] = list(map(self._rows.get, keys, repeat(0)))
        return rows

    def _keys(self, left: Places, right: Places) -> list[int]:
        keys: list[int] = (left * (len(self._numbers) + 1) + right).tolist()
        return keys


class _Kept(dict[K, int]):
    """Where the sums of a key are in ``sums``: made when they are first asked for."""

    def __init__(self, width: int) -> None:
        self._width = width
        self._make(_KEPT)

    def make_room(self, count: int) -> None:
        """Make sure that ``count`` more can be kept, if need be by forgetting all others."""
        if len(self) + count > len(self.sums):
            self.clear()
            self._make(max(_KEPT, count))

    def _make(self, count: int) -> None:
        self.sums = np.empty((count, self._width), np.int32)

    def _keep(self, key: K, sums: Table) -> int:
        place = self[key] = len(self)
        self.sums[place] = sums
        return place


class ReadyKinds(_Kept[int]):
    """Four words in a row by their kinds: what they say of the third."""

    def __init__(self, model: Model) -> None:
        super().__init__(len(LABELS))
        self._model = model
        together = [name for name in model.rows if JOINED in name]
        self._kinds = sorted({"", *(kind for name in together for kind in name.split(JOINED))})
        self._numbers = {kind: number for number, kind in enumerate(self._kinds)}

    def number(self, kind: str) -> int:
        """Return the number of ``kind``: 0 if it says nothing with others."""
        return self._numbers.get(kind, 0)

    def places(self, a: Places, b: Places, c: Places, d: Places) -> list[int]:
        """Return where the sums are of each four of numbers."""
        count = len(self._kinds)
        keys = ((a * count + b) * count + c) * count + d
        return list(map(self.__getitem__, keys.tolist()))

    def __missing__(self, key: int) -> int:
        count = len(self._kinds)
        abc, d = divmod(key, count)
        ab, c = divmod(abc, count)
        kinds = (self._kinds[at] for at in (*divmod(ab, count), c, d))
        return self._keep(key, self._model.sum(kinds_together(*kinds)))


class ReadyWords(_Kept[str]):
    """Words: what each says of itself, of the next, of the one before, the next but one, and back.

    By the number of a word: its stem's number; what `Pairs` call its stem and its kind, and
    `ReadyKinds` its kind; how many letters of it are particles; whether it can be in a name, is
    rare, opens listed phrases; and which words these begin with.
    """

    def __init__(self, model: Model) -> None:
        self._lexicon = model.lexicon
        self._rows, self._scores = _by_place(model)
        self.pairs = Pairs(model.rows)
        self.fours = ReadyKinds(model)
        super().__init__(self._scores.shape[1])

    def numbers(self, words: Sequence[str]) -> Places:
        """Return the number of each of ``words``; it holds until the next call."""
        self.make_room(len(words))
        self.fours.make_room(len(words))
        return np.array(list(map(self.__getitem__, words)))

    def together(self, words: Places) -> Table:
        """Return what words in a row say of each of them, each by itself and for its neighbours."""
        own, before, behind, two_before, two_behind = np.split(
            self.sums.take(words, axis=0), 5, axis=1
        )
        own[1:] += before[:-1]
        own[:-1] += behind[1:]
        own[2:] += two_before[:-2]
        own[:-2] += two_behind[2:]
        return own

    def _make(self, count: int) -> None:
        super()._make(count)
        self._stems: dict[str, int] = {}
        self.stems, self.particles = np.empty((2, count), np.intp)
        self.paired_stems, self.paired_kinds, self.kinds = np.empty((3, count), np.intp)
        self.nameable, self.rare, self.opens = np.empty((3, count), np.bool_)
        self.openings: list[tuple[str, ...]] = []

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
        place = self._keep(word, sums)
        own = sums[: len(LABELS)]
        self.nameable[place] = word != "" and own[1:].max() >= own[0] - _NEVER_NAMED
        self.stems[place] = self._stems.setdefault(stem, len(self._stems))
        # Of للأمم the article is a particle too: it is melted into the one before it.
        self.particles[place] = len(word) - len(stem) + (0 if word.endswith(stem) else 2)
        self.paired_stems[place] = self.pairs.number(stem)
        self.paired_kinds[place] = self.pairs.number(kind)
        self.kinds[place] = self.fours.number(kind)
        self.rare[place] = word.isalpha() and self._lexicon.counts.get(stem, 0) <= _RARE
        self.opens[place] = bool(traits.openings)
        self.openings.append(traits.openings)
        return place


def _by_place(model: Model) -> tuple[Sequence[Mapping[str, int]], Table]:
    """Return the rows of own, near and far attributes, each with its scores in all PLACES."""
    rows: tuple[dict[str, int], ...] = ({}, {}, {})
    found: list[tuple[int, int, int]] = []
    for name, source in model.rows.items():
        if BETWEEN in name or JOINED in name:
            continue
        sign, _, attribute = name.partition(" ")
        place = PLACES.index(sign) if sign in PLACES else 0
        row = rows[(place + 1) // 2].setdefault(attribute if place else name, sum(map(len, rows)))
        found.append((row, place, source))
    to, places, sources = np.array(found).T
    scores = np.zeros((sum(map(len, rows)), len(PLACES), len(LABELS)), np.int32)
    scores[to, places] = model.scores[sources]
    return rows, scores.reshape(len(scores), -1)
