"""How far the consumer groups of index are, as Kafka's administrator sees it.

Group names carry the mapping's version; see ``GROUP`` in ``kafka.py``.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from kafka import KafkaAdminClient, KafkaConsumer, TopicPartition
from kafka.errors import KafkaError, NoError
from kafka.structs import OffsetAndMetadata

from services.contract.topics import ENRICHED, namespaced
from services.index.edges.kafka import SourceError
from services.runtime.kafka import connection, group_name
from services.runtime.settings import Settings

Offsets = dict[TopicPartition, int]


def committed(settings: Settings, version: str) -> Offsets:
    """Return the committed positions of the group of a mapping; raises SourceError."""
    group = group_name(settings, f"index-{version}")
    with _administrator(settings) as admin:
        found = admin.list_group_offsets(group).get(group, {})
    return {partition: place.offset for partition, place in found.items() if place.offset >= 0}


def begin_at(settings: Settings, version: str, offsets: Offsets) -> None:
    """Let the group of a mapping, which has no members yet, begin at ``offsets``.

    Raises SourceError.
    """
    group = group_name(settings, f"index-{version}")
    places = {partition: OffsetAndMetadata(offset) for partition, offset in offsets.items()}
    with _administrator(settings) as admin:
        for partition, error in admin.alter_group_offsets(group, places).items():
            if error is not NoError:
                raise SourceError(f"the position in {partition} is not taken: {error.__name__}")


def ends(settings: Settings) -> Offsets:
    """Return the positions behind the last article of each partition that has any.

    Raises SourceError.
    """
    topic = namespaced(ENRICHED.name, settings.namespace)
    try:
        consumer = KafkaConsumer(
            **connection(settings), bootstrap_timeout_ms=5_000, enable_auto_commit=False
        )
        try:
            numbers = consumer.partitions_for_topic(topic) or ()
            partitions = [TopicPartition(topic, number) for number in numbers]
            first, last = consumer.beginning_offsets(partitions), consumer.end_offsets(partitions)
        finally:
            consumer.close()
    except KafkaError as error:
        raise SourceError(f"{settings.kafka_bootstrap}: {error!r}") from error
    return {one: last[one] for one in partitions if last[one] > first[one]}


@contextmanager
def _administrator(settings: Settings) -> Iterator[KafkaAdminClient]:
    try:
        admin = KafkaAdminClient(**connection(settings), bootstrap_timeout_ms=5_000)
        try:
            yield admin
        finally:
            admin.close()
    except KafkaError as error:
        raise SourceError(f"{settings.kafka_bootstrap}: {error!r}") from error
