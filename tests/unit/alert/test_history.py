"""The hours that are kept from round to round are those that would be counted anew."""

from datetime import UTC, datetime, timedelta

import numpy as np

from services.alert.core.history import COUNTED_AGAIN_H, HOUR, KEPT_H, Past

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def counted_by(until: datetime, hours: np.ndarray[tuple[int], np.dtype[np.float64]]) -> Past:
    """Return the past of KEPT_H hours up to ``until``, where ``hours`` begin KEPT_H before NOON."""
    passed = (until - NOON) // HOUR
    return Past(NOON, until, hours[passed : KEPT_H + passed], {"one": 3})


def test_what_is_added_hour_by_hour_is_what_would_be_counted_at_once() -> None:
    every = np.random.default_rng(3).poisson(4.0, KEPT_H + 40).astype(float)
    past = counted_by(NOON, every)
    for step in (1, 1, 3, 30):
        until = past.until + step * HOUR
        late = (until - past.late_since()) // HOUR
        ends = KEPT_H + (until - NOON) // HOUR
        past = past.with_late(every[ends - late : ends], until)
        assert past.hours.tolist() == counted_by(until, every).hours.tolist()


def test_what_was_indexed_late_is_counted_in_the_hours_that_are_looked_at_again() -> None:
    past = counted_by(NOON, np.zeros(KEPT_H))
    assert past.late_since() == NOON - COUNTED_AGAIN_H * HOUR
    past = past.with_late(np.array([5.0, 0.0, 2.0]), NOON + HOUR)
    assert past.hours[-3:].tolist() == [5, 0, 2]
    assert past.hours[:-3].sum() == 0


def test_all_is_counted_anew_after_a_day() -> None:
    past = counted_by(NOON, np.zeros(KEPT_H))
    assert not past.is_stale(NOON + timedelta(hours=23))
    assert past.is_stale(NOON + timedelta(hours=24))
