"""The topic of enriched articles: batches in, positions committed, lag measured.

Every partition has a *tenure*, counted up when it is taken away: what was read under an older one
is not committed, because it is read again. Kafka-python keeps the position where a partition is
taken away and given back in one rebalance, and would go on behind it: so it is sent back.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

import structlog
from kafka import ConsumerRebalanceListener, KafkaConsumer, TopicPartition
from kafka.consumer.fetcher import ConsumerRecord
from kafka.errors import (
    CommitFailedError,
    IllegalGenerationError,
    KafkaError,
    RebalanceInProgressError,
    UnknownMemberIdError,
)
from kafka.structs import OffsetAndMetadata

from services.contract.topics import ENRICHED, namespaced
from services.index.config import IndexSettings
from services.index.edges.elasticsearch import VERSION
from services.index.metrics import LAST_COMMIT
from services.runtime.kafka import make_consumer
from services.runtime.lag import Lag

GROUP = f"index-{VERSION}"
"""Each mapping has a group of its own, so that the indices of two are filled beside each other."""

RECORDS_PER_POLL = 250
_IDLE_POLL_S = 0.5
_HOLD_S = 0.1
_COMMIT_TIMEOUT_MS = 3_000
_PROBE_TIMEOUT_MS = 2_000
_PROBE_EVERY_S = 5.0
_RECONNECT_S = 1.0
_REBALANCED = (
    CommitFailedError,
    IllegalGenerationError,
    RebalanceInProgressError,
    UnknownMemberIdError,
)

T = TypeVar("T")
log = structlog.get_logger()


class SourceError(Exception):
    """Kafka cannot be used at the moment."""


@dataclass(frozen=True, slots=True)
class Position:
    """A place in a partition, and the tenure under which it was reached."""

    partition: TopicPartition
    tenure: int
    offset: int


class EnrichedArticles(ConsumerRebalanceListener):  # type: ignore[misc]
    """A member of the consumer group of index. Used from one thread."""

    def __init__(self, settings: IndexSettings) -> None:
        self._linger_s = settings.linger_s
        self._most_records = settings.connections * settings.batch_documents
        self._most_bytes = settings.connections * settings.batch_bytes
        self._topic = namespaced(ENRICHED.name, settings.namespace)
        self._tenures: Counter[TopicPartition] = Counter()
        self._held: list[ConsumerRecord] = []
        self._uncommitted: dict[TopicPartition, Position] = {}
        self._settled: dict[TopicPartition, int] = {}
        self._go_back_to: dict[TopicPartition, int] = {}
        self._probed_at = 0.0
        self._lags = Lag()
        self._consumer: KafkaConsumer = make_consumer(
            settings,
            GROUP,
            ENRICHED,
            listener=self,
            max_poll_records=RECORDS_PER_POLL,
            fetch_max_bytes=self._most_bytes,
        )

    def next_batch(self) -> list[ConsumerRecord]:
        """Return the next records, a request for each connection or what came while it lingered.

        Raises SourceError.
        """
        wait_s = 0.0 if self._held else _IDLE_POLL_S
        deadline = time.monotonic() + self._linger_s
        while (room := self._most_records - len(self._held)) > 0:
            if _bytes(self._held) >= self._most_bytes:
                break
            polled = self._poll_into_held(wait_s, min(room, RECORDS_PER_POLL))
            if len(self._held) == polled:  # the first of the batch
                deadline = time.monotonic() + self._linger_s
            wait_s = deadline - time.monotonic()
            if not polled or wait_s <= 0:
                break
        records, self._held = self._held, []
        return records

    def hold(self) -> None:
        """Stay in the group without reading on. Raises SourceError."""
        self._consumer.pause(*self._consumer.assignment())
        # A partition that is assigned in this very poll is not paused yet.
        self._poll_into_held(_HOLD_S, RECORDS_PER_POLL)

    def read_on(self) -> None:
        """End what ``hold`` began."""
        self._consumer.resume(*self._consumer.paused())

    def position_after(self, record: ConsumerRecord) -> Position:
        """Return the position that says: ``record`` and all before it are settled."""
        partition = _partition(record)
        return Position(partition, self._tenures[partition], record.offset + 1)

    def is_mine(self, position: Position) -> bool:
        """Return whether the partition was not taken away since it was read."""
        return self._tenures[position.partition] == position.tenure

    def commit(self, positions: Iterable[Position]) -> bool:
        """Commit ``positions``, and earlier ones that could not be, unless they were taken away.

        Returns False if Kafka refused because partitions move: what is behind these positions will
        be read again. Raises SourceError if Kafka did not confirm: the next call tries them again.
        """
        self._uncommitted |= {position.partition: position for position in positions}
        mine = {p.partition: p.offset for p in self._uncommitted.values() if self.is_mine(p)}
        refused = False
        if mine:
            offsets = {tp: OffsetAndMetadata(offset) for tp, offset in mine.items()}
            try:
                self._consumer.commit(offsets, timeout_ms=_COMMIT_TIMEOUT_MS)
            except _REBALANCED as error:
                refused = True
                log.info("not committed, partitions moved", error=str(error))
            except KafkaError as error:
                raise SourceError(f"commit: {error!r}") from error
            else:
                self._settled |= mine
                LAST_COMMIT.set_to_current_time()
        self._uncommitted.clear()
        return not refused

    def measure_lag(self, *, idle: bool) -> int | None:
        """Ask Kafka how many records are left; None if it was asked a moment ago.

        ``idle`` says that all that was read is settled. Raises SourceError.
        """
        if time.monotonic() - self._probed_at < _PROBE_EVERY_S:
            return None
        self._probed_at = time.monotonic()
        self.commit(())
        mine = sorted(self._consumer.assignment())
        try:
            # A member without partitions asks about any, to know that Kafka is there.
            ends = self._consumer.end_offsets(
                mine or [TopicPartition(self._topic, 0)], timeout_ms=_PROBE_TIMEOUT_MS
            )
            read = {tp: self._consumer.position(tp, timeout_ms=_PROBE_TIMEOUT_MS) for tp in mine}
        except KafkaError as error:
            raise SourceError(f"offsets: {error!r}") from error
        return sum(self._lag(tp, ends[tp], read[tp], idle=idle) for tp in mine)

    def close(self) -> None:
        """Leave the group."""
        self._consumer.close(autocommit=False, timeout_ms=1_000)

    def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        """Begin a new tenure: what is not committed by now is not ours to commit."""
        for partition in revoked:
            self._tenures[partition] += 1
            if partition in self._settled:
                self._go_back_to[partition] = self._settled.pop(partition)
            self._held = [record for record in self._held if _partition(record) != partition]
            self._lags.forget(partition.topic, partition.partition)

    def on_partitions_lost(self, lost: Iterable[TopicPartition]) -> None:
        """Begin a new tenure; others may have read on, so that the group's position counts."""
        self.on_partitions_revoked(lost)
        self._go_back_to.clear()

    def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        """Begin where nothing is settled any more, not where reading was interrupted."""
        for partition in assigned:
            if partition in self._go_back_to:
                self._consumer.seek(partition, self._go_back_to[partition])
        self._go_back_to.clear()
        log.info("partitions assigned", partitions=sorted(tp.partition for tp in assigned))

    def _poll_into_held(self, wait_s: float, most: int) -> int:
        """Read on and return how many records came.

        They are held until a whole batch is returned: Kafka does not give them a second time if
        a later poll fails. What is revoked meanwhile is taken out of them.
        """
        try:
            polled = self._consumer.poll(
                timeout_ms=round(max(0.0, wait_s) * 1000), max_records=most
            )
        except KafkaError as error:
            raise SourceError(f"poll: {error!r}") from error
        for partition, records in polled.items():
            self._settled.setdefault(partition, records[0].offset)
            self._held += records
        return sum(map(len, polled.values()))

    def _lag(self, tp: TopicPartition, end: int, read: int | None, *, idle: bool) -> int:
        """Return the records of ``tp`` that are not settled.

        When all that was read is settled, the reading position says it, also where retention has
        deleted what was never read; otherwise the last commit does, or the first record read.
        """
        settled = read if idle else self._settled.get(tp, read)
        return self._lags.show(tp.topic, tp.partition, end, settled or 0)


def connect(make: Callable[[], T], wait: Callable[[float], bool]) -> T | None:
    """Return what ``make`` connects to Kafka, once it can; None if ``wait`` says to stop."""
    while not wait(0):
        try:
            return make()
        except KafkaError as error:
            log.warning("waiting for kafka", error=str(error))
            wait(_RECONNECT_S)
    return None


def _partition(record: ConsumerRecord) -> TopicPartition:
    return TopicPartition(record.topic, record.partition)


def _bytes(records: Iterable[ConsumerRecord]) -> int:
    return sum(len(record.value or b"") for record in records)
