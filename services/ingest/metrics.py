"""What ingest counts besides what every service does."""

from prometheus_client import Counter, Gauge

from services.ingest.core.changes import GiveUp, Outcome, Publish, Retry, Skip
from services.runtime.metrics import ARTICLES

POLLS = Counter(
    "rasid_source_polls",
    "Polls by how they ended: changed, unchanged, not-modified, not-a-feed, unreadable or why the"
    " fetch failed",
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


def count_fate(outcome: Outcome) -> None:
    """Count the one fate of an item's version; a retry is none yet."""
    match outcome:
        case Publish(_, article):
            fate, reason = "done", "published" if article.revision == 1 else "revised"
        case Skip(_, _, why):
            fate, reason = "skipped", why
        case GiveUp(_, _, why):
            fate, reason = "dead", why
        case Retry():
            return
    ARTICLES.labels("ingest", fate, reason).inc()
