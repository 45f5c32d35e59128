"""The Faust app: raw articles in, enriched ones or dead letters out, acknowledged in order.

Faust reads, sends and commits; everything else is kept from it. It acknowledges a message when its
agent raises, so the agent never does; its records check no types, so its topics carry bytes and the
contract decodes them; it has no state here: no tables, no windows, no transactions.
"""

import asyncio
import ssl
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import faust
import structlog
from aiokafka.errors import MessageSizeTooLargeError

from services.contract.dead_letters import DeadLetter, previous_attempts
from services.contract.topics import ENRICHED, RAW, dead_letters, namespaced
from services.enrich.config import EnrichSettings
from services.enrich.enrichment import Models
from services.enrich.handling import Enriched, Outcome, Rejected, Skipped, handle
from services.enrich.in_flight import InFlight, Slot
from services.enrich.metrics import ENRICH_SECONDS, count_findings
from services.runtime.kafka import MAX_REQUEST_BYTES, group_name
from services.runtime.lag import Lag
from services.runtime.metrics import ARTICLES, DEAD_LETTERS

SERVICE = "enrich"
_RETRY_S = 1.0

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class EnrichApp:
    """The Faust app, and what of it others may look at."""

    faust: faust.App
    in_flight: InFlight
    assigned: asyncio.Event
    draining: asyncio.Event
    lag: Lag


def build_app(settings: EnrichSettings, models: Models, data_folder: Path) -> EnrichApp:
    """Return the app, not started. ``data_folder`` is where Faust makes its empty folders."""
    app = faust.App(group_name(settings, SERVICE), **_faust_settings(settings, data_folder))
    raw, enriched, dead = (
        app.topic(
            namespaced(topic.name, settings.namespace),
            key_type=bytes,
            value_type=bytes,
            key_serializer="raw",
            value_serializer="raw",
        )
        for topic in (RAW, ENRICHED, dead_letters(SERVICE))
    )
    in_flight = InFlight(settings.max_in_flight)
    sender = _Sender(enriched, dead, in_flight)
    parts = EnrichApp(app, in_flight, asyncio.Event(), asyncio.Event(), Lag())
    enriched_by = f"rasid {version('rasid')}"

    @app.agent(raw, name="enrich_articles", concurrency=1)
    async def enrich_articles(stream: Any) -> None:
        async for event in stream.noack().events():
            generation = in_flight.generation
            await in_flight.wait_below()
            # A message read before its partition was taken away is read again by whoever has it.
            if generation != in_flight.generation or parts.draining.is_set():
                continue
            started = time.perf_counter()
            outcome = handle(event.message.value or b"", models, datetime.now(UTC), enriched_by)
            ENRICH_SECONDS.observe(time.perf_counter() - started)
            slot = in_flight.take(event.message.tp, event.message.offset, event.ack)
            await sender.send(outcome, event.message, slot)
            await asyncio.sleep(0)  # a long backlog must not starve the heartbeat

    async def forget(_: Any, revoked: set[Any], **__: Any) -> None:
        parts.assigned.clear()
        in_flight.drop(revoked)
        for partition in revoked:  # theirs to report who have it now
            parts.lag.forget(partition.topic, partition.partition)

    async def begin(_: Any, assigned: set[Any], **__: Any) -> None:
        parts.assigned.set()
        log.info("partitions assigned", partitions=len(assigned))

    revoked_signal: Any = app.on_partitions_revoked  # typed for receivers of any arguments only
    assigned_signal: Any = app.on_partitions_assigned
    revoked_signal.connect(forget)
    assigned_signal.connect(begin)
    return parts


def _faust_settings(settings: EnrichSettings, data_folder: Path) -> dict[str, Any]:
    return {
        "broker": [f"kafka://{address}" for address in settings.kafka_bootstrap.split(",")],
        "broker_credentials": _credentials(settings),
        "datadir": str(data_folder),
        "store": "memory://",
        "web_enabled": False,
        "topic_allow_declare": False,  # the topics are made by ensure_topics
        "topic_disable_leader": True,
        "consumer_auto_offset_reset": "earliest",
        "consumer_max_fetch_size": MAX_REQUEST_BYTES,
        "producer_max_request_size": MAX_REQUEST_BYTES,
        "producer_max_batch_size": 256 * 1024,
        "producer_linger": 0.005,
        # Faust waits 20 minutes by default: a broker that hangs would never become an error.
        "producer_request_timeout": 30.0,
        "broker_commit_interval": 0.5,
        "broker_max_poll_records": 250,
        "stream_buffer_maxsize": 500,
        "stream_wait_empty": False,
        # After a crash nobody reads the dead worker's partitions until its session has run out.
        "broker_session_timeout": 10.0,
        "broker_heartbeat_interval": 3.0,
        "broker_rebalance_timeout": 20.0,
        "broker_request_timeout": 30.0,
    }


def _credentials(settings: EnrichSettings) -> faust.SASLCredentials | faust.SSLCredentials | None:
    protocol, password = settings.kafka_security_protocol, settings.kafka_password
    context = None
    if protocol.endswith("SSL"):
        context = ssl.create_default_context(cafile=settings.kafka_ca_file)
    if password:
        return faust.SASLCredentials(
            username=settings.kafka_username,
            password=password.get_secret_value(),
            ssl_context=context,
            mechanism=settings.kafka_sasl_mechanism,
        )
    return faust.SSLCredentials(context) if context else None


class _Sender:
    """Publishes outcomes and settles their places once the broker has confirmed them."""

    def __init__(self, enriched: Any, dead: Any, in_flight: InFlight) -> None:
        self._enriched = enriched
        self._dead = dead
        self._in_flight = in_flight
        self._retries: set[asyncio.Task[None]] = set()

    async def send(self, outcome: Outcome, message: Any, slot: Slot) -> None:
        """Send ``outcome``; returns before it is confirmed and tries again until it is."""
        if isinstance(outcome, Skipped):
            self._settle(outcome, message, slot)
            return
        try:
            future = await self._publish(outcome, message)
        except Exception as error:
            self._try_again(outcome, message, slot, error)
            return

        def confirmed(result: asyncio.Future[Any]) -> None:
            error = asyncio.CancelledError() if result.cancelled() else result.exception()
            if error is None:
                self._settle(outcome, message, slot)
            else:
                self._try_again(outcome, message, slot, error)

        future.add_done_callback(confirmed)

    async def _publish(self, outcome: Enriched | Rejected, message: Any) -> "asyncio.Future[Any]":
        future: asyncio.Future[Any]
        if isinstance(outcome, Enriched):
            key = outcome.article_id.encode()
            future = await self._enriched.send(key=key, value=outcome.value)
            return future
        letter = DeadLetter(
            value=message.value or b"",
            key=message.key,
            service=SERVICE,
            stage=outcome.stage,
            reason=outcome.reason,
            error=outcome.error,
            failed_at=datetime.now(UTC),
            attempts=previous_attempts(message.headers or ()) + 1,
            topic=message.topic,
            partition=message.partition,
            offset=message.offset,
        )
        future = await self._dead.send(key=letter.key, value=letter.value, headers=letter.headers())
        return future

    def _settle(self, outcome: Outcome, message: Any, slot: Slot) -> None:
        if slot.dropped:
            return  # counted by whoever has the partition now
        self._in_flight.deliver(slot)
        if isinstance(outcome, Enriched):
            ARTICLES.labels(SERVICE, "done", "enriched").inc()
            count_findings(outcome.article)
            log.debug("done", article_id=outcome.article_id)
            return
        if isinstance(outcome, Skipped):
            ARTICLES.labels(SERVICE, "skipped", outcome.reason).inc()
            log.debug("skipped", article_id=outcome.article_id, reason=outcome.reason)
            return
        ARTICLES.labels(SERVICE, "dead", outcome.reason).inc()
        DEAD_LETTERS.labels(SERVICE, outcome.reason).inc()
        log.warning(
            "dead", reason=outcome.reason, stage=outcome.stage, error=outcome.error,
            topic=message.topic, partition=message.partition, offset=message.offset,
        )  # fmt: skip

    def _try_again(self, outcome: Outcome, message: Any, slot: Slot, error: BaseException) -> None:
        if slot.dropped:
            return
        if isinstance(error, MessageSizeTooLargeError) and isinstance(outcome, Enriched):
            outcome = Rejected("publish", "too-large", str(error))
        log.warning("sending again", error=repr(error), offset=message.offset)
        retry = asyncio.ensure_future(self._later(outcome, message, slot))
        self._retries.add(retry)
        retry.add_done_callback(self._retries.discard)

    async def _later(self, outcome: Outcome, message: Any, slot: Slot) -> None:
        await asyncio.sleep(_RETRY_S)
        await self.send(outcome, message, slot)
