"""The metrics that every service has. What only one service counts is defined in that service."""

from importlib.metadata import version

from prometheus_client import Counter, Gauge, Info

ARTICLES = Counter(
    "rasid_articles",
    "Messages by their one fate: done, skipped or dead, and why",
    ["service", "fate", "reason"],
)
DEAD_LETTERS = Counter(
    "rasid_dead_letters", "Messages written to a dead-letter topic", ["service", "reason"]
)
CONSUMER_LAG = Gauge(
    "rasid_consumer_lag_records", "Records not yet acknowledged", ["topic", "partition"]
)
CONSUMER_LAG_SECONDS = Gauge(
    "rasid_consumer_lag_seconds",
    "Time since the oldest record not yet acknowledged was seen to be there; 0 without any",
    ["topic", "partition"],
)
UNAVAILABLE = Gauge(
    "rasid_unavailable",
    "1 while the service waits for this: kafka, elasticsearch ...; else 0",
    ["component"],
)
LAST_PROGRESS = Gauge(
    "rasid_last_progress_timestamp_seconds", "When the service last got something done, or was idle"
)
BUILD = Info("rasid_build", "Version of Rasid")
BUILD.info({"version": version("rasid")})
