"""When a source is polled next: by what it showed, what it asks for, and how often it failed.

A source's own interval follows what its polls show: twice in a row nothing but old items make it
longer, twice in a row something new shorter, between the bounds of the catalogue. So about every
other poll finds something new, and one that did never slows the source, however long its feed is.
What the server asks for and failures make the wait longer than the interval, but do not change the
interval: the first good poll after a failure goes on where the source was before it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from services.contract.articles import SourceState
from services.ingest.core.answers import Validators

ALL_OLD = 1.0
STEP = 1.5
"""By how much an interval grows or shrinks at once."""

JITTER = 0.1
"""Share of the wait by which chance makes it longer, so that sources do not fall into step."""

LONGEST_WAIT_S = 86_400.0
"""No source is left alone for longer, whatever it says and however often it failed."""

BELIEVED_UNCHANGED = timedelta(hours=24)
"""For how long "not modified" is believed: a server that says nothing else is stuck."""

RECORD_EVERY = timedelta(hours=6)

WEIGHTS: Mapping[Literal["hard", "soft", "temporary"], float] = {
    "hard": 1.0,
    "soft": 0.5,
    "temporary": 0.25,
}
"""What a failure adds to a source's ``failure_weight``."""

FAILING = 1.0
"""The weight from which a source counts as failing rather than as having hiccups."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """The shortest and the longest interval of a source, in seconds."""

    min_s: float
    max_s: float


def after_answer(
    state: SourceState,
    old_share: float | None,
    asked_s: float,
    bounds: Bounds,
    chance: float,
    now: datetime,
) -> SourceState:
    """Return ``state`` after a poll that the source answered.

    ``old_share`` is the share of the listed items that were known, 1 where nothing was modified,
    None if it says nothing (a first poll, an empty feed). ``asked_s`` is for how long the source
    says that it does not change; it is believed up to the longest interval. ``chance`` is between
    0 and 1.
    """
    interval_s = _interval_s(state, old_share, bounds)
    wait_s = max(interval_s, min(asked_s, bounds.max_s))
    return state.model_copy(
        update={
            "interval_s": interval_s,
            "old_share": old_share,
            "failures": 0,
            "failure_weight": 0.0,
            "polled_at": now,
            "next_poll_at": _later(now, wait_s, chance),
        }
    )


def after_failure(
    state: SourceState,
    weight: float,
    retry_after_s: float,
    bounds: Bounds,
    chance: float,
    now: datetime,
) -> SourceState:
    """Return ``state`` after a poll that gave no feed.

    The wait grows with the weight of the failures in a row. ``retry_after_s`` is what the server
    asks for; like everything it is limited to LONGEST_WAIT_S.
    """
    failure_weight = state.failure_weight + weight
    wait_s = _within(state.interval_s or bounds.min_s, bounds) * (1 + failure_weight)
    return state.model_copy(
        update={
            "failures": state.failures + 1,
            "failure_weight": failure_weight,
            "next_poll_at": _later(now, max(wait_s, retry_after_s), chance),
        }
    )


def validators(state: SourceState, now: datetime) -> Validators:
    """Return what stands for the listing that is known: nothing when it is time to read it all."""
    if state.full_at is None or now - state.full_at >= BELIEVED_UNCHANGED:
        return Validators()
    return Validators(state.etag, state.last_modified, state.body_hash)


def is_worth_recording(recorded: SourceState, state: SourceState) -> bool:
    """Return whether the schedule in ``state`` is news, compared with what was recorded last.

    A cursor may have 500 kB, so a poll that found nothing new is mostly not recorded: after a
    restart the source is polled at once, and the interval, roughly as it was, is all that is
    needed. Recorded is what would be missed: an interval that is another one by now, the beginning
    and the end of a trouble, a move, and for ``rasid sources status`` a sign of life.
    """
    if recorded.polled_at is None or state.polled_at is None:
        alive = recorded.polled_at is not state.polled_at
    else:
        alive = state.polled_at - recorded.polled_at >= RECORD_EVERY
    was_failing, is_failing = recorded.failure_weight >= FAILING, state.failure_weight >= FAILING
    before_s, after_s = recorded.interval_s or 1.0, state.interval_s or 1.0
    return (
        alive
        or was_failing is not is_failing
        or not 0.5 < after_s / before_s < 2
        or (recorded.url, recorded.moved_to) != (state.url, state.moved_to)
    )


def _interval_s(state: SourceState, old_share: float | None, bounds: Bounds) -> float:
    interval_s = state.interval_s or bounds.min_s
    if old_share is not None and state.old_share is not None:
        if min(old_share, state.old_share) == ALL_OLD:
            interval_s *= STEP
        elif max(old_share, state.old_share) < ALL_OLD:
            interval_s /= STEP
    return _within(interval_s, bounds)


def _within(interval_s: float, bounds: Bounds) -> float:
    return min(max(interval_s, bounds.min_s), bounds.max_s)


def _later(now: datetime, wait_s: float, chance: float) -> datetime:
    return now + timedelta(seconds=min(wait_s, LONGEST_WAIT_S) * (1 + JITTER * chance))
