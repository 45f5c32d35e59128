"""Each message is counted once, by whoever commits it; a dead letter is not given up."""

import threading
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future

import pytest
from kafka.errors import KafkaConnectionError, RebalanceInProgressError

from services.contract.dead_letters import DeadLetter
from services.contract.wire import encode
from services.index.config import IndexSettings
from services.index.core.settle import Unreachable
from services.index.edges import kafka as edge
from services.index.edges.kafka import EnrichedArticles
from services.index.fates import Fate, Item
from services.index.lanes import Lane
from services.index.metrics import LAST_COMMIT
from services.index.pipeline import Batch, Index
from services.index.write import Writer
from services.runtime.health import Health
from services.runtime.metrics import ARTICLES, CONSUMER_LAG
from tests.fake_consumer import PARTITION, FakeConsumer, record
from tests.support import enriched_article

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
    LAST_COMMIT.set(0)
    index.acknowledge(index.prepare([record(0), record(1)]), [DEAD, DEAD])
    assert parts.consumer.committed == {PARTITION: 2}
    assert LAST_COMMIT._value.get() > 0
    assert counted() == before + 2


def test_nothing_behind_what_is_not_settled_is_committed_or_counted(parts: Parts) -> None:
    index, before = parts.index(), counted()
    index.acknowledge(index.prepare([record(n) for n in range(3)]), [DEAD, None, DEAD])
    assert parts.consumer.committed == {PARTITION: 1}
    assert counted() == before + 1


def written(items: list[Item], *fates: Fate | None) -> Batch:
    future: Future[list[Fate | None]] = Future()
    future.set_result(list(fates))
    return Batch(items, [(list(range(len(items))), future)])


def test_batches_are_acknowledged_in_order_and_none_over_a_gap(parts: Parts) -> None:
    index = parts.index()
    items = [index.prepare([record(number)]) for number in range(4)]
    slow = Batch(items[1], [([0], Future())])
    writing = deque([written(items[0], DEAD), slow, written(items[2], DEAD)])
    index.acknowledge_written(writing)
    assert parts.consumer.committed == {PARTITION: 1}
    slow.shares[0][1].set_result([None])  # asked to stop before it was settled
    index.acknowledge_written(writing)
    assert parts.consumer.committed == {PARTITION: 1}
    assert not writing


def test_an_article_is_always_in_the_same_lane_and_its_fates_find_back(parts: Parts) -> None:
    index = parts.index()
    values = [encode(enriched_article(number)) for number in (1, 2, 3, 4, 1, 2)]
    items = index.prepare([record(n, value) for n, value in enumerate(values)])
    parts.stop.set()  # nothing will be written
    batch = index.begin(items, Lane("stories"), [Lane("1"), Lane("2"), Lane("3")])
    lane_of = {n: lane for lane, (share, _) in enumerate(batch.shares) for n in share}
    assert sorted(lane_of) == list(range(6))
    assert (lane_of[0], lane_of[1]) == (lane_of[4], lane_of[5])
    assert batch.is_written(10)
    assert batch.fates() == [None] * 6


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
