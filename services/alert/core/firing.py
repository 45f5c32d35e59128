"""Which incidents go on, as the topic tells it: Alertmanager has to hear of them now and then."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from services.contract.alerts import Alert

RESENT_EVERY = timedelta(minutes=1)
HELD_FOR = timedelta(minutes=15)
"""Alertmanager takes for over what it has not heard of for so long: time for an upgrade."""

FORGOTTEN_AFTER = timedelta(days=7)
"""Of an incident nothing was told for so long: its watch may be gone, and its end with it."""

Firing = Mapping[str, Alert]
"""The last that was told of each incident that goes on, by ``alert_id``."""


def after(firing: Firing, alert: Alert) -> Firing:
    """Return the incidents that go on once ``alert`` is told."""
    others = {alert_id: known for alert_id, known in firing.items() if alert_id != alert.alert_id}
    return others if alert.happening == "resolved" else others | {alert.alert_id: alert}


def still_firing(firing: Firing, now: datetime) -> tuple[Alert, ...]:
    """Return those of ``firing`` that are not forgotten."""
    return tuple(alert for alert in firing.values() if now - alert.at < FORGOTTEN_AFTER)
