"""What was read from Kafka is kept until it is handed on, and committed only while it is ours."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest
from kafka import TopicPartition
from kafka.errors import KafkaConnectionError, KafkaError, RebalanceInProgressError

from services.index.config import IndexSettings
from services.index.edges import kafka as edge
from services.index.edges.kafka import EnrichedArticles, SourceError, connect
from services.runtime.metrics import CONSUMER_LAG
from tests.fake_consumer import PARTITION, FakeConsumer, TopicConsumer, record

OTHER = TopicPartition(PARTITION.topic, 1)

Source = Callable[[FakeConsumer], EnrichedArticles]


@pytest.fixture
def source(monkeypatch: pytest.MonkeyPatch) -> Iterator[Source]:
    def build(consumer: FakeConsumer) -> EnrichedArticles:
        monkeypatch.setattr(edge, "make_consumer", lambda *_, **__: consumer)
        return EnrichedArticles(IndexSettings(linger_s=0.5))

    for partition in (PARTITION, OTHER):
        CONSUMER_LAG.labels(partition.topic, str(partition.partition))
    yield build
    CONSUMER_LAG.clear()


def offsets(records: Iterable[Any]) -> list[int]:
    return [one.offset for one in records]


def fail() -> Iterable[Any]:
    raise KafkaConnectionError("gone")


def test_a_batch_is_what_came_while_it_lingered(source: Source) -> None:
    articles = source(FakeConsumer([record(0)], [record(1), record(2)]))
    assert offsets(articles.next_batch()) == [0, 1, 2]
    assert articles.next_batch() == []


def test_what_was_read_before_a_poll_failed_is_in_the_next_batch(source: Source) -> None:
    articles = source(FakeConsumer([record(0)], [record(1)], fail, [record(2)]))
    with pytest.raises(SourceError):
        articles.next_batch()
    assert offsets(articles.next_batch()) == [0, 1, 2]


def test_what_is_revoked_while_a_poll_fails_is_left_to_the_next_owner(source: Source) -> None:
    def revoked_and_gone() -> Iterable[Any]:
        articles.on_partitions_revoked([OTHER])
        return fail()

    consumer = FakeConsumer([record(0), record(7, partition=OTHER)], revoked_and_gone)
    articles = source(consumer)
    with pytest.raises(SourceError):
        articles.next_batch()
    assert offsets(articles.next_batch()) == [0]


def test_what_is_revoked_while_reading_is_held_does_not_come_back(source: Source) -> None:
    def revoked() -> Iterable[Any]:
        articles.on_partitions_revoked([OTHER])
        return [record(1)]

    articles = source(FakeConsumer([record(7, partition=OTHER)], revoked))
    articles.hold()
    articles.hold()
    assert offsets(articles.next_batch()) == [1]


def rebalanced(articles: EnrichedArticles) -> None:
    articles.on_partitions_revoked([PARTITION])
    articles.on_partitions_assigned([PARTITION])


def test_what_is_given_back_in_the_same_rebalance_is_read_again_from_what_is_settled(
    source: Source,
) -> None:
    articles = source(TopicConsumer({PARTITION: [record(n) for n in range(9)]}, lambda _: None))
    first = articles.next_batch()[:4]
    articles.commit([articles.position_after(first[-1])])
    rebalanced(articles)
    assert offsets(articles.next_batch()) == [4, 5, 6, 7, 8]
    rebalanced(articles)
    rebalanced(articles)
    assert offsets(articles.next_batch()) == [4, 5, 6, 7, 8], "nothing was read between the two"


def test_a_partition_that_was_lost_begins_where_the_group_is(source: Source) -> None:
    articles = source(TopicConsumer({PARTITION: [record(n) for n in range(9)]}, lambda _: None))
    articles.next_batch()
    articles.on_partitions_lost([PARTITION])
    articles.on_partitions_assigned([PARTITION])
    assert articles.next_batch() == []


def test_a_position_of_an_earlier_tenure_is_not_committed(source: Source) -> None:
    consumer = FakeConsumer()
    articles = source(consumer)
    position = articles.position_after(record(0))
    articles.on_partitions_revoked([PARTITION])
    assert not articles.is_mine(position)
    articles.commit([position])
    assert consumer.committed == {}


@pytest.mark.parametrize(
    ("error", "kept"),
    [
        pytest.param(KafkaConnectionError("gone"), True, id="no answer: committed later"),
        pytest.param(RebalanceInProgressError(), False, id="refused: it is read again"),
    ],
)
def test_a_commit_that_fails_is_tried_again_unless_partitions_move(
    source: Source, error: KafkaError, kept: bool
) -> None:
    consumer = FakeConsumer()
    consumer.commit_fails = error
    articles = source(consumer)
    position = articles.position_after(record(4))
    if kept:
        with pytest.raises(SourceError):
            articles.commit([position])
    else:
        assert not articles.commit([position])
    consumer.commit_fails = None
    assert articles.commit([])
    assert consumer.committed == ({PARTITION: 5} if kept else {})


def test_connecting_goes_on_until_kafka_answers_or_a_stop() -> None:
    answers: Iterator[Any] = iter([KafkaConnectionError("away"), "connected"])

    def make() -> str:
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return str(answer)

    assert connect(make, lambda _: False) == "connected"
    assert connect(make, lambda _: True) is None
