"""What a source's cursor says about it to a person."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from services.contract.articles import SourceState
from services.ingest.core.counts import FIRST_OUTCOMES
from services.ingest.core.retrying import given_up
from services.ingest.core.sources import Source

DUPLICATES = ("joined", "duplicate")


@dataclass(frozen=True, slots=True)
class Day:
    """New items of a day of UTC, and how many of them were articles already known."""

    items: int
    duplicates: int


@dataclass(frozen=True, slots=True)
class SourceStatus:
    """``silent_for`` is how long no new article has come; None: none ever came.

    ``given_up`` are the keys of listed items that are not tried any more.
    """

    id: str
    name: str
    enabled: bool
    last_success: datetime | None
    next_poll: datetime | None
    failures: int
    failure_weight: float
    silent_for: timedelta | None
    today: Day
    yesterday: Day
    given_up: tuple[str, ...]


def status_of(source: Source, state: SourceState | None, now: datetime) -> SourceStatus:
    """Return what is known of ``source``; ``state`` is None if it was never polled."""
    state = state or SourceState(source_id=source.id)
    newest = newest_article(state)
    return SourceStatus(
        id=source.id,
        name=source.name,
        enabled=source.enabled,
        last_success=state.polled_at,
        next_poll=state.next_poll_at,
        failures=state.failures,
        failure_weight=state.failure_weight,
        silent_for=max(now - newest, timedelta(0)) if newest else None,
        today=_day(state.daily or {}, now.date()),
        yesterday=_day(state.daily or {}, now.date() - timedelta(days=1)),
        given_up=tuple(given_up(state)),
    )


def newest_article(state: SourceState) -> datetime | None:
    """Return when the source last had an article that was new, None if it never had one."""
    return max((seen.first_seen_at for seen in state.seen.values()), default=None)


def _day(daily: Mapping[str, Mapping[str, int]], day: date) -> Day:
    counts = daily.get(day.isoformat(), {})
    first = sum(counts.get(outcome, 0) for outcome in FIRST_OUTCOMES)
    return Day(
        items=max(first - counts.get("retried", 0), 0),  # which were counted before
        duplicates=sum(counts.get(outcome, 0) for outcome in DUPLICATES),
    )
