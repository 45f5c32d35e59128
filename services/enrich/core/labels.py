"""The labels of words, what speaks for each, and the best way through those of a sentence."""

from collections.abc import Iterable, Sequence
from struct import Struct

LABELS = ("O", "B-PER", "I-PER", "B-LOC", "I-LOC", "B-ORG", "I-ORG")
"""No name; the beginning of a name of a type, and its continuation."""

BEGINNINGS = (1, 3, 5)
_CONTINUATIONS = (2, 4, 6)
_START = len(LABELS)
"""The row of transitions to the first word of a sentence."""
_ALL, _NONE = range(len(LABELS)), (0,)
_NEVER = -(10**9)
_HOPELESS = 700
"""A label that is so much behind the best of its word, before transitions, is not looked into."""

Scores = tuple[int, ...]
"""For each label, in the order of LABELS: how much speaks for it, in thousandths."""

Row = int
"""Scores packed into one number, 32 bits each, so that rows are added in one addition."""

_BITS = 32
_PACKED = Struct(f"<{len(LABELS)}I")
_ALL_POSITIVE = sum(1 << (_BITS * at + _BITS - 1) for at in range(len(LABELS)))


def pack(scores: Iterable[int]) -> Row:
    """Return ``scores`` as a row."""
    return sum(score << (_BITS * at) for at, score in enumerate(scores))


def unpack(row: Row) -> Scores:
    """Return the scores of ``row``, all greater by the same amount."""
    return _PACKED.unpack((row + _ALL_POSITIVE).to_bytes(_PACKED.size, "little"))


def best_path(scores: Sequence[Scores], transitions: Sequence[Scores]) -> list[int]:
    """Return the labels of words whose scores and transitions sum up to most (Viterbi).

    The last row of ``transitions`` is for the first word.
    """
    so_far = {_START: 0}
    came_from: list[dict[int, int]] = []
    for row in scores:
        least = max(row) - _HOPELESS
        sources: dict[int, int] = {}
        sums: dict[int, int] = {}
        for label in _ALL if max(row[1:]) >= least else _NONE:
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
        so_far = sums
    label = max(so_far, key=so_far.__getitem__)
    path: list[int] = []
    for sources in reversed(came_from):
        path.append(label)
        label = sources[label]
    return path[::-1]
