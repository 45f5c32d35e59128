"""The tables and the JSON of ``rasid alerts explain`` and ``backtest``. Tables: Tripoli time."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from math import ceil, isnan
from statistics import median
from typing import Any

from rich.table import Table

from services.alert.core.message import TRIPOLI
from services.alert.core.picture import limits_in
from services.alert.core.replay import Replayed, Round, WouldBe
from services.contract.alerts import Alert

_MOST_ROWS = 40
_MONTH_DAYS = 30


def explained_table(alert: Alert, explained: Replayed) -> Table:
    """Return a row a window, and those in which something happened."""
    watch = explained.watch
    needed = "alerts from" if watch.kind == "spike" else "alerts up to"
    columns = ("window until", "stories", "sources", "expected", "ratio", needed, "")
    fires_again = any(one.at == alert.began_at and one.incident for one in explained.rounds)
    caption = "Tripoli time" if fires_again else _NOT_AGAIN
    table = Table(*columns, title=f"{watch.id}, windows of {watch.window}", caption=caption)
    rounds = list(_rows(alert, explained))
    for one, limit in zip(rounds, limits_in(explained, rounds), strict=True):
        table.add_row(
            _moment(one.at),
            str(one.figures.stories),
            str(one.figures.sources),
            f"{one.figures.expected:.2f}",
            f"{one.ratio:.1f}",
            "never" if isnan(limit) else f"{limit:.0f}",
            ", ".join(_remarks(one, explained)),
        )
    return table


_NOT_AGAIN = "With the watches and the articles of today it would not have fired at that moment."


def _rows(alert: Alert, explained: Replayed) -> Iterator[Round]:
    rounds, window = explained.rounds, explained.watch.window
    stride = window * ceil((rounds[-1].at - rounds[0].at) / window / _MOST_ROWS)
    shown: int | None = None
    for one in rounds:  # where no article came for minutes, windows end a little earlier
        part = (one.at - alert.began_at + window / 8) // stride
        if part != shown or _remarks(one, explained):
            yield one
        shown = part


def _remarks(one: Round, explained: Replayed) -> list[str]:
    onsets = [told.onset for told in explained.would_be]
    return [
        *(["onset"] if one.at in onsets else []),
        *([one.happening] if one.happening else []),
    ]


def explained_json(alert: Alert, explained: Replayed) -> dict[str, Any]:
    """Return all rounds; ``limit`` is the count that alerts, null where none does."""
    limits = limits_in(explained, explained.rounds)
    return {
        "alert_id": alert.alert_id,
        "watch": explained.watch.id,
        "window_s": explained.watch.window.total_seconds(),
        "incidents": [_incident(told, explained) for told in explained.would_be],
        "rounds": [
            {
                "at": _utc(one.at),
                "limit": None if isnan(limit) else int(limit),
                "happening": one.happening,
                **one.figures.model_dump(mode="json"),
            }
            for one, limit in zip(explained.rounds, limits, strict=True)
        ],
    }


def backtest_tables(replayed: Sequence[Replayed], days: float) -> list[Table]:
    """Return a row a watch, the loudest first, and a row an incident, in the order of time."""
    watches = Table("watch", "fired", "a month", "late (median), h:mm", "highest ratio")
    for one in sorted(replayed, key=lambda one: -len(one.would_be)):
        row = _row(one, days)
        late = row["late_s"]
        watches.add_row(
            row["watch"],
            str(row["fired"]),
            f"{row['a_month']:.1f}",
            "" if late is None else str(timedelta(minutes=round(late / 60)))[:-3],
            "" if row["ratio"] is None else f"{row['ratio']:.1f}",
        )
    columns = ("watch", "onset", "fired", "until", "most", "expected", "sources")
    incidents = Table(*columns, caption="Tripoli time")
    told = [(one.watch.id, each) for one in replayed for each in one.would_be]
    for watch_id, each in sorted(told, key=lambda pair: (pair[1].fired_at, pair[0])):
        figures = each.peak.figures
        incidents.add_row(
            watch_id,
            _moment(each.onset) if each.onset else "before",
            _moment(each.fired_at),
            _moment(each.ended_at) if each.ended_at else "goes on",
            str(figures.stories),
            f"{figures.expected:.1f}",
            str(figures.sources),
        )
    return [watches, incidents] if told else [watches]


def backtest_json(
    replayed: Sequence[Replayed], since: datetime, until: datetime, days: float
) -> dict[str, Any]:
    """Return what the tables say."""
    return {
        "from": _utc(since),
        "to": _utc(until),
        "watches": [_row(one, days) for one in replayed],
        "incidents": [_incident(told, one) for one in replayed for told in one.would_be],
    }


def _row(replayed: Replayed, days: float) -> dict[str, Any]:
    told = replayed.would_be
    late = [seconds for one in told if (seconds := _late_s(one)) is not None]
    return {
        "watch": replayed.watch.id,
        "fired": len(told),
        "a_month": len(told) / days * _MONTH_DAYS,
        "late_s": median(late) if late else None,
        "ratio": max((one.peak.ratio for one in told), default=None),
    }


def _incident(told: WouldBe, replayed: Replayed) -> dict[str, Any]:
    figures = told.peak.figures
    return {
        "watch": replayed.watch.id,
        "onset": _utc(told.onset) if told.onset else None,
        "fired_at": _utc(told.fired_at),
        "ended_at": _utc(told.ended_at) if told.ended_at else None,
        "late_s": _late_s(told),
        "peak": figures.stories,
        "expected": figures.expected,
        "ratio": told.peak.ratio,
        "sources": figures.sources,
    }


def _late_s(told: WouldBe) -> float | None:
    return (told.fired_at - told.onset).total_seconds() if told.onset else None


def _moment(at: datetime) -> str:
    return at.astimezone(TRIPOLI).strftime("%Y-%m-%d %H:%M")


def _utc(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()
