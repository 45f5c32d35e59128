"""Reading dead letters ends, also when Kafka does not go on; sending says what was not taken."""

from datetime import UTC, datetime
from typing import Any

import pytest
from kafka import TopicPartition
from kafka.errors import KafkaTimeoutError

from services.contract.dead_letters import DeadLetter
from services.contract.topics import dead_letters
from services.runtime import dead_letters as runtime
from services.runtime.dead_letters import DeadLetterProducer, read_dead_letters
from services.runtime.settings import Settings


class SilentConsumer:
    """Knows where the topic ends, from before Kafka went away, and gets nothing any more."""

    def __init__(self, **_: Any) -> None: ...

    def topics(self) -> set[str]:
        return {"index.dead-letters.v1"}

    def end_offsets(self, partitions: list[TopicPartition], timeout_ms: int) -> dict[Any, int]:
        return dict.fromkeys(partitions, 9)

    def position(self, partition: TopicPartition, timeout_ms: int) -> int:
        return 3

    def assign(self, partitions: list[TopicPartition]) -> None: ...
    def seek_to_beginning(self, partition: TopicPartition) -> None: ...
    def close(self) -> None: ...
    def poll(self, timeout_ms: int) -> dict[TopicPartition, list[Any]]:
        return {}


@pytest.mark.timeout(20)
def test_a_kafka_that_goes_away_while_it_is_read_is_an_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(runtime, "KafkaConsumer", SilentConsumer)
    monkeypatch.setattr(runtime, "_READ_TIMEOUT_MS", 100)
    with pytest.raises(KafkaTimeoutError, match=r"index\.dead-letters\.v1 .* at 3 of 9"):
        list(read_dead_letters(Settings(), "index"))


class FakeProducer:
    """Confirms the first letter, refuses the second, and takes no more after the third."""

    def __init__(self) -> None:
        self.count = 0

    def send(self, topic: str, **_: Any) -> Any:
        self.count += 1
        if self.count == 4:
            raise KafkaTimeoutError("no metadata")
        return Answer(KafkaTimeoutError("late") if self.count == 2 else None)


class Answer:
    def __init__(self, error: Exception | None) -> None:
        self.error = error

    def get(self) -> None:
        if self.error:
            raise self.error


def letter(offset: int) -> DeadLetter:
    return DeadLetter(
        b"{", b"k", "index", "decode", "not-json", "why", datetime.now(UTC), 1, "t", 0, offset
    )


def test_the_letters_that_were_not_confirmed_are_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runtime, "make_producer", lambda _: FakeProducer())
    producer = DeadLetterProducer(Settings(), dead_letters("index"))
    left = producer.send([letter(n) for n in range(5)])
    assert [one.offset for one in left] == [1, 3, 4]
