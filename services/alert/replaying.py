"""What an incident looked like, and what would have fired: each watch is read once."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol

from services.alert.core.band import budget_of
from services.alert.core.counting import EVERYTHING
from services.alert.core.history import HOUR, KEPT_H
from services.alert.core.query import compile_query
from services.alert.core.replay import Replayed, replay, would_be
from services.alert.core.sightings import Sightings
from services.alert.core.watches import Watch
from services.contract.alerts import Alert
from services.contract.search_clauses import Clause

STEP = timedelta(minutes=10)
"""From one round of a backtest to the next, as long as the shortest window. The service's own are
seconds apart: it fires up to so much sooner."""

_LEAD = timedelta(days=1)
"""Rounds before the first day, for what goes on when it begins."""

_WINDOWS_BEFORE, _WINDOWS_AFTER = 12, 3
_ROUNDS_IN_A_WINDOW = 4
_MOST_ROUNDS = 2_000


class Reader(Protocol):
    """Reads articles: edges/sightings.py."""

    def read(self, query: Clause, since: datetime, until: datetime) -> Sightings: ...  # noqa: D102


def backtest(
    reader: Reader,
    watches: Sequence[Watch],
    since: datetime,
    until: datetime,
    false_alerts_per_month: float,
) -> list[Replayed]:
    """Return what ``watches`` would have told from ``since`` to ``until``."""
    begins = since - _LEAD
    moments = [begins + n * STEP for n in range((until - begins) // STEP + 1)]
    replayed = _replay(reader, watches, moments, false_alerts_per_month)
    return [
        replace(
            one,
            rounds=[round_ for round_ in one.rounds if round_.at >= since],
            would_be=[told for told in one.would_be if told.fired_at >= since],
        )
        for one in replayed
    ]


def explain(
    reader: Reader,
    watches: Sequence[Watch],
    alert: Alert,
    now: datetime,
    false_alerts_per_month: float,
) -> Replayed:
    """Return the incident of ``alert`` again, from some windows before to some after.

    The watch is the one of ``watches`` of that id, but asks what it asked then.
    """
    window = timedelta(seconds=alert.window_s)
    asked = {"query": alert.watch.query, "window": window}
    now_and_then = [
        watch.model_copy(update=asked) if watch.id == alert.watch.id else watch for watch in watches
    ]
    at = next(n for n, watch in enumerate(watches) if watch.id == alert.watch.id)
    begins = alert.began_at - _WINDOWS_BEFORE * window
    ends = min(now, (alert.ended_at or alert.at) + _WINDOWS_AFTER * window)
    step = max(window / _ROUNDS_IN_A_WINDOW, (ends - begins) / _MOST_ROUNDS)
    regular = {begins + n * step for n in range((ends - begins) // step + 1)}
    moments = sorted(regular | {alert.began_at, alert.ended_at or alert.at})
    return _replay(reader, now_and_then, moments, false_alerts_per_month)[at]


def _replay(
    reader: Reader,
    watches: Sequence[Watch],
    moments: Sequence[datetime],
    false_alerts_per_month: float,
) -> list[Replayed]:
    since, until = moments[0] - (KEPT_H + 1) * HOUR, moments[-1]
    queries = {watch.id: compile_query(watch.query, until) for watch in watches}
    coverage = reader.read(EVERYTHING, since, until)
    watched = {id_: reader.read(query, since, until) for id_, query in queries.items()}
    rounds = replay(watches, coverage, watched, moments, false_alerts_per_month)
    return [
        Replayed(
            watch=one,
            budget=budget_of(one, watches, false_alerts_per_month),
            rounds=rounds[one.id],
            would_be=would_be(one, rounds[one.id]),
        )
        for one in watches
    ]
