"""The tables of ``rasid sources``."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from rich.console import Console
from rich.table import Table
from rich.text import Text

from services.ingest.check import Checked
from services.ingest.core.status import Day, SourceStatus
from services.ingest.discover import Found


def show_checked(console: Console, checked: Sequence[Checked]) -> None:
    """Print a line a source, and how many of them give items."""
    table = _table("source", "", "what", "items", "newest UTC", "encoding", "robots", "problems")
    for one in checked:
        good = one.outcome == "ok"
        table.add_row(
            one.id,
            Text(one.outcome, "green" if good else "red"),
            one.form or "",
            str(one.items),
            _minute(one.newest),
            one.encoding or "",
            one.robots,
            Text("; ".join(one.problems)),
        )
    console.print(table)
    good_ones = sum(one.outcome == "ok" for one in checked)
    console.print(f"{good_ones} of {len(checked)} give items.")


def show_found(console: Console, found: Sequence[Found]) -> None:
    """Print a line a source that was found; the address is whole, to be copied."""
    for one in found:
        newest = f", newest {_minute(one.newest)} UTC" if one.newest else ""
        console.print(Text(one.url, "bold"), soft_wrap=True)
        console.print(
            f"  kind: {one.kind} ({one.form}), {one.items} items{newest}; named by: {one.by}",
            markup=False,
            soft_wrap=True,
        )


def show_status(console: Console, rows: Sequence[SourceStatus], now: datetime) -> None:
    """Print a line a source."""
    table = _table(
        *("source", "last success", "next poll", "failures", "today", "yesterday", "silent for"),
        "given up",
    )
    for row in rows:
        table.add_row(
            row.id,
            f"{span(now - row.last_success)} ago" if row.last_success else "never",
            _due(row.next_poll, now),
            Text(f"{row.failures} ({row.failure_weight:g})", "red") if row.failures else "",
            _day(row.today),
            _day(row.yesterday),
            span(row.silent_for) if row.silent_for is not None else "",
            Text(str(len(row.given_up)), "red") if row.given_up else "",
        )
    console.print(table)
    console.print("today, yesterday (UTC): new items, of which duplicates", style="dim")
    if any(row.given_up for row in rows):
        console.print("given up: listed items; rasid sources retry tries them again", style="dim")


def _table(*columns: str) -> Table:
    return Table(*columns, box=None, pad_edge=False)


def _minute(moment: datetime | None) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M}" if moment else ""


def _due(moment: datetime | None, now: datetime) -> str:
    if moment is None:
        return ""
    return f"in {span(moment - now)}" if moment > now else "now"


def _day(day: Day) -> str:
    return f"{day.items}/{day.duplicates}" if day.items else "0"


def span(span: timedelta) -> str:
    """Return about how long: 40 s, 12 min, 5 h, 3 d."""
    seconds = max(0.0, span.total_seconds())
    for unit_s, unit, most in ((1, "s", 120), (60, "min", 120), (3_600, "h", 48)):
        if seconds < unit_s * most:
            return f"{seconds // unit_s:.0f} {unit}"
    return f"{seconds // 86_400:.0f} d"
