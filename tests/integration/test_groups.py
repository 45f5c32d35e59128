"""A member of a consumer group gets its partitions, however new the topic is."""

import contextlib
from concurrent.futures import ThreadPoolExecutor

import pytest
from kafka.errors import UnknownTopicOrPartitionError

from services.contract.topics import SOURCES
from services.index.config import IndexSettings
from services.index.edges.kafka import EnrichedArticles
from services.runtime import kafka
from services.runtime.kafka import ensure_topics, make_consumer
from services.runtime.settings import Settings
from tests.enriched_topic import publish_articles
from tests.support import enriched_article, eventually


def test_a_member_that_was_there_before_the_topic_gets_all_its_partitions(
    settings: Settings,
) -> None:
    with ThreadPoolExecutor(1) as pool:
        member = pool.submit(make_consumer, settings, "early", SOURCES)
        ensure_topics(settings, [SOURCES])
        consumer = member.result()

    def assigned() -> bool:
        consumer.poll(timeout_ms=100)
        return len(consumer.assignment()) == SOURCES.partitions

    with contextlib.closing(consumer):
        eventually(assigned)
        generation = consumer.group_metadata().generation_id
        consumer.topics()  # what it learns anew is what it joined for
        assert assigned()
        assert consumer.group_metadata().generation_id == generation


def test_a_topic_that_never_comes_is_named(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kafka, "_TOPIC_WITHIN_S", 0)
    with pytest.raises(UnknownTopicOrPartitionError, match=SOURCES.name):
        make_consumer(settings, "early", SOURCES)


def test_what_a_member_had_read_comes_again_where_it_keeps_a_partition_as_another_joins(
    settings: Settings,
) -> None:
    publish_articles(settings, [enriched_article(number) for number in range(100)])
    of_index = IndexSettings(**settings.model_dump(exclude_unset=True), linger_s=0)
    first = EnrichedArticles(of_index)
    with contextlib.closing(first):
        assert eventually(first.next_batch), "and none of it is settled"
        other, read = EnrichedArticles(of_index), set()

        def is_all_read() -> bool:
            read.update(record.key for record in (*first.next_batch(), *other.next_batch()))
            return len(read) == 100

        with contextlib.closing(other):
            eventually(is_all_read)
