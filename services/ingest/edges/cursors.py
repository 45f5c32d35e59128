"""Reads the sources' cursors back from their compacted topic."""

import time

import structlog
from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaTimeoutError

from services.contract.articles import SourceState
from services.contract.topics import SOURCES, namespaced
from services.contract.wire import ContractError, decode
from services.runtime.kafka import MAX_REQUEST_BYTES, connection
from services.runtime.settings import Settings

PROGRESS_TIMEOUT_S = 5.0
"""How long Kafka may give nothing of what is still to come; a stop waits for it."""

log = structlog.get_logger()


def read_states(settings: Settings) -> dict[str, SourceState]:
    """Return the last cursor of every source that ever had one.

    Raises KafkaError; KafkaTimeoutError if Kafka stops answering on the way.

    A cursor that cannot be read counts as none: its source is read again from the start, which at
    worst publishes articles once more.
    """
    topic = namespaced(SOURCES.name, settings.namespace)
    timeout_ms = int(PROGRESS_TIMEOUT_S * 1_000)
    consumer = KafkaConsumer(
        **connection(settings),
        group_id=None,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        max_partition_fetch_bytes=MAX_REQUEST_BYTES,
        bootstrap_timeout_ms=timeout_ms,
    )
    try:
        partitions = [TopicPartition(topic, number) for number in range(SOURCES.partitions)]
        consumer.assign(partitions)
        ends = consumer.end_offsets(partitions, timeout_ms=timeout_ms)
        consumer.seek_to_beginning(*partitions)
        states: dict[str, SourceState] = {}
        progressed_at = time.monotonic()
        while any(_position(consumer, partition) < ends[partition] for partition in partitions):
            batches = consumer.poll(timeout_ms=500).values()
            if batches:
                progressed_at = time.monotonic()
            elif time.monotonic() - progressed_at > PROGRESS_TIMEOUT_S:
                raise KafkaTimeoutError(f"no cursor for {PROGRESS_TIMEOUT_S:g} s")
            for records in batches:
                for record in records:
                    _apply(record.key, record.value, states)
        return states
    finally:
        consumer.close(timeout_ms=1_000)


def _position(consumer: KafkaConsumer, partition: TopicPartition) -> int:
    return consumer.position(partition, timeout_ms=500) or 0  # None: not known in time


def _apply(key: bytes, value: bytes | None, states: dict[str, SourceState]) -> None:
    source_id = (key or b"").decode("utf-8", "replace")
    states.pop(source_id, None)
    if value is None:
        return
    try:
        states[source_id] = decode(value, SourceState)
    except ContractError as error:
        log.warning("cursor ignored", source_id=source_id, error=str(error))
