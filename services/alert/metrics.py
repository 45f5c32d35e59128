"""What only alert counts."""

from prometheus_client import Counter, Gauge, Histogram

ROUND_DURATION = Histogram(
    "rasid_alert_round_duration_seconds",
    "Time that counting and judging all watches once took",
    buckets=(0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60),
)
COUNTED_UNTIL = Gauge(
    "rasid_alert_counted_until_timestamp_seconds", "The end of the windows last counted"
)
WATCHES = Gauge("rasid_alert_watches", "Watches that are looked at")
UNANSWERED = Counter(
    "rasid_alert_unanswered",
    "Counts of a watch, or of what emerges, that Elasticsearch could not give",
)
ALERTS = Counter("rasid_alerts", "Alerts, by what happened", ["happening", "severity"])
WATCHES_FILE_VALID = Gauge(
    "rasid_alert_watches_file_valid", "1 if the file of watches was right when last read, else 0"
)
