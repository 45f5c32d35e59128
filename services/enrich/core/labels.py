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
"""Scores for each of LABELS: how much speaks for it, in thousandths."""

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

    ``scores`` has a row for each label. The best are those whose ``scores`` and ``transitions`` sum
    up to most (Viterbi). Beside a run is a word without a name, or an edge of the sentence: where
    ``edges`` is true. All runs take their steps together, the longest first, so that those still
    going are the first ones.
    """
    if not len(begins):
        return begins, begins
    order = (begins - ends).argsort(kind="stable")
    begins, ends = begins.take(order), ends.take(order)
    lengths = ends - begins
    going = (-lengths).searchsorted(-np.arange(lengths[0]), side="left").tolist()
    table, into = transitions.table, transitions.table[:, :, None]
    opening = np.where(edges.take(begins - 1), transitions.opening[:, None], table[0][:, None])
    places = np.concatenate([begins[:runs] + step for step, runs in enumerate(going)])
    speaking, at = scores.take(places, axis=1), len(begins)
    so_far = [speaking[:, :at] + opening]
    for runs in going[1:]:
        most = (so_far[-1][:, None, :runs] + into).max(axis=0)
        so_far.append(most + speaking[:, at : at + runs])
        at += runs
    closing = np.where(edges.take(ends), 0, transitions.closing[:, None])
    label = np.empty(0, np.intp)
    labels: list[Places] = []
    for ways in reversed(so_far):
        behind = len(label)
        ways[:, :behind] += table.take(label, axis=1)
        ways[:, behind:] += closing[:, behind : ways.shape[1]]
        label = ways.argmax(axis=0)
        labels.append(label)
    return places, np.concatenate(labels[::-1])
