"""What came through the demo: languages, the most named, and a few searches."""

from dataclasses import replace

from elasticsearch import Elasticsearch
from rich.console import Console
from rich.table import Table

from deploy.demo.expected import searches
from deploy.demo.site import DemoSite
from services.index.config import alias
from services.index.present import show_hits
from services.index.search import SearchRequest, search
from services.ingest.core.canonical_url import canonicalise
from services.runtime.settings import Settings

QUERIES = ("حفتر", "الانتخابات", "مصفاة الزاوية", "Haftar")
"""A name that the articles mostly write with attached prefixes, words, a phrase, Latin letters."""

_TOP_ENTITIES = 8


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
