"""An alert as the channels want it: Alertmanager's JSON, and a webhook's signed body."""

import base64
import binascii
import hashlib
import hmac
import json
from datetime import datetime
from typing import Any

from services.alert.core.message import full_text, short_text, subject
from services.contract.alerts import Alert

_SECRET_PREFIX = "whsec_"  # noqa: S105 - how such secrets are marked, none itself
_MIN_SECRET_BYTES = 24

_ALERT_NAMES = {"spike": "NewsSpike", "drop": "NewsDrop", "emerging": "NewsEmerging"}


def alertmanager_alert(alert: Alert, until: datetime) -> dict[str, Any]:
    """Return the alert for ``POST /api/v2/alerts``; one that goes on ends ``until`` heard of again.

    Its labels are the same from fired to resolved: by them Alertmanager knows it.
    """
    figures = alert.figures
    return {
        "labels": {
            **alert.watch.labels,
            "alertname": _ALERT_NAMES[alert.watch.kind],
            "watch": alert.watch.id,
            "kind": alert.watch.kind,
            "severity": alert.watch.severity,
        },
        "annotations": {
            "summary": alert.text_en,
            "summary_ar": alert.text,
            "description": full_text(alert, "en"),
            "description_ar": full_text(alert, "ar"),
            "observed": str(figures.stories),
            "expected": f"{figures.expected:.2f}",
            "sources": str(figures.sources),
            "alert_id": alert.alert_id,
        },
        "startsAt": alert.began_at.isoformat(),
        "endsAt": (alert.ended_at or until).isoformat(),
    }


def webhook_body(alert: Alert) -> bytes:
    """Return the alert and its texts as JSON, the same bytes whenever it is asked for."""
    texts = {
        language: {
            "subject": subject(alert, language),
            "short": short_text(alert, language),
            "full": full_text(alert, language),
        }
        for language in ("ar", "en")
    }
    body = {
        "type": f"alert.{alert.happening}",
        "timestamp": alert.at.isoformat(),
        "data": {"alert": alert.model_dump(mode="json"), "texts": texts},
    }
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def idempotency_key(alert: Alert) -> str:
    """Return what is the same for the same word of the same incident, however often it is sent."""
    said = f"{alert.alert_id} {alert.happening} {alert.at.isoformat()}"
    return hashlib.sha256(said.encode()).hexdigest()[:32]


def signing_key(secret: str) -> bytes:
    """Return the key in ``whsec_<base64>``; raise ValueError, which does not hold the secret."""
    try:
        key = base64.b64decode(secret.removeprefix(_SECRET_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not secret.startswith(_SECRET_PREFIX) or len(key) < _MIN_SECRET_BYTES:
        raise ValueError(f"not {_SECRET_PREFIX} and {_MIN_SECRET_BYTES} bytes or more in Base64")
    return key


def signed_headers(key: bytes, message_id: str, at: datetime, body: bytes) -> dict[str, str]:
    """Return the headers of Standard Webhooks: who knows the key knows that nobody else sent it.

    ``at`` is when it is sent, so that a receiver can refuse what somebody replays.
    """
    timestamp = str(int(at.timestamp()))
    signed = b".".join((message_id.encode(), timestamp.encode(), body))
    signature = base64.b64encode(hmac.digest(key, signed, "sha256")).decode()
    return {
        "webhook-id": message_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": f"v1,{signature}",
        "Idempotency-Key": message_id,
    }
