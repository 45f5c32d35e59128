"""What ingest counts besides what every service does."""

import contextlib

from prometheus_client import Counter, Gauge, Histogram

from services.contract.articles import SourceState
from services.ingest.core.changes import GiveUp, Outcome, Publish, Skip, Unmodified
from services.ingest.core.counts import outcome_name
from services.ingest.core.sources import Source
from services.runtime.metrics import ARTICLES

POLLS = Counter(
    "rasid_source_polls",
    "Polls by how they ended: changed, unchanged, not-modified, not-a-feed, unreadable or why the"
    " fetch failed",
    ["source", "outcome"],
)
ITEMS = Counter(
    "rasid_source_items",
    "What became of a source's items: published, joined, duplicate, dead; revised, unchanged,"
    " unstable, missed",
    ["source", "outcome"],
)
LAST_SUCCESS = Gauge(
    "rasid_source_last_success_timestamp_seconds", "When the source last gave a feed", ["source"]
)
LAST_ARTICLE = Gauge(
    "rasid_source_last_article_timestamp_seconds", "When a new article last came", ["source"]
)
LEFT_OUT = Counter(
    "rasid_source_items_left_out",
    "Items that a source listed beyond what one poll reads, or too long ago, each time it did",
    ["source"],
)
PAGES = Counter(
    "rasid_pages_read",
    "Pages that were fetched, by what was on them: article, no-text, not-a-page, or what kept the"
    " article from us: challenge, javascript, consent, denied",
    ["found"],
)

NEXT_POLL = Gauge(
    "rasid_source_next_poll_timestamp_seconds", "When the source is polled next", ["source"]
)
FAILURE_WEIGHT = Gauge(
    "rasid_source_failure_weight",
    "Failed polls in a row: 1 for each that will not get better, 0.5 that may, 0.25 that will",
    ["source"],
)
LATENESS = Histogram(
    "rasid_poll_lateness_seconds",
    "From when a poll was due to when it began",
    buckets=(0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 300),
)
POLLS_OVERDUE = Gauge("rasid_polls_overdue", "Polls that are due and wait for a turn")
SOURCES_SCHEDULED = Gauge("rasid_sources_scheduled", "Sources that this instance polls")
SOURCES_FILE_VALID = Gauge(
    "rasid_sources_file_valid", "1 while the catalogue on disk is the one in use, 0 if it is wrong"
)
OWN_OUTAGE = Gauge(
    "rasid_network_outage", "1 while so many hosts are out of reach that it must be our network"
)


def note_schedule(source_id: str, next_poll_at: float, failure_weight: float) -> None:
    """Show when a source is polled next (seconds since 1970) and how it failed so far."""
    NEXT_POLL.labels(source_id).set(next_poll_at)
    FAILURE_WEIGHT.labels(source_id).set(failure_weight)


def forget_source(source_id: str) -> None:
    """Show nothing any more of a source that is another instance's, or nobody's."""
    for gauge in (NEXT_POLL, FAILURE_WEIGHT, LAST_SUCCESS, LAST_ARTICLE):
        with contextlib.suppress(KeyError):
            gauge.remove(source_id)


def count_fate(source: Source, outcome: Outcome, before: SourceState) -> None:
    """Count what became of a version of an item, given the cursor before; a retry is no fate."""
    name = outcome_name(outcome, before)
    if name is None:
        return
    ITEMS.labels(source.id, name).inc()
    match outcome:
        case Publish():
            ARTICLES.labels("ingest", "done", name).inc()
        case Skip() | Unmodified():
            ARTICLES.labels("ingest", "skipped", name).inc()
        case GiveUp(_, _, why):
            ARTICLES.labels("ingest", "dead", why).inc()
