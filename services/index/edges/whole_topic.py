"""The topic of enriched articles from its beginning to where it ends now, for nobody's account."""

import time
from collections.abc import Iterator

from kafka import KafkaConsumer, TopicPartition
from kafka.consumer.fetcher import ConsumerRecord
from kafka.errors import KafkaError

from services.contract.topics import ENRICHED, namespaced
from services.index.edges.kafka import SourceError
from services.runtime.kafka import MAX_REQUEST_BYTES, connection
from services.runtime.settings import Settings

_STALLED_S = 30.0


def read_topic(settings: Settings) -> Iterator[ConsumerRecord]:
    """Yield what Kafka keeps of the topic, each partition in order; raises SourceError."""
    try:
        consumer = KafkaConsumer(
            **connection(settings),
            bootstrap_timeout_ms=5_000,
            enable_auto_commit=False,
            max_partition_fetch_bytes=MAX_REQUEST_BYTES,
        )
        try:
            yield from _read(consumer, namespaced(ENRICHED.name, settings.namespace))
        finally:
            consumer.close()
    except KafkaError as error:
        raise SourceError(f"{settings.kafka_bootstrap}: {error!r}") from error


def _read(consumer: KafkaConsumer, topic: str) -> Iterator[ConsumerRecord]:
    partitions = [TopicPartition(topic, n) for n in consumer.partitions_for_topic(topic) or ()]
    if not partitions:
        return
    consumer.assign(partitions)
    consumer.seek_to_beginning(*partitions)
    ends = consumer.end_offsets(partitions)
    left, moved_at = -1, time.monotonic()
    while before := sum(max(0, end - consumer.position(one)) for one, end in ends.items()):
        if before != left:
            left, moved_at = before, time.monotonic()
        elif time.monotonic() - moved_at > _STALLED_S:
            raise SourceError(f"{topic} cannot be read on: {left} records are left")
        for partition, records in consumer.poll(timeout_ms=1_000).items():
            yield from (one for one in records if one.offset < ends[partition])
