"""The hours that are learnt from, as far as they have been counted.

Elasticsearch has counted them once; each hour that has passed is added to them, so that a round
asks for the present only. What is kept can be lost at any time: it is counted again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from services.alert.core.baseline import HISTORY_H
from services.alert.core.tails import Floats

HOUR = timedelta(hours=1)
LONGEST_WINDOW_H = 24

KEPT_H = HISTORY_H + LONGEST_WINDOW_H + 1
"""The history of a window ends before the window begins: of one of a day, up to a day ago."""

COUNTED_AGAIN_H = 2
"""An article may be indexed some time after it was first seen: late hours are counted anew."""

STALE = timedelta(days=1)
"""Who writes of a subject changes slowly, and is counted again after so long."""


CHANGED = 0.1
"""The part of all articles that may come or go before all is counted anew; a day brings less."""


@dataclass(frozen=True, slots=True)
class Past:
    """What was counted for one subject: stories in the KEPT_H hours up to ``until``, and by source.

    ``read_at`` is when all of it was counted for the last time.
    """

    read_at: datetime
    until: datetime
    hours: Floats
    by_source: Mapping[str, int]

    def is_stale(self, now: datetime) -> bool:
        """Return whether all of it is to be counted anew."""
        is_later = self.until > full_hour(now)  # the clock was set back
        return is_later or now - self.read_at >= STALE

    def with_late(self, late: Floats, until: datetime) -> "Past":
        """Return the past with the hours up to ``until``, of which the last ones are ``late``."""
        passed = (until - self.until) // HOUR
        hours = np.concatenate([self.hours[passed:], np.zeros(passed)])
        hours[-len(late) :] = late
        return Past(self.read_at, until, hours, self.by_source)

    def late_since(self) -> datetime:
        """Return from which hour on it is to be counted again."""
        return self.until - COUNTED_AGAIN_H * HOUR


def has_changed(articles: int, when_counted: int) -> bool:
    """Return whether the past cannot be what it was when it was counted.

    An index that is being filled, from what Kafka still has or by a migration, gets its past after
    its present.
    """
    return abs(articles - when_counted) > CHANGED * max(articles, when_counted)


def full_hour(moment: datetime) -> datetime:
    """Return the beginning of the hour in UTC."""
    return moment.replace(minute=0, second=0, microsecond=0)


def history_before(hours: Floats, after: int) -> Floats:
    """Return the HISTORY_H hours of each row that end ``after`` hours before its last does.

    If nothing has come for days they end so long ago that the first of them were not counted: they
    are 0, as if there had been no coverage yet.
    """
    counted = hours[:, : max(hours.shape[1] - after, 0)][:, -HISTORY_H:]
    return np.pad(counted, ((0, 0), (HISTORY_H - counted.shape[1], 0)))


def sources_of(pasts: Sequence[Past]) -> tuple[str, ...]:
    """Return all sources that wrote of any of the subjects, in order."""
    return tuple(sorted({source for past in pasts for source in past.by_source}))


def stories_by_source(pasts: Sequence[Past], sources: Sequence[str]) -> Floats:
    """Return how many stories each of ``sources`` had of each subject: (subjects, sources)."""
    return np.array(
        [[past.by_source.get(source, 0) for source in sources] for past in pasts], dtype=float
    ).reshape(len(pasts), len(sources))
