"""What people ask of the instances of ingest: written by ``rasid``, heard by all of them."""

import threading
from collections.abc import Callable, Iterable
from datetime import datetime

import structlog
from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError

from services.contract.articles import RetryRequest
from services.contract.topics import REQUESTS, namespaced
from services.contract.wire import ContractError, decode, encode
from services.ingest.edges.publisher import Writer
from services.runtime.kafka import connection
from services.runtime.settings import Settings

_POLL_MS = 1_000
_RECONNECT_S = 1.0
_ANSWER_WITHIN_MS = 3_000

log = structlog.get_logger()


def ask_to_retry(settings: Settings, source_ids: Iterable[str], now: datetime) -> None:
    """Ask for what these sources gave up. Raises PublishError if Kafka does not confirm it."""
    requests = [RetryRequest(source_id=source_id, asked_at=now) for source_id in source_ids]
    writer = Writer(settings)
    try:
        writer.write(REQUESTS, [(request.source_id, encode(request)) for request in requests])
    finally:
        writer.close()


def start_listening(
    settings: Settings, hear: Callable[[RetryRequest], None], stop: threading.Event
) -> None:
    """Call ``hear`` with every request, past ones first, until ``stop``.

    From a thread that holds up no exit. After a failure all are heard again.
    """
    arguments = (settings, hear, stop)
    threading.Thread(target=_listen, args=arguments, name="requests", daemon=True).start()


def _listen(
    settings: Settings, hear: Callable[[RetryRequest], None], stop: threading.Event
) -> None:
    while not stop.is_set():
        try:
            _hear_all(settings, hear, stop)
        except KafkaError as error:
            log.warning("requests not readable; trying again", error=str(error))
            stop.wait(_RECONNECT_S)


def _hear_all(
    settings: Settings, hear: Callable[[RetryRequest], None], stop: threading.Event
) -> None:
    consumer = KafkaConsumer(
        **connection(settings),
        group_id=None,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        bootstrap_timeout_ms=_ANSWER_WITHIN_MS,
    )
    try:
        consumer.assign([TopicPartition(namespaced(REQUESTS.name, settings.namespace), 0)])
        while not stop.is_set():
            for records in consumer.poll(timeout_ms=_POLL_MS).values():
                for record in records:
                    _hear(record.value, hear)
    finally:
        consumer.close(timeout_ms=_ANSWER_WITHIN_MS)


def _hear(value: bytes | None, hear: Callable[[RetryRequest], None]) -> None:
    try:
        request = decode(value, RetryRequest)
    except ContractError as error:
        log.warning("request ignored", error=str(error))
        return
    hear(request)
