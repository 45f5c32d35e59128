"""The demo: the whole path on the bundled sample site, as it happens, then what came of it."""

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from elasticsearch import ApiError, Elasticsearch, TransportError
from rich.console import Console, Group
from rich.live import Live
from rich.table import Table

from deploy.demo.expected import final_revisions
from deploy.demo.forget import forget_namespace
from deploy.demo.past import bulletins, collect
from deploy.demo.report import find_alert, print_alert, print_report, unanswered_searches
from deploy.demo.site import DemoSite
from deploy.local.config import StackConfig
from deploy.local.credentials import set_up, settings_of
from deploy.local.run import Running, local_stack, services
from deploy.local.scrape import total
from deploy.local.services import SERVICES, service_environ, service_url
from services.index.config import alias
from services.runtime.elasticsearch import make_client
from services.runtime.settings import Settings, load

NAMESPACE = "demo"
"""The demo's own topics and index, so that sample articles never mix with real ones."""

FATES = ("done", "skipped", "dead")
ARRIVAL_DEADLINE_S = 240.0
ALERT_DEADLINE_S = 60.0
WATCHES = Path(__file__).with_name("watches.yaml")
_LOOK_EVERY_S = 0.5

Revisions = dict[str, int]


def run_demo(environ: Mapping[str, str], console: Console, *, exit_when_found: bool) -> int:
    """Run the demo and return its exit code: 0 if every expected article was found.

    Raises StackError or ConfigurationError if something cannot be started.
    """
    config = StackConfig.from_environ({**environ, "RASID_NAMESPACE": NAMESPACE})
    with (
        local_stack(config, console.print),
        DemoSite() as site,
        TemporaryDirectory(prefix="rasid-demo-") as folder,
    ):
        sources = Path(folder) / "sources.yaml"
        sources.write_text(site.sources_yaml(), encoding="utf-8")
        variables = service_environ(
            config,
            environ,
            RASID_NAMESPACE=NAMESPACE,
            RASID_INGEST_SOURCES=str(sources),
            RASID_INGEST_ALLOW_ADDRESSES="127.0.0.1",
            RASID_INGEST_HOST_GAP_S="0",
            RASID_ALERT_WATCHES=str(WATCHES),
            RASID_ALERT_EVERY_S="2",
            RASID_ALERT_EMERGING_FALSE_ALERTS_PER_MONTH="0",  # one alert, always the same
        )
        settings = settings_of(config)
        forget_namespace(settings)
        set_up(config)
        console.print(f"Sample news site on {site.url}")
        past = collect(settings, bulletins(site.newsroom, site.url, datetime.now(UTC)))
        console.print(f"{past} bulletins of the days before, for alerts to compare with")
        with services(config, variables) as running, make_client(settings) as client:
            missing = follow(final_revisions(site), running, client, console)
            unanswered = unanswered_searches(site, client, settings)
            print_report(client, settings, console)
            alert = find_alert(client, settings, ALERT_DEADLINE_S)
            print_alert(alert, console)
            print_addresses(config, site, running, console)
            for url in sorted(missing):
                console.print(f"did not arrive: {url}", style="red", markup=False)
            for query in unanswered:
                console.print(f"not found by {query}", style="red", markup=False)
            if not exit_when_found:
                console.print("It goes on: every 2 s the site is polled. Ctrl-C stops.")
                running.until_interrupted()
            return 0 if alert and not missing and not unanswered else 1


def follow(
    expected: Revisions, running: Running, client: Elasticsearch, console: Console
) -> Revisions:
    """Show the articles on their way until all are searchable; return those that are missing."""
    settings = load(Settings, running.environ)
    deadline = time.monotonic() + ARRIVAL_DEADLINE_S
    with Live(console=console, transient=True, auto_refresh=False) as live:
        while True:
            running.check()
            found = found_revisions(client, settings)
            missing = {url: n for url, n in expected.items() if found.get(url, 0) < n}
            view = progress_view(running, len(expected) - len(missing), len(expected))
            live.update(view, refresh=True)
            if not missing or time.monotonic() > deadline:
                break
            time.sleep(_LOOK_EVERY_S)
    console.print(view)
    return missing


def found_revisions(client: Elasticsearch, settings: Settings) -> Revisions:
    """Return the revision of every searchable article by its canonical URL."""
    try:
        answer = client.search(
            index=alias(settings), size=1_000, source_includes=["canonical_url", "revision"]
        )
    except (ApiError, TransportError):
        return {}
    hits = [hit["_source"] for hit in answer["hits"]["hits"]]
    return {hit["canonical_url"]: hit["revision"] for hit in hits}


def progress_view(running: Running, searchable: int, expected: int) -> Group:
    """Return how many articles and revisions met which fate in each service, and what is found."""
    table = Table("service")
    for fate in FATES:
        table.add_column(fate, justify="right")
    for name in reversed(list(SERVICES)):
        table.add_row(name, *(str(_settled(running.environ, name, fate)) for fate in FATES))
    return Group(
        "Articles and their revisions, by fate",
        table,
        f"{searchable} of {expected} articles searchable in their newest wording",
    )


def print_addresses(
    config: StackConfig, site: DemoSite, running: Running, console: Console
) -> None:
    """Say where everything listens and how to search it."""
    table = Table(show_header=False, box=None)
    table.add_row("sample site", site.url)
    table.add_row("Kafka", config.kafka_address)
    table.add_row("Elasticsearch", config.elasticsearch_address)
    for name, kind in SERVICES.items():
        table.add_row(name, service_url(load(kind, running.environ), "metrics"))
    table.add_row("logs", str(running.logs))
    table.add_row("search", f'RASID_NAMESPACE={NAMESPACE} .venv/bin/rasid search "حفتر"')
    console.print(table)


def _settled(environ: Mapping[str, str], service: str, fate: str) -> int:
    url = service_url(load(SERVICES[service], environ), "metrics")
    try:
        return round(total(url, "rasid_articles_total", fate=fate))
    except OSError:
        return 0  # it is being started again
