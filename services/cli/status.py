"""``rasid status``: all that a person on call looks at first, in one screen."""

import dataclasses
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

import httpx
import typer
from elasticsearch import ApiError, TransportError
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample
from rich.console import Console
from rich.table import Table
from rich.text import Text

from deploy.local.services import SERVICES, service_url
from services.alert.config import AlertSettings, alerts_index
from services.alert.edges.alerts import AlertsIndex
from services.cli.sources_tables import span
from services.index.config import IndexSettings
from services.index.search import SearchRequest, search
from services.index.view import SearchError
from services.runtime.elasticsearch import make_client
from services.runtime.settings import ServiceSettings, load

_TIMEOUT_S = 3.0
_NEWEST = 5
_FAILING_WEIGHT = 4.0  # as in deploy/prometheus/rules.yml: SourceFailing


@dataclass(frozen=True, slots=True)
class ServiceStatus:
    """One service: ``state`` is ready, down, or what it waits for. Its figures: None if unknown."""

    name: str
    url: str
    state: str
    lag_records: int | None = None
    lag_s: float | None = None
    done: int | None = None
    dead: int | None = None


@dataclass(frozen=True, slots=True)
class Article:
    """One of the newest articles."""

    first_seen_at: datetime
    source: str
    title: str


@dataclass(frozen=True, slots=True)
class Status:
    """What there is to see. ``problems`` says what could not be asked; None is not known."""

    services: list[ServiceStatus]
    sources: int | None
    failing_sources: list[str]
    articles: list[Article]
    alerts: list[str]
    problems: list[str]

    @property
    def good(self) -> bool:
        """Whether everything answers and nothing is waited for."""
        return not self.problems and all(s.state == "ready" for s in self.services)


def status_command(
    as_json: Annotated[bool, typer.Option("--json", help="print one JSON object")] = False,
) -> None:
    """Show services, lag, sources, the last articles and alerts; code 1 if something is down."""
    status = look(os.environ)
    if as_json:
        plain = dataclasses.asdict(status) | {"good": status.good}
        typer.echo(json.dumps(plain, ensure_ascii=False, indent=2, default=datetime.isoformat))
    else:
        _show(Console(highlight=False), status)
    if not status.good:
        raise typer.Exit(1)


def look(environ: Mapping[str, str]) -> Status:
    """Ask every service, and Elasticsearch. What does not answer is said, and stops nothing."""
    asked = {name: _samples(load(kind, environ)) for name, kind in SERVICES.items()}
    services = [_service(name, load(kind, environ), asked[name]) for name, kind in SERVICES.items()]
    scheduled = [s.value for s in asked["ingest"] if s.name == "rasid_sources_scheduled"]
    failing = [
        sample.labels["source"]
        for sample in asked["ingest"]
        if sample.name == "rasid_source_failure_weight" and sample.value >= _FAILING_WEIGHT
    ]
    problems: list[str] = []
    articles, alerts = _newest(environ, problems)
    return Status(
        services, int(scheduled[0]) if scheduled else None, failing, articles, alerts, problems
    )


def _samples(settings: ServiceSettings) -> list[Sample]:
    """Return the metrics of a service; none if it does not answer, or another program does."""
    try:
        answer = httpx.get(service_url(settings, "metrics"), timeout=_TIMEOUT_S)
        families = list(text_string_to_metric_families(answer.text))
    except (httpx.HTTPError, ValueError):  # what is no page of metrics
        return []
    samples = [sample for family in families for sample in family.samples]
    return [sample for sample in samples if sample.name.startswith("rasid_")]


def _service(name: str, settings: ServiceSettings, samples: list[Sample]) -> ServiceStatus:
    def values(metric: str, **labels: str) -> list[float]:
        return [s.value for s in samples if s.name == metric and labels.items() <= s.labels.items()]

    url = service_url(settings, "")
    if not samples:
        return ServiceStatus(name, url, "down")
    waits = [s.labels["component"] for s in samples if s.name == "rasid_unavailable" and s.value]
    lag = values("rasid_consumer_lag_records")
    return ServiceStatus(
        name,
        url,
        f"waits for {', '.join(waits)}" if waits else "ready",
        int(sum(lag)) if lag else None,
        max(values("rasid_consumer_lag_seconds"), default=None),
        int(sum(values("rasid_articles_total", fate="done"))),
        int(sum(values("rasid_articles_total", fate="dead"))),
    )


def _newest(environ: Mapping[str, str], problems: list[str]) -> tuple[list[Article], list[str]]:
    """Return the newest articles and the alerts that go on, or say in ``problems`` why not."""
    settings = load(IndexSettings, environ)
    client = make_client(settings, _TIMEOUT_S)
    try:
        hits = search(client, settings, SearchRequest("", _NEWEST)).hits
        alerts = AlertsIndex(client, alerts_index(load(AlertSettings, environ))).going_on()
    except (SearchError, ApiError, TransportError) as error:
        problems.append(f"Elasticsearch at {settings.elasticsearch_url}: {error}")
        return [], []
    finally:
        client.close()
    articles = [
        Article(hit.first_seen_at, hit.source, "".join(piece.text for piece in hit.title))
        for hit in hits
    ]
    return articles, [alert.text for alert in alerts]


def _show(console: Console, status: Status) -> None:
    table = Table("service", "state", "lag", "behind", "done", "dead", "address", box=None)
    table.columns[1].no_wrap = True  # what is waited for is what a person looks for
    for one in status.services:
        table.add_row(
            one.name,
            Text(one.state, "green" if one.state == "ready" else "red"),
            _figure(one.lag_records),
            _figure(one.lag_s, " s"),
            _figure(one.done),
            _figure(one.dead),
            one.url.removeprefix("http://").rstrip("/"),
        )
    console.print(table)
    for problem in status.problems:
        console.print(problem, style="red", markup=False)
    failing = ", ".join(status.failing_sources) or "none"
    console.print(f"\nsources: {_figure(status.sources)} polled, failing: {failing}", markup=False)
    now = datetime.now(UTC)
    for article in status.articles:
        ago = span(now - article.first_seen_at)
        console.print(f"{ago:>8} ago  {article.source}: {article.title}", markup=False)
    for text in status.alerts:
        console.print(f"alert: {text}", style="yellow", markup=False)


def _figure(value: float | None, unit: str = "") -> str:
    return "?" if value is None else f"{value:,.0f}{unit}"
