"""What only index counts."""

from prometheus_client import Counter, Histogram

BULK_ITEMS = Counter(
    "rasid_bulk_items", "Documents in answered bulk requests, by what came of them", ["outcome"]
)
BULK_DURATION = Histogram(
    "rasid_bulk_duration_seconds",
    "Time from sending a bulk request to its answer",
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)
END_TO_END_LATENCY = Histogram(
    "rasid_end_to_end_latency_seconds",
    "Time from an article's first sight to its being indexed; live first revisions only",
    buckets=(0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600),
)
