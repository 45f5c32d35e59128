"""Articles as they were seen one after another, and what could be counted of them at any moment.

Read once, they answer what counting.py asks Elasticsearch, for every round of weeks. Here all
counts are exact: those of Elasticsearch are only of as many as it says there.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from services.alert.core.counting import Heard
from services.alert.core.history import HOUR
from services.alert.core.tails import Floats

Ints = NDArray[np.int64]

_TICK = timedelta(milliseconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Sightings:
    """The articles that count of one subject. Every span is from ``since`` to before ``until``."""

    def __init__(self, at_ms: Ints, stories: Ints, sources: Ints, names: Sequence[str]) -> None:
        """``at_ms`` is when each article was first seen, in any order.

        ``stories`` and ``sources`` are numbers from 0; a source's is its place in ``names``.
        """
        order = np.argsort(at_ms, kind="stable")
        self._at_ms, stories, self._sources = at_ms[order], stories[order], sources[order]
        self._names = names
        self._story_before = _previous(stories)
        self._source_before = _previous(self._sources)
        self._both_before = _previous(stories * max(len(names), 1) + self._sources)
        self._by_source = [np.flatnonzero(self._sources == n) for n in range(len(names))]

    def window(self, since: datetime, until: datetime) -> tuple[int, int]:
        """Return the stories and the sources."""
        first, end = self._span(since, until)
        stories, sources = (
            int((before[first:end] < first).sum())
            for before in (self._story_before, self._source_before)
        )
        return stories, sources

    def by_hour(self, since: datetime, until: datetime) -> Floats:
        """Return the stories in each hour; both are full hours."""
        first, end = self._span(since, until)
        hour = (self._at_ms[first:end] - _ms(since)) // (HOUR // _TICK)
        before = self._story_before[first:end] - first
        is_first = (before < 0) | (hour[np.maximum(before, 0)] != hour)
        counts = np.bincount(hour[is_first], minlength=(until - since) // HOUR)
        return counts.astype(np.float64)

    def by_source(self, since: datetime, until: datetime) -> dict[str, int]:
        """Return the stories of each source that has any."""
        first, end = self._span(since, until)
        is_first = self._both_before[first:end] < first
        counts = np.bincount(self._sources[first:end][is_first], minlength=len(self._names))
        return {name: int(n) for name, n in zip(self._names, counts, strict=True) if n}

    def heard(self, since: datetime, until: datetime) -> Heard:
        """Return when each source had its last article, and the last of all."""
        first, end = self._span(since, until)
        last = {}
        for name, own in zip(self._names, self._by_source, strict=True):
            at = int(np.searchsorted(own, end)) - 1
            if at >= 0 and own[at] >= first:
                last[name] = _moment(self._at_ms[own[at]])
        newest = _moment(self._at_ms[end - 1]) if end > first else None
        return Heard(last=last, newest=newest, articles=end - first)

    def _span(self, since: datetime, until: datetime) -> tuple[int, int]:
        first, end = np.searchsorted(self._at_ms, [_ms(since), _ms(until)])
        return int(first), int(end)


def _previous(keys: Ints) -> Ints:
    """Return where each key was before, -1 if nowhere.

    In a span, as many are different as were not before in the span.
    """
    order = np.argsort(keys, kind="stable")
    again = keys[order[1:]] == keys[order[:-1]]
    previous = np.full(len(keys), -1)
    previous[order[1:][again]] = order[:-1][again]
    return previous


def _ms(moment: datetime) -> int:
    return (moment - _EPOCH) // _TICK


def _moment(at_ms: np.int64) -> datetime:
    return _EPOCH + int(at_ms) * _TICK
