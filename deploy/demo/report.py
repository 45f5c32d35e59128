"""What came through the demo: languages, the most named, a few searches, and the alert."""

import time
from dataclasses import replace

from elasticsearch import ApiError, Elasticsearch
from rich.console import Console
from rich.table import Table

from deploy.demo.expected import searches
from deploy.demo.site import DemoSite
from services.alert.config import alerts_index
from services.alert.core.message import full_text
from services.alert.edges.alerts import AlertsIndex
from services.contract.alerts import Alert
from services.index.config import alias
from services.index.present import show_hits
from services.index.search import SearchRequest, search
from services.ingest.core.canonical_url import canonicalise
from services.runtime.settings import Settings

QUERIES = ("حفتر", "الانتخابات", "مصفاة الزاوية", "Haftar")
"""A name that the articles mostly write with attached prefixes, words, a phrase, Latin letters."""

_TOP_ENTITIES = 8
_LOOK_EVERY_S = 0.5


def print_report(client: Elasticsearch, settings: Settings, console: Console) -> None:
    """Print what is in the index of ``settings``."""
    answer = client.search(
        index=alias(settings),
        size=0,
        aggs={
            "languages": {"terms": {"field": "language.tag", "size": 20}},
            "entities": {"terms": {"field": "entities.name", "size": _TOP_ENTITIES}},
        },
    )
    console.print(_counts("Languages", answer["aggregations"]["languages"]["buckets"]))
    console.print(_counts("Most named", answer["aggregations"]["entities"]["buckets"]))
    for query in QUERIES:
        console.rule(query, align="left")
        request = SearchRequest(query, size=2)
        first_page = search(client, settings, request)
        show_hits(console, request, replace(first_page, next=None))


def find_alert(client: Elasticsearch, settings: Settings, deadline_s: float) -> Alert | None:
    """Return the alert that the sample news raises; None if it raises none in time."""
    deadline = time.monotonic() + deadline_s
    kept = AlertsIndex(client, alerts_index(settings))
    while time.monotonic() < deadline:
        try:
            told = [recorded.alert for recorded in kept.last_incidents().values()]
        except ApiError:
            told = []  # the service has not made the index yet
        if told:
            return told[0]
        time.sleep(_LOOK_EVERY_S)
    return None


def print_alert(alert: Alert | None, console: Console) -> None:
    """Print why somebody is told."""
    console.rule("Alert", align="left")
    if alert is None:
        console.print("no alert, though the sample news has a spike", style="red")
    else:
        console.print(full_text(alert, "ar"), markup=False)
        console.print(full_text(alert, "en"), markup=False)


def unanswered_searches(
    site: DemoSite, client: Elasticsearch, settings: Settings
) -> dict[str, set[str]]:
    """Return the expected searches that miss articles: the query and the URLs that it misses."""
    missed = {}
    for expected in searches():
        urls = {canonicalise(site.article_url(slug)) for slug in expected.finds}
        hits = search(client, settings, SearchRequest(expected.query, 100, copies=True)).hits
        if urls - {hit.url for hit in hits}:
            missed[expected.query] = urls - {hit.url for hit in hits}
    return missed


def _counts(title: str, buckets: list[dict[str, object]]) -> Table:
    table = Table(title=title, title_justify="left", show_header=False)
    for bucket in buckets:
        table.add_row(str(bucket["key"]), str(bucket["doc_count"]))
    return table
