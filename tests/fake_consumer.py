"""A Kafka consumer that says what a test told it to."""

import time
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any

from kafka import TopicPartition
from kafka.consumer.fetcher import ConsumerRecord
from kafka.structs import OffsetAndMetadata

PARTITION = TopicPartition("articles.enriched.v1", 0)

Step = Callable[[], Iterable[ConsumerRecord]]


def record(offset: int, value: bytes = b"{", partition: TopicPartition = PARTITION) -> Any:
    fields: dict[str, Any] = dict.fromkeys(ConsumerRecord._fields)
    fields |= {
        "topic": partition.topic,
        "partition": partition.partition,
        "offset": offset,
        "value": value,
        "headers": [],
    }
    return ConsumerRecord(**fields)


class FakeConsumer:
    """Each poll takes the next step: records to return, or something to do or raise first."""

    def __init__(self, *steps: Iterable[ConsumerRecord] | Step) -> None:
        self.steps = deque(steps)
        self.committed: dict[TopicPartition, int] = {}
        self.commit_fails: Exception | None = None

    def poll(self, timeout_ms: int, max_records: int) -> dict[TopicPartition, list[Any]]:
        step = self.steps.popleft() if self.steps else ()
        polled: dict[TopicPartition, list[Any]] = {}
        for one in step() if callable(step) else step:
            polled.setdefault(TopicPartition(one.topic, one.partition), []).append(one)
        return polled

    def commit(self, offsets: dict[TopicPartition, OffsetAndMetadata], timeout_ms: int) -> None:
        if self.commit_fails:
            raise self.commit_fails
        self.committed |= {partition: place.offset for partition, place in offsets.items()}

    def assignment(self) -> set[TopicPartition]:
        return {PARTITION}

    def paused(self) -> set[TopicPartition]:
        return set()

    def pause(self, *partitions: TopicPartition) -> None:
        pass

    def resume(self, *partitions: TopicPartition) -> None:
        pass


class TopicConsumer(FakeConsumer):
    """Reads partitions that are in memory, one after another in turns, and checks its commits."""

    def __init__(
        self,
        partitions: dict[TopicPartition, list[Any]],
        check: Callable[[ConsumerRecord], None],
    ) -> None:
        super().__init__()
        self.partitions = partitions
        self.check = check
        self.read: dict[TopicPartition, int] = dict.fromkeys(partitions, 0)
        self.held: set[TopicPartition] = set()

    def poll(self, timeout_ms: int, max_records: int) -> dict[TopicPartition, list[Any]]:
        for partition in sorted(self.partitions.keys() - self.held, key=self.read.__getitem__):
            start = self.read[partition]
            if records := self.partitions[partition][start : start + max_records]:
                self.read[partition] += len(records)
                return {partition: records}
        time.sleep(timeout_ms / 1000)
        return {}

    def commit(self, offsets: dict[TopicPartition, OffsetAndMetadata], timeout_ms: int) -> None:
        """Call ``check`` with each record that is now behind a committed position."""
        for partition, place in offsets.items():
            for one in self.partitions[partition][self.committed.get(partition, 0) : place.offset]:
                self.check(one)
        super().commit(offsets, timeout_ms)

    def assignment(self) -> set[TopicPartition]:
        return set(self.partitions)

    def paused(self) -> set[TopicPartition]:
        return self.held

    def pause(self, *partitions: TopicPartition) -> None:
        self.held |= set(partitions)

    def resume(self, *partitions: TopicPartition) -> None:
        self.held -= set(partitions)

    def seek(self, partition: TopicPartition, offset: int) -> None:
        self.read[partition] = offset

    def end_offsets(self, partitions: Any, timeout_ms: int) -> dict[TopicPartition, int]:
        return {one: len(self.partitions[one]) for one in partitions}

    def position(self, partition: TopicPartition, timeout_ms: int) -> int:
        return self.read[partition]

    def close(self, **_: Any) -> None:
        pass
