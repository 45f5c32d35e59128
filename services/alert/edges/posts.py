"""Alerts over HTTP: to Alertmanager's API and to signed webhooks. Redirects are not followed."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import httpx
import structlog

from services.alert.core.firing import HELD_FOR
from services.alert.core.outcomes import Again, Delivered, Outcome, asked_wait_s, of_status
from services.alert.core.payloads import (
    alertmanager_alert,
    idempotency_key,
    signed_headers,
    signing_key,
    webhook_body,
)
from services.contract.alerts import Alert

TIMEOUT_S = 5.0
"""So long an address may be silent, while connecting and while answering."""

_MAX_SHOWN_BYTES = 300

log = structlog.get_logger()


class Post:
    """Sends JSON to one address and says what its answer means. Used from one thread."""

    def __init__(self, url: str, timeout_s: float) -> None:
        self._url = url
        self._client = httpx.Client(
            timeout=timeout_s,
            headers={"Content-Type": "application/json", "User-Agent": "rasid"},
            limits=httpx.Limits(max_keepalive_connections=0),  # alerts are rare: none would last
        )

    def __call__(self, body: bytes, headers: Mapping[str, str]) -> Outcome:
        """Return what came of it. Nothing that is logged says the address: it may be a secret."""
        try:
            with self._client.stream("POST", self._url, content=body, headers=headers) as answer:
                asked = asked_wait_s(answer.headers.get("Retry-After"), datetime.now(UTC))
                outcome = of_status(answer.status_code, asked)
                if not isinstance(outcome, Delivered | Again):
                    shown = next(answer.iter_raw(), b"")[:_MAX_SHOWN_BYTES]
                    log.warning("refused", status=answer.status_code, answer=shown.decode("latin1"))
                return outcome
        except httpx.TimeoutException:
            return Again("timeout")
        except httpx.HTTPError:
            return Again("connection")


class Webhook:
    """An address that gets each alert as JSON, signed as Standard Webhooks has it."""

    def __init__(self, url: str, secret: str, timeout_s: float = TIMEOUT_S) -> None:
        """Raise ValueError if ``secret`` is no key."""
        self._key = signing_key(secret)
        self._post = Post(url, timeout_s)

    def send(self, alert: Alert) -> Outcome:
        """Return what came of it."""
        body = webhook_body(alert)
        headers = signed_headers(self._key, idempotency_key(alert), datetime.now(UTC), body)
        return self._post(body, headers)


class Alertmanager:
    """An Alertmanager. Of what goes on it has to be told again before it takes it for over."""

    def __init__(self, url: str, token: str | None, timeout_s: float = TIMEOUT_S) -> None:
        """Raise ValueError, which does not hold it, if no header can carry the ``token``."""
        if token and not (token.isascii() and token.isprintable()):
            raise ValueError("not a token: other signs than those of ASCII, or lines")
        self._post = Post(f"{url}/api/v2/alerts", timeout_s)
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}

    def send(self, alert: Alert) -> Outcome:
        """Return what came of it."""
        return self.send_all([alert])

    def send_all(self, alerts: Sequence[Alert]) -> Outcome:
        """Return what came of sending ``alerts`` at once."""
        until = datetime.now(UTC) + HELD_FOR
        body: list[dict[str, Any]] = [alertmanager_alert(alert, until) for alert in alerts]
        return self._post(json.dumps(body, ensure_ascii=False).encode(), self._headers)
