"""The labels of words, and the best ways through words in a row."""

from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

LABELS = ("O", "B-PER", "I-PER", "B-LOC", "I-LOC", "B-ORG", "I-ORG")
"""No name; the beginning of a name of a type, and its continuation."""

BEGINNINGS = (1, 3, 5)
_CONTINUATIONS = (2, 4, 6)
_NEVER = -(10**8)

Table: TypeAlias = NDArray[np.int32]
"""Rows of scores, one for each of LABELS: how much speaks for it, in thousandths."""

Places: TypeAlias = NDArray[np.intp]
"""Indices."""

Mask: TypeAlias = NDArray[np.bool_]


class Transitions(NamedTuple):
    """What speaks for label after label; before the first word of a sentence, nothing does."""

    table: Table
    opening: Table
    closing: Table

    @classmethod
    def of(cls, learned: Table) -> "Transitions":
        """Return the transitions that were ``learned``, without those into the middle of a name."""
        table = np.full_like(learned, _NEVER)
        for label in range(len(LABELS)):
            before = [label - 1, label] if label in _CONTINUATIONS else slice(None)
            table[before, label] = learned[before, label]
        opening = np.where(np.isin(range(len(LABELS)), _CONTINUATIONS), _NEVER, 0)
        return cls(table, opening.astype(np.int32), table[:, 0].copy())


def best_labels(
    scores: Table, edges: Mask, begins: Places, ends: Places, transitions: Transitions
) -> tuple[Places, Places]:
    """Return the places of the runs ``begins[i] <= place < ends[i]``, and their best labels.

    The best are those whose ``scores`` and ``transitions`` sum up to most (Viterbi). Beside a run
    is a word without a name, or an edge of the sentence: where ``edges`` is true. All runs take
    their steps together, the longest first, so that those still going are the first ones.
    """
    if not len(begins):
        return begins, begins
    order = np.argsort(begins - ends, kind="stable")
    begins, ends = begins[order], ends[order]
    lengths = ends - begins
    going = np.searchsorted(-lengths, -np.arange(lengths[0]), side="left").tolist()
    behind_a_word = transitions.table[0]
    sums = scores[begins] + np.where(edges[begins - 1, None], transitions.opening, behind_a_word)
    came_from: list[Places] = []
    for step in range(1, lengths[0]):
        runs = going[step]
        ways = sums[:runs, :, None] + transitions.table
        best = ways.argmax(axis=1)
        came_from.append(best)
        sums[:runs] = ways.max(axis=1) + scores[begins[:runs] + step]
    sums += np.where(edges[ends, None], 0, transitions.closing)
    label = sums.argmax(axis=1)
    places: list[Places] = []
    labels: list[Places] = []
    for step in range(lengths[0] - 1, -1, -1):
        runs = going[step]
        places.append(begins[:runs] + step)
        labels.append(label[:runs].copy())
        if step:
            label[:runs] = came_from[step - 1][np.arange(runs), label[:runs]]
    return np.concatenate(places), np.concatenate(labels)
