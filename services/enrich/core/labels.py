"""The labels of words, what speaks for each, and the best way through those of a sentence."""

from collections.abc import Iterable, Sequence
from operator import lshift
from struct import Struct

LABELS = ("O", "B-PER", "I-PER", "B-LOC", "I-LOC", "B-ORG", "I-ORG")
"""No name; the beginning of a name of a type, and its continuation."""

BEGINNINGS = (1, 3, 5)
_CONTINUATIONS = (2, 4, 6)
_START = len(LABELS)
"""The row of transitions to the first word of a sentence."""
_ALL, _NONE = range(len(LABELS)), (0,)
_IDLE = {0: 0}
_NEVER = -(10**9)
_BEHIND_NO_NAME, _BEHIND_A_NAME = 400, 1500
"""A label so much behind the best of its word, before transitions, is not looked into: on texts not
taught that costs 3 of 723 labels of names, and saves half the time."""

Scores = tuple[int, ...]
"""For each label, in the order of LABELS: how much speaks for it, in thousandths."""

Row = int
"""Scores packed into one number, 32 bits each, so that rows are added in one addition."""

_BITS = 32
_SHIFTS = range(0, _BITS * len(LABELS), _BITS)
_PACKED = Struct(f"<{len(LABELS)}I")
_ALL_POSITIVE = sum(1 << (shift + _BITS - 1) for shift in _SHIFTS)


def pack(scores: Iterable[int]) -> Row:
    """Return ``scores`` as a row."""
    return sum(map(lshift, scores, _SHIFTS))


def unpack(row: Row) -> Scores:
    """Return the scores of ``row``, all greater by the same amount."""
    return _PACKED.unpack((row + _ALL_POSITIVE).to_bytes(_PACKED.size, "little"))


def best_path(scores: Sequence[Scores], transitions: Sequence[Scores]) -> list[int]:
    """Return the labels of words whose scores and transitions sum up to most (Viterbi).

    The last row of ``transitions`` is for the first word.
    """
    so_far = {_START: 0}
    came_from: list[dict[int, int]] = []
    idle = True  # so far the best path is the only one
    for row in scores:
        named = max(row[1:])
        hopeless = named < row[0] - _BEHIND_NO_NAME
        if hopeless and idle:
            so_far = _IDLE
            came_from.append(_IDLE)
            continue
        least = named - _BEHIND_A_NAME if named > row[0] else row[0] - _BEHIND_NO_NAME
        sources: dict[int, int] = {}
        sums: dict[int, int] = {}
        for label in _NONE if hopeless else _ALL:
            if label and row[label] < least:
                continue
            begun = (label - 1, label) if label in _CONTINUATIONS else so_far
            most = _NEVER
            for source in begun:
                if source in so_far:
                    total = so_far[source] + transitions[source][label]
                    if total > most:
                        sources[label], most = source, total
            if label in sources:
                sums[label] = most + row[label]
        came_from.append(sources)
        so_far, idle = sums, len(sums) == 1
    label = max(so_far, key=so_far.__getitem__)
    path: list[int] = []
    for sources in reversed(came_from):
        path.append(label)
        label = sources[label]
    return path[::-1]
