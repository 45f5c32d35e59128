"""What is on a topic so far, such as that which ingest writes."""

from kafka import KafkaConsumer, TopicPartition
from kafka.consumer.fetcher import ConsumerRecord

from services.contract.articles import RawArticle
from services.contract.topics import RAW, Topic, namespaced
from services.contract.wire import decode
from services.runtime.settings import Settings


def published(settings: Settings) -> list[RawArticle]:
    """Return every article on the topic so far, oldest first."""
    articles = (decode(record.value, RawArticle) for record in records(settings))
    return sorted(articles, key=lambda article: article.fetched_at)


def records(settings: Settings, topic: Topic = RAW) -> list[ConsumerRecord]:
    """Return every message on the topic so far, those of one partition in their order."""
    consumer = KafkaConsumer(bootstrap_servers=settings.kafka_bootstrap, group_id=None)
    try:
        name = namespaced(topic.name, settings.namespace)
        partitions = [TopicPartition(name, number) for number in range(topic.partitions)]
        consumer.assign(partitions)
        ends = consumer.end_offsets(partitions)
        consumer.seek_to_beginning(*partitions)
        found: list[ConsumerRecord] = []
        while any(consumer.position(partition) < ends[partition] for partition in partitions):
            for batch in consumer.poll(timeout_ms=200).values():
                found += batch
    finally:
        consumer.close()
    return found
