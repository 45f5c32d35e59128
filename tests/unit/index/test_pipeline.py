"""Each message is counted once, by whoever commits it; a dead letter is not given up."""

import threading
from collections.abc import Iterator, Sequence

import pytest
from kafka.errors import KafkaConnectionError, RebalanceInProgressError

from services.contract.dead_letters import DeadLetter
from services.index.config import IndexSettings
from services.index.core.settle import Unreachable
from services.index.edges import kafka as edge
from services.index.edges.kafka import EnrichedArticles
from services.index.fates import Fate
from services.index.pipeline import Index
from services.index.write import Writer
from services.runtime.health import Health
from services.runtime.metrics import ARTICLES, CONSUMER_LAG
from tests.fake_consumer import PARTITION, FakeConsumer, record

DEAD = Fate("dead", "not-json", "decode", "why")


class Letters:
    """Refuses as often as it is told to, then confirms."""

    def __init__(self, refusals: int = 0, stop: threading.Event | None = None) -> None:
        self.confirmed: list[DeadLetter] = []
        self.refusals = refusals
        self.stop = stop

    def send(self, letters: Sequence[DeadLetter]) -> list[DeadLetter]:
        if self.refusals:
            self.refusals -= 1
            if self.stop and not self.refusals:
                self.stop.set()
            self.confirmed += letters[:1]
            return list(letters[1:])
        self.confirmed += letters
        return []


class Parts:
    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.consumer = FakeConsumer()
        monkeypatch.setattr(edge, "make_consumer", lambda *_, **__: self.consumer)
        monkeypatch.setattr("services.index.pipeline._RETRY_KAFKA_S", 0)
        self.stop = threading.Event()
        self.health = Health(10)
        self.source = EnrichedArticles(IndexSettings())

    def index(self, letters: Letters | None = None) -> Index:
        writer = Writer(lambda _: Unreachable("away"), self.health, self.stop, lambda: 0.0, 1_000)
        return Index(self.source, writer, letters or Letters(), self.health, self.stop)


@pytest.fixture
def parts(monkeypatch: pytest.MonkeyPatch) -> Iterator[Parts]:
    CONSUMER_LAG.labels(PARTITION.topic, str(PARTITION.partition))
    yield Parts(monkeypatch)
    CONSUMER_LAG.clear()


def counted() -> float:
    return ARTICLES.labels("index", "dead", "not-json")._value.get()


def test_a_settled_message_is_committed_and_counted(parts: Parts) -> None:
    index, before = parts.index(), counted()
    index.acknowledge(index.prepare([record(0), record(1)]), [DEAD, DEAD])
    assert parts.consumer.committed == {PARTITION: 2}
    assert counted() == before + 2


def test_nothing_behind_what_is_not_settled_is_committed_or_counted(parts: Parts) -> None:
    index, before = parts.index(), counted()
    index.acknowledge(index.prepare([record(n) for n in range(3)]), [DEAD, None, DEAD])
    assert parts.consumer.committed == {PARTITION: 1}
    assert counted() == before + 1


def test_what_was_taken_away_meanwhile_is_counted_by_its_next_owner(parts: Parts) -> None:
    index, before = parts.index(), counted()
    batch = index.prepare([record(0)])
    parts.source.on_partitions_revoked([PARTITION])
    index.acknowledge(batch, [DEAD])
    assert parts.consumer.committed == {}
    assert counted() == before


def test_what_kafka_refuses_to_commit_is_counted_when_it_is_read_again(parts: Parts) -> None:
    index, before = parts.index(), counted()
    parts.consumer.commit_fails = RebalanceInProgressError()
    index.acknowledge(index.prepare([record(0)]), [DEAD])
    assert counted() == before
    parts.consumer.commit_fails = None
    index.acknowledge(index.prepare([record(0)]), [DEAD])
    assert counted() == before + 1


def test_what_is_settled_while_kafka_is_away_is_counted_once_and_committed_later(
    parts: Parts,
) -> None:
    index, before = parts.index(), counted()
    parts.consumer.commit_fails = KafkaConnectionError("away")
    index.acknowledge(index.prepare([record(0)]), [DEAD])
    parts.consumer.commit_fails = None
    index.acknowledge(index.prepare([record(1)]), [DEAD])
    assert parts.consumer.committed == {PARTITION: 2}
    assert counted() == before + 2


def test_a_dead_letter_that_is_not_confirmed_is_sent_again_alone(parts: Parts) -> None:
    letters = Letters(refusals=2)
    index = parts.index(letters)
    fates = index.write(index.prepare([record(n) for n in range(5)]))
    assert [letter.offset for letter in letters.confirmed] == [0, 1, 2, 3, 4]
    assert [fate and fate.name for fate in fates] == ["dead"] * 5
    assert "dead-letters" not in parts.health.missing()


def test_asked_to_stop_before_a_dead_letter_is_confirmed_it_leaves_the_message_unsettled(
    parts: Parts,
) -> None:
    index = parts.index(Letters(refusals=1, stop=parts.stop))
    assert index.write(index.prepare([record(0), record(1)])) == [None, None]
    assert "dead-letters" in parts.health.missing()
