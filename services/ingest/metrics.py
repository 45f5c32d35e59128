"""What ingest counts besides what every service does."""

from prometheus_client import Counter, Gauge

from services.contract.articles import SourceState
from services.ingest.core.changes import GiveUp, Outcome, Publish, Skip
from services.ingest.core.cursor import outcome_name
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


def count_fate(source: Source, outcome: Outcome, before: SourceState) -> None:
    """Count what became of a version of an item, given the cursor before; a retry is no fate."""
    name = outcome_name(outcome, before)
    if name is None:
        return
    ITEMS.labels(source.id, name).inc()
    match outcome:
        case Publish():
            ARTICLES.labels("ingest", "done", name).inc()
        case Skip():
            ARTICLES.labels("ingest", "skipped", name).inc()
        case GiveUp(_, _, why):
            ARTICLES.labels("ingest", "dead", why).inc()
