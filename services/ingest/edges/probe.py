"""Asks Kafka again and again whether it is there, so that health is true also with no news."""

import contextlib
import threading
from typing import Any

import structlog
from kafka import KafkaAdminClient
from kafka.errors import KafkaError

from services.runtime.health import Health
from services.runtime.kafka import connection
from services.runtime.settings import Settings

EVERY_S = 3.0
_ANSWER_WITHIN_MS = 3_000

log = structlog.get_logger()


def start_probe(settings: Settings, health: Health, stop: threading.Event) -> None:
    """Keep ``health`` told of ``kafka`` until ``stop``, from a thread that holds up no exit."""
    arguments = (settings, health, stop)
    threading.Thread(target=_probe, args=arguments, name="kafka-probe", daemon=True).start()


def _probe(settings: Settings, health: Health, stop: threading.Event) -> None:
    admin: Any = None
    while not stop.wait(EVERY_S):
        try:
            admin = admin or KafkaAdminClient(
                **connection(settings),
                bootstrap_timeout_ms=_ANSWER_WITHIN_MS,
                request_timeout_ms=_ANSWER_WITHIN_MS,
            )
            admin.describe_cluster()
        except Exception as error:
            # Whatever the client makes of a Kafka that is away: it gave no answer.
            if "kafka" not in health.missing():
                log.warning("kafka does not answer", error=str(error), kind=type(error).__name__)
            health.unavailable("kafka", f"{type(error).__name__}: {error}")
            _close(admin)
            admin = None  # one that got no answer may not recover by itself
        else:
            health.available("kafka")


def _close(admin: Any) -> None:
    if admin is not None:
        with contextlib.suppress(KafkaError, RuntimeError):
            admin.close()
