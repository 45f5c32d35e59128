"""A member of a consumer group gets its partitions, however new the topic is."""

import contextlib
from concurrent.futures import ThreadPoolExecutor

import pytest
from kafka.errors import UnknownTopicOrPartitionError

from services.contract.topics import SOURCES
from services.runtime import kafka
from services.runtime.kafka import ensure_topics, make_consumer
from services.runtime.settings import Settings
from tests.support import eventually


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


def test_a_topic_that_never_comes_is_named(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kafka, "_TOPIC_WITHIN_S", 0)
    with pytest.raises(UnknownTopicOrPartitionError, match=SOURCES.name):
        make_consumer(settings, "early", SOURCES)
