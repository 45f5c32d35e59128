"""``rasid alerts explain`` and ``backtest``: what was counted when, and what would have fired."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from services.alert.config import articles_alias
from services.alert.core.message import TRIPOLI
from services.alert.core.picture import picture
from services.alert.edges.sightings import SightingsReader
from services.alert.replaying import backtest, explain
from services.cli.alerts_index import (
    alert_beginning_with,
    enabled_watches,
    ended,
    opened_index,
)
from services.cli.replays_tables import (
    backtest_json,
    backtest_tables,
    explained_json,
    explained_table,
)

_LONGEST = timedelta(days=366)
"""All rounds are kept in memory, and a year of many watches takes a quarter of an hour."""

_NOTHING_BEFORE = datetime(2000, 1, 1, tzinfo=UTC)  # was seen by Rasid

JsonOption = Annotated[bool, typer.Option("--json", help="print JSON")]
ChartOption = Annotated[Path | None, typer.Option("--chart", help="draw it, as SVG")]


def explain_command(
    alert_id: Annotated[
        str, typer.Argument(help="as rasid alerts list shows it, or its beginning")
    ],
    as_json: JsonOption = False,
    chart: ChartOption = None,
) -> None:
    """Count an incident again: window by window what was seen, expected, and enough to alert."""
    with opened_index() as (client, settings):
        alert = alert_beginning_with(alert_id, client, settings)
        watches = enabled_watches(settings)
        if alert.watch.kind == "emerging":
            raise ended("it rose without a watch: what was enough hung on all that rose with it")
        if alert.watch.id not in {watch.id for watch in watches}:
            raise ended(f"no enabled watch {alert.watch.id!r} in {settings.watches} any more")
        reader = SightingsReader(client, articles_alias(settings))
        now, budget = datetime.now(UTC), settings.false_alerts_per_month
        explained = explain(reader, watches, alert, now, budget)
    if chart:
        _write(chart, picture([explained]))
    if as_json:
        typer.echo(json.dumps(explained_json(alert, explained), indent=2))
    else:
        typer.echo(f"{alert.text}\n{alert.text_en}")
        Console(highlight=False).print(explained_table(alert, explained))


def backtest_command(
    first: Annotated[
        datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="the first day, in Libya")
    ],
    last: Annotated[
        datetime, typer.Option("--to", formats=["%Y-%m-%d"], help="the last day, in Libya")
    ],
    watch_ids: Annotated[
        list[str] | None, typer.Argument(metavar="[WATCH]...", help="all that there are if none")
    ] = None,
    as_json: JsonOption = False,
    chart: ChartOption = None,
) -> None:
    """Say what today's watches would have told of the articles in the index. Nobody is told."""
    since, until = _between(first, last, datetime.now(UTC))
    with opened_index() as (client, settings):
        watches = enabled_watches(settings)
        if unknown := set(watch_ids or ()) - {watch.id for watch in watches}:
            raise ended(f"no enabled watch {min(unknown)!r} in {settings.watches}")
        reader = SightingsReader(client, articles_alias(settings))
        every = backtest(reader, watches, since, until, settings.false_alerts_per_month)
    shown = [one for one in every if not watch_ids or one.watch.id in watch_ids]
    if chart:
        _write(chart, picture([one for one in shown if watch_ids or one.would_be]))
    days = (until - since) / timedelta(days=1)
    if as_json:
        typer.echo(json.dumps(backtest_json(shown, since, until, days), indent=2))
    else:
        Console(highlight=False).print(*backtest_tables(shown, days), sep="\n")


def _between(first: datetime, last: datetime, now: datetime) -> tuple[datetime, datetime]:
    """Return when the ``first`` day begins and the ``last`` one ends in Libya, or now."""
    since = first.replace(tzinfo=TRIPOLI)
    until = now
    if last.date() <= now.date():  # else the day after may be behind the end of the calendar
        until = min((last + timedelta(days=1)).replace(tzinfo=TRIPOLI), now)
    if until <= since or until < _NOTHING_BEFORE:
        raise typer.BadParameter(f"nothing is between --from {first:%Y-%m-%d} and --to or now")
    if until - since > _LONGEST:
        raise typer.BadParameter(f"--from and --to are {_LONGEST.days} days apart at most")
    return since, until


def _write(file: Path, svg: str) -> None:
    try:
        file.write_text(svg, encoding="utf-8")
    except OSError as error:
        raise ended(f"{file}: {error.strerror}") from error
