"""The topic of alerts as one channel reads it: one by one, committed behind what is settled.

Each channel has a consumer group of its own, so that none waits for another. A group that is new
begins with what comes after the start of the process, and notes that at once: what comes before its
first commit is not lost. After partitions moved, it is asked anew where to go on.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

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

from services.contract.topics import ALERTS
from services.runtime.kafka import make_consumer
from services.runtime.settings import Settings

_IDLE_POLL_S = 0.5
_TIMEOUT_MS = 3_000
_REBALANCED = (
    CommitFailedError,
    IllegalGenerationError,
    RebalanceInProgressError,
    UnknownMemberIdError,
)

log = structlog.get_logger()


class SourceError(Exception):
    """Kafka cannot be used at the moment."""


class ChannelAlerts(ConsumerRebalanceListener):  # type: ignore[misc]
    """A member of the consumer group of one channel. Used from one thread.

    A new group begins with what comes after ``since``. ``history`` is how far before the group's
    position it reads, to know what was told already. Raises KafkaError.
    """

    def __init__(
        self, settings: Settings, channel_id: str, since: datetime, history: timedelta
    ) -> None:
        self._since = since
        self._history = history
        self._new: set[TopicPartition] = set()
        self._begins_at: dict[TopicPartition, int] = {}
        self._settled: dict[TopicPartition, int] = {}
        self._uncommitted: dict[TopicPartition, int] = {}
        self._current: ConsumerRecord | None = None
        self._consumer: KafkaConsumer = make_consumer(
            settings, f"alert-{channel_id}", ALERTS, listener=self, max_poll_records=1
        )

    def next(self) -> ConsumerRecord | None:
        """Return the next record, None if none came in a moment. Raises SourceError."""
        self._commit()
        self._current = None
        record = self._poll(_IDLE_POLL_S)
        self._current = record
        return record

    def hold(self, wait_s: float) -> None:
        """Stay in the group for ``wait_s`` without reading on. Raises SourceError."""
        paused = self._consumer.assignment()
        self._consumer.pause(*paused)
        try:
            self._poll(wait_s)
        finally:
            self._consumer.resume(*paused & self._consumer.assignment())

    def is_mine(self) -> bool:
        """Return whether the partition of the last record was not taken away since."""
        return self._current is not None

    def is_history(self, record: ConsumerRecord) -> bool:
        """Return whether ``record`` was settled before this process began to read."""
        return bool(record.offset < self._begins_at[_partition(record)])

    def has_caught_up(self) -> bool:
        """Return whether all history is read, and there are partitions to speak for."""
        return bool(self._consumer.assignment()) and not self._new and self._history_is_read()

    def settle(self, record: ConsumerRecord) -> None:
        """Commit that ``record`` and all before it are settled.

        Raises SourceError if Kafka did not confirm: it is tried again before the next is read.
        """
        self._settled[_partition(record)] = record.offset + 1
        self._uncommitted[_partition(record)] = record.offset + 1
        self._commit()

    def close(self) -> None:
        """Leave the group."""
        self._consumer.close(autocommit=False, timeout_ms=1_000)

    def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        """Forget what is under way: it is for whoever has the partition next."""
        for partition in revoked:
            self._new.discard(partition)
            self._uncommitted.pop(partition, None)
            if self._current is not None and _partition(self._current) == partition:
                self._current = None

    def on_partitions_lost(self, lost: Iterable[TopicPartition]) -> None:
        """Forget it too: others may have it already."""
        self.on_partitions_revoked(lost)

    def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        """Ask where to go on before anything of them is read."""
        self._new |= set(assigned)

    def _poll(self, wait_s: float) -> ConsumerRecord | None:
        try:
            polled = self._consumer.poll(timeout_ms=round(wait_s * 1000), max_records=1)
            if self._new:  # wherever Kafka-python began with them: they are sent to their place
                for partition in sorted(self._new):
                    self._begin(partition)
                return None
        except KafkaError as error:
            raise SourceError(f"poll: {error!r}") from error
        return next((record for records in polled.values() for record in records), None)

    def _begin(self, partition: TopicPartition) -> None:
        """Go to where the group is, or as far before as the history reaches."""
        committed = self._consumer.committed(partition, timeout_ms=_TIMEOUT_MS)
        if committed is None:
            committed = self._first_after(self._since, partition)
            self._consumer.commit({partition: OffsetAndMetadata(committed)}, timeout_ms=_TIMEOUT_MS)
            log.info("channel begins", offset=committed)
        position = max(committed, self._settled.get(partition, 0))
        self._begins_at[partition] = position
        known_since = self._first_after(datetime.now(UTC) - self._history, partition)
        self._consumer.seek(partition, min(position, known_since))
        self._new.discard(partition)

    def _first_after(self, moment: datetime, partition: TopicPartition) -> int:
        """Return the offset of the first record that was written after ``moment``, or the end."""
        asked = {partition: int(moment.timestamp() * 1000)}
        found = self._consumer.offsets_for_times(asked, timeout_ms=_TIMEOUT_MS)
        if found.get(partition):
            return int(found[partition].offset)
        return int(self._consumer.end_offsets([partition], timeout_ms=_TIMEOUT_MS)[partition])

    def _history_is_read(self) -> bool:
        return all(
            self._consumer.position(partition, timeout_ms=_TIMEOUT_MS) >= self._begins_at[partition]
            for partition in self._consumer.assignment()
        )

    def _commit(self) -> None:
        if not self._uncommitted:
            return
        offsets = {tp: OffsetAndMetadata(offset) for tp, offset in self._uncommitted.items()}
        try:
            self._consumer.commit(offsets, timeout_ms=_TIMEOUT_MS)
        except _REBALANCED as error:
            log.info("not committed, partitions moved", error=str(error))
        except KafkaError as error:
            raise SourceError(f"commit: {error!r}") from error
        self._uncommitted.clear()


def _partition(record: ConsumerRecord) -> TopicPartition:
    return TopicPartition(record.topic, record.partition)
