"""What is counted of the channels."""

from prometheus_client import Counter, Gauge

DELIVERIES = Counter(
    "rasid_alert_deliveries",
    "Alerts by what became of them in a channel: delivered, failed, not for it, or repeated",
    ["channel", "outcome"],
)
DELIVERY_RETRIES = Counter(
    "rasid_alert_delivery_retries", "Tries that have to be repeated, and why", ["channel", "reason"]
)
OLDEST_UNDELIVERED = Gauge(
    "rasid_alert_oldest_undelivered_seconds",
    "Age of the alert that a channel is being given, 0 if it has all",
    ["channel"],
)
