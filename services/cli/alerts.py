"""``rasid alerts``: what was told, why, and what a watch says at this moment."""

import json
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from services.alert.config import alerts_index, articles_alias
from services.alert.core.message import full_text
from services.alert.edges.alerts import AlertsIndex
from services.alert.edges.counts import Counter
from services.alert.judging import Judged, Judging
from services.cli.alerts_index import (
    alert_beginning_with,
    enabled_watches,
    ended,
    opened_index,
)
from services.cli.replays import backtest_command, explain_command
from services.contract.alerts import Alert

alerts_app = typer.Typer(no_args_is_help=True, help="Alerts: what was told, and why.")
alerts_app.command("explain")(explain_command)
alerts_app.command("backtest")(backtest_command)

JsonOption = Annotated[bool, typer.Option("--json", help="print JSON")]


@alerts_app.command("list")
def list_command(
    size: Annotated[int, typer.Option("--size", "-n", min=1, max=1_000, help="so many")] = 20,
    as_json: JsonOption = False,
) -> None:
    """Show the newest incidents, the newest first, each as it was told last."""
    with opened_index() as (client, settings):
        alerts = AlertsIndex(client, alerts_index(settings)).newest(size)
    if as_json:
        for alert in alerts:
            typer.echo(alert.model_dump_json(by_alias=True))
    elif not alerts:
        typer.echo("No alerts.")
    else:
        Console(highlight=False).print(_table(alerts))


@alerts_app.command()
def show(
    alert_id: Annotated[
        str, typer.Argument(help="as rasid alerts list shows it, or its beginning")
    ],
    as_json: JsonOption = False,
) -> None:
    """Explain one alert: how much was seen and expected, since when, the stories, the names."""
    with opened_index() as (client, settings):
        alert = alert_beginning_with(alert_id, client, settings)
    if as_json:
        typer.echo(alert.model_dump_json(by_alias=True, indent=2))
    else:
        typer.echo(f"{full_text(alert, 'ar')}\n\n{full_text(alert, 'en')}")


@alerts_app.command("test")
def say_now(
    watch_id: Annotated[str, typer.Argument(metavar="WATCH", help="its id in the file of watches")],
    as_json: JsonOption = False,
) -> None:
    """Say what a watch counts at this moment, and whether that is enough. Nobody is told."""
    with opened_index() as (client, settings):
        watches = enabled_watches(settings)
        if watch_id not in {watch.id for watch in watches}:
            raise ended(f"no enabled watch {watch_id!r} in {settings.watches}")
        judging = Judging(
            Counter(client, articles_alias(settings)), settings.false_alerts_per_month
        )
        judged = judging.judge(watches, datetime.now(UTC).replace(microsecond=0))
    one = next((one for one in judged if one.watch.id == watch_id), None)
    if one is None:
        raise ended(f"Elasticsearch cannot count the articles of the watch {watch_id!r}")
    if as_json:
        figures = one.verdict.figures.model_dump(mode="json")
        typer.echo(json.dumps(figures | {"alerts": one.verdict.evaluation.exceeds}))
    else:
        Console(highlight=False).print(_verdict(one))


def _table(alerts: list[Alert]) -> Table:
    table = Table()
    table.add_column("id", no_wrap=True)
    for name in ("since", "until", "watch", "severity", "stories", "expected", "sources"):
        table.add_column(name)
    for alert in alerts:
        figures = alert.figures
        table.add_row(
            alert.alert_id[:8],
            _moment(alert.began_at),
            _moment(alert.ended_at) if alert.ended_at else "goes on",
            f"{alert.watch.title}\n{alert.watch.title_en}",
            alert.watch.severity,
            str(alert.peak),
            f"{figures.expected:.1f}",
            str(figures.sources),
        )
    return table


def _verdict(judged: Judged) -> Table:
    """Return what was counted, what that is compared with, and what came of it."""
    watch, figures = judged.watch, judged.verdict.figures
    table = Table(watch.id, "seen", "an alert needs")
    is_spike = watch.kind == "spike"
    stories, sources = f"at least {watch.min_articles}", f"at least {watch.min_sources}"
    table.add_row(f"stories in {watch.window}", str(figures.stories), stories if is_spike else "")
    table.add_row("sources", str(figures.sources), sources if is_spike else "")
    ratio = figures.stories / max(figures.expected, 1e-9)
    needed = f"at least {watch.min_ratio:g}" if is_spike else f"at most {1 / watch.min_ratio:g}"
    table.add_row("expected stories", f"{figures.expected:.2f}", "")
    table.add_row("times what is expected", f"{ratio:.1f}", needed)
    table.add_row(
        "alerts a month that chance would raise there",
        f"{figures.false_alerts_per_month:.2g}",
        f"at most {watch.false_alerts_per_month:g}",
    )
    for name, is_so in (("learning", figures.learning), ("degraded", figures.degraded)):
        if is_so:
            table.add_row(name, "yes", "")
    verdict = judged.verdict.evaluation.exceeds
    table.add_row("enough for an alert", "yes" if verdict else "no", "")
    return table


def _moment(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M")
