"""What only index counts."""

from prometheus_client import Counter, Gauge, Histogram

BULK_ITEMS = Counter(
    "rasid_bulk_items", "Documents in answered bulk requests, by what came of them", ["outcome"]
)
BULK_BYTES = Counter("rasid_bulk_bytes", "Bytes of the bulk requests sent, repeated ones too")
BULK_DURATION = Histogram(
    "rasid_bulk_duration_seconds",
    "Time from sending a bulk request to its answer",
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)
LAST_COMMIT = Gauge("rasid_last_commit_timestamp_seconds", "When Kafka last confirmed a commit")
END_TO_END_LATENCY = Histogram(
    "rasid_end_to_end_latency_seconds",
    "Time to an article's being indexed, since ingest first saw it (first-seen) or its source"
    " published it (published); live first revisions only. It is found one refresh later: 0.5 s",
    ["since"],
    buckets=(0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600, 6 * 3600, 24 * 3600),
)
