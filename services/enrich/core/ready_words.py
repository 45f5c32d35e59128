"""What was learned of names, and the sums of it that are made once a word and kept."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from services.enrich.core.labels import LABELS, Places, Table
from services.enrich.core.word_features import (
    BETWEEN,
    EDGE,
    JOINED,
    Lexicon,
    Traits,
    describe,
    kinds_together,
)

_KEPT = 30_000
"""How many words, and how many fours of kinds, are kept from article to article: about 10 MB."""

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

    def sums(self, groups: Sequence[Iterable[str]]) -> Table:
        """Return the sum of the scores of each group of attributes."""
        rows: list[int] = []
        begins: list[int] = []
        for group in groups:
            begins.append(len(rows))
            rows.append(0)
            rows += [self.rows[name] for name in group if name in self.rows]
        sums: Table = np.add.reduceat(self.scores[rows], begins)
        return sums


class Pairs:
    """The rows of what two words in a row say: found by the numbers of their stems and kinds."""

    def __init__(self, rows: Mapping[str, int]) -> None:
        pairs = {name: row for name, row in rows.items() if BETWEEN in name}
        parts = [part for name in pairs for part in name.split(BETWEEN)]
        self._numbers = {part: number for number, part in enumerate(dict.fromkeys(parts), start=1)}
        self._count = len(self._numbers) + 1
        numbers = np.array([self._numbers[part] for part in parts])
        keys = numbers[::2] * self._count + numbers[1::2]
        order = np.argsort(keys)
        self._keys = keys[order]
        self._rows = np.array(list(pairs.values()))[order]

    def number(self, part: str) -> int:
        """Return the number of a stem or a kind: 0 if it says nothing with any other."""
        return self._numbers.get(part, 0)

    def rows(self, left: Places, right: Places) -> Places:
        """Return the row of each pair of numbers: 0 for those that say nothing."""
        keys = left * self._count + right
        at = np.searchsorted(self._keys[:-1], keys)
        return np.where(self._keys[at] == keys, self._rows[at], 0)


class _Kept(dict[K, int]):
    """Where the sums of a key are in ``sums``: made when they are first asked for."""

    def __init__(self, model: Model, width: int) -> None:
        self._model = model
        self._width = width
        self._make(_KEPT)

    def make_room(self, count: int) -> None:
        """Make sure that ``count`` more can be kept, if need be by forgetting all others."""
        if len(self) + count > len(self.sums):
            self.clear()
            self._make(max(_KEPT, count))

    def _make(self, count: int) -> None:
        self.sums = np.empty((count, self._width, len(LABELS)), np.int32)

    def _keep(self, key: K, groups: Sequence[Iterable[str]]) -> int:
        place = self[key] = len(self)
        self.sums[place] = self._model.sums(groups)
        return place


class ReadyKinds(_Kept[int]):
    """Four words in a row by their kinds: what they say of the third."""

    def __init__(self, model: Model) -> None:
        super().__init__(model, 1)
        together = [name for name in model.rows if JOINED in name]
        self._kinds = sorted({"", *(kind for name in together for kind in name.split(JOINED))})
        self._numbers = {kind: number for number, kind in enumerate(self._kinds)}

    def number(self, kind: str) -> int:
        """Return the number of ``kind``: 0 if it says nothing with others."""
        return self._numbers.get(kind, 0)

    def rows(self, a: Places, b: Places, c: Places, d: Places) -> list[int]:
        """Return where the sums are of each four of numbers."""
        count = len(self._kinds)
        keys = ((a * count + b) * count + c) * count + d
        return list(map(self.__getitem__, keys.tolist()))

    def __missing__(self, key: int) -> int:
        count = len(self._kinds)
        abc, d = divmod(key, count)
        ab, c = divmod(abc, count)
        return self._keep(
            key, [kinds_together(*(self._kinds[at] for at in (*divmod(ab, count), c, d)))]
        )


class ReadyWords(_Kept[str]):
    """Words: what each says of itself, of the next, of the one before, the next but one, and back.

    ``traits`` has the traits of each, ``stems``, ``kinds`` and ``fours`` the numbers of its stem
    and kind for `Pairs` and of its kind for `ReadyKinds`.
    """

    def __init__(self, model: Model) -> None:
        self.pairs = Pairs(model.rows)
        self.together = ReadyKinds(model)
        super().__init__(model, 5)

    def make_room(self, count: int) -> None:
        """Make sure that ``count`` more words can be kept, with what is around them."""
        super().make_room(count)
        self.together.make_room(count)

    def _make(self, count: int) -> None:
        super()._make(count)
        self.traits: list[Traits] = []
        self.stems, self.kinds, self.fours = np.empty((3, count), np.intp)
        self.edge = self[""]

    def __missing__(self, word: str) -> int:
        traits = describe(word, self._model.lexicon) if word else EDGE
        near, far = traits.near, traits.far
        place = self._keep(
            word,
            (
                traits.own,
                [f"< {attribute}" for attribute in near],
                [f"> {attribute}" for attribute in near],
                [f"<< {attribute}" for attribute in far],
                [f">> {attribute}" for attribute in far],
            ),
        )
        self.traits.append(traits)
        self.stems[place] = self.pairs.number(traits.stem)
        self.kinds[place] = self.pairs.number(traits.kind)
        self.fours[place] = self.together.number(traits.kind)
        return place
