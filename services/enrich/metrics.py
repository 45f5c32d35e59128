"""What only enrich measures."""

from prometheus_client import Histogram

ENRICH_SECONDS = Histogram(
    "rasid_enrich_duration_seconds",
    "From the bytes of a raw article to those of an enriched one",
    buckets=(0.001, 0.002, 0.003, 0.005, 0.0075, 0.01, 0.02, 0.05, 0.1, 0.5, 1, 5),
)
