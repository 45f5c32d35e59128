"""What ingest has written so far."""

from kafka import KafkaConsumer, TopicPartition

from services.contract.articles import RawArticle
from services.contract.topics import RAW, namespaced
from services.contract.wire import decode
from services.runtime.settings import Settings


def published(settings: Settings) -> list[RawArticle]:
    """Return every article on the topic so far, oldest first."""
    consumer = KafkaConsumer(bootstrap_servers=settings.kafka_bootstrap, group_id=None)
    try:
        name = namespaced(RAW.name, settings.namespace)
        partitions = [TopicPartition(name, number) for number in range(RAW.partitions)]
        consumer.assign(partitions)
        ends = consumer.end_offsets(partitions)
        consumer.seek_to_beginning(*partitions)
        values: list[bytes] = []
        while any(consumer.position(partition) < ends[partition] for partition in partitions):
            for records in consumer.poll(timeout_ms=200).values():
                values += [record.value for record in records]
    finally:
        consumer.close()
    return sorted((decode(value, RawArticle) for value in values), key=lambda a: a.fetched_at)
