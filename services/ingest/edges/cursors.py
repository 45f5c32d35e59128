"""Reads the sources' cursors back from their compacted topic."""

import time
from collections.abc import Callable, Collection
from typing import SupportsBytes

import structlog
from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaTimeoutError

from services.contract.articles import SourceState
from services.contract.topics import SOURCES, namespaced
from services.contract.wire import ContractError
from services.ingest.core.packed import Keep, PackedCursor, pack
from services.runtime.kafka import MAX_REQUEST_BYTES, connection
from services.runtime.settings import Settings

PROGRESS_TIMEOUT_S = 5.0
"""How long Kafka may give nothing of what is still to come."""

_BOOTSTRAP_TIMEOUT_MS = 2_000  # a stop waits for it
_POLL_MS = 500

log = structlog.get_logger()


def read_cursors(
    settings: Settings,
    partitions: Collection[int],
    give_up: Callable[[], bool] = lambda: False,
    keep: Keep = bytes,
) -> dict[str, PackedCursor]:
    """Return the last cursor of every source of ``partitions`` that ever had one.

    Raises KafkaError; KafkaTimeoutError if Kafka stops answering on the way or ``give_up`` says so.

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
        fetch_max_bytes=MAX_REQUEST_BYTES,
        bootstrap_timeout_ms=_BOOTSTRAP_TIMEOUT_MS,
    )
    try:
        assigned = [TopicPartition(topic, number) for number in partitions]
        consumer.assign(assigned)
        ends = consumer.end_offsets(assigned, timeout_ms=_BOOTSTRAP_TIMEOUT_MS)
        consumer.seek_to_beginning(*assigned)
        last: dict[str, SupportsBytes] = {}
        progressed_at = time.monotonic()
        while any(_position(consumer, partition) < ends[partition] for partition in assigned):
            batches = consumer.poll(timeout_ms=_POLL_MS).values()
            if batches:
                progressed_at = time.monotonic()
            elif time.monotonic() - progressed_at > PROGRESS_TIMEOUT_S or give_up():
                raise KafkaTimeoutError(f"no cursor for {PROGRESS_TIMEOUT_S:g} s")
            for records in batches:
                for record in records:
                    _apply(record.key, record.value, last, keep)
    finally:
        consumer.close(timeout_ms=1_000)
    cursors = {source_id: _read(source_id, packed) for source_id, packed in last.items()}
    return {source_id: cursor for source_id, cursor in cursors.items() if cursor}


def read_states(settings: Settings) -> dict[str, SourceState]:
    """Return the last recorded state of every source that ever had one. Raises KafkaError."""
    cursors = read_cursors(settings, range(SOURCES.partitions))
    return {source_id: cursor.state() for source_id, cursor in cursors.items()}


def _position(consumer: KafkaConsumer, partition: TopicPartition) -> int:
    return consumer.position(partition, timeout_ms=_POLL_MS) or 0  # None: not known in time


def _apply(key: bytes, value: bytes | None, last: dict[str, SupportsBytes], keep: Keep) -> None:
    source_id = (key or b"").decode("utf-8", "replace")
    if value is None:
        last.pop(source_id, None)
    else:
        last[source_id] = keep(pack(value))


def _read(source_id: str, packed: SupportsBytes) -> PackedCursor | None:
    try:
        return PackedCursor.read(packed)
    except ContractError as error:
        log.warning("cursor ignored", source_id=source_id, error=str(error))
        return None
