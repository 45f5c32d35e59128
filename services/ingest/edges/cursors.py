"""Reads the sources' cursors back from their compacted topic."""

import structlog
from kafka import KafkaConsumer, TopicPartition

from services.contract.articles import SourceState
from services.contract.topics import SOURCES, namespaced
from services.contract.wire import ContractError, decode
from services.runtime.kafka import MAX_REQUEST_BYTES, connection
from services.runtime.settings import Settings

log = structlog.get_logger()


def read_states(settings: Settings) -> dict[str, SourceState]:
    """Return the last cursor of every source that ever had one. Raises KafkaError.

    A cursor that cannot be read counts as none: its source is read again from the start, which at
    worst publishes articles once more.
    """
    topic = namespaced(SOURCES.name, settings.namespace)
    consumer = KafkaConsumer(
        **connection(settings),
        group_id=None,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        max_partition_fetch_bytes=MAX_REQUEST_BYTES,
    )
    try:
        partitions = [TopicPartition(topic, number) for number in range(SOURCES.partitions)]
        consumer.assign(partitions)
        ends = consumer.end_offsets(partitions)
        consumer.seek_to_beginning(*partitions)
        states: dict[str, SourceState] = {}
        while any(consumer.position(partition) < ends[partition] for partition in partitions):
            for records in consumer.poll(timeout_ms=500).values():
                for record in records:
                    _apply(record.key, record.value, states)
        return states
    finally:
        consumer.close()


def _apply(key: bytes, value: bytes | None, states: dict[str, SourceState]) -> None:
    source_id = (key or b"").decode("utf-8", "replace")
    states.pop(source_id, None)
    if value is None:
        return
    try:
        states[source_id] = decode(value, SourceState)
    except ContractError as error:
        log.warning("cursor ignored", source_id=source_id, error=str(error))
