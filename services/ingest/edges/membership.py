"""Which sources are this instance's: its part in a consumer group over the cursors' topic.

A source belongs to the partition that its cursor is in. The consumer reads nothing; Kafka's group
only shares the partitions out. Two rules keep two instances from working on one source:

- A partition is given up only when its polls are over and no cursor of it is being written.
- What is ours must have been confirmed by the group a moment ago (``fence.py``). A process that
  slept, or that Kafka cannot hear, stops before the group gives its partitions to another.

Decision 11 shows why this is enough.
"""

import asyncio
import contextlib
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterable
from typing import Protocol

import structlog
from kafka import ConsumerRebalanceListener, KafkaConsumer, TopicPartition
from kafka.coordinator.assignors.cooperative_sticky import CooperativeStickyAssignor
from kafka.errors import KafkaError, RebalanceInProgressError
from kafka.structs import OffsetAndMetadata

from services.contract.topics import SOURCES, namespaced
from services.ingest.edges.fence import RELEASE_GRACE_S, Fence
from services.runtime.health import Health
from services.runtime.kafka import make_consumer
from services.runtime.settings import Settings

SESSION_S = 10.0
_CONFIRM_EVERY_S = 1.0
_CONFIRM_TIMEOUT_MS = 2_000
_POLL_MS = 250
_RECONNECT_S = 1.0
_LEAVE_WITHIN_S = 2.0
_ANSWER_WITHIN_MS = 3_000

log = structlog.get_logger()


class Share(Protocol):
    """Who is told what is ours. Called from the membership's threads."""

    def gain(self, partitions: frozenset[int]) -> None:
        """Begin to poll the sources of ``partitions``."""

    def lose(self, partitions: frozenset[int], grace_s: float) -> None:
        """Return when no source of ``partitions`` is polled, which may take ``grace_s``."""


class Membership(ConsumerRebalanceListener):  # type: ignore[misc]
    """A member of the group. ``run`` is a thread of its own, the rest is safe to use from any."""

    def __init__(self, settings: Settings, health: Health, fence: Fence) -> None:
        self._settings = settings
        self._health = health
        self._fence = fence
        self._commit = {
            TopicPartition(namespaced(SOURCES.name, settings.namespace), 0): OffsetAndMetadata(0)
        }
        self._consumer: KafkaConsumer | None = None
        self._share: Share | None = None
        self._asked_at = float("-inf")

    @contextlib.asynccontextmanager
    async def held_by(self, share: Share, ended: Callable[[], None]) -> AsyncIterator[None]:
        """Be a member, and tell ``share`` what is ours; leave the group at the end.

        ``ended`` is called in the event loop if that ends before, which is a bug.
        """
        loop, leaving = asyncio.get_running_loop(), threading.Event()

        def be_member() -> None:
            try:
                self._run(share, leaving)
            finally:
                if not leaving.is_set():
                    loop.call_soon_threadsafe(ended)

        thread = threading.Thread(target=be_member, name="membership", daemon=True)
        thread.start()
        try:
            yield
        finally:
            leaving.set()
            await asyncio.to_thread(thread.join, _LEAVE_WITHIN_S)

    def _run(self, share: Share, stop: threading.Event) -> None:
        self._share = share
        while not stop.is_set():
            try:
                self._consumer = self._consumer or self._join()
                self._consumer.poll(timeout_ms=_POLL_MS)
                self._confirm(self._consumer)
            except RebalanceInProgressError:
                pass  # the next poll goes on joining; what ends between two polls is begun anew
            except KafkaError as error:
                log.warning("no word from the group", error=f"{type(error).__name__}: {error}")
                stop.wait(_RECONNECT_S)
            if self._fence.holds():
                self._health.available("group")
                self._take()
            else:
                self._health.unavailable("group", "the consumer group does not confirm us")
                self._give_up(self._fence.ours, grace_s=0)
        if self._consumer is not None:
            with contextlib.suppress(KafkaError, RuntimeError):
                self._consumer.close(autocommit=False, timeout_ms=1_000)

    def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        """Keep the consumer from reading; what is ours is looked up after the poll."""
        if self._consumer:
            self._consumer.pause(*assigned)

    def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        """Give the partitions up before the group goes on."""
        self._give_up(frozenset(tp.partition for tp in revoked), RELEASE_GRACE_S)

    def on_partitions_lost(self, lost: Iterable[TopicPartition]) -> None:
        """Drop what may be another's already."""
        self._give_up(frozenset(tp.partition for tp in lost), grace_s=0)

    def _join(self) -> KafkaConsumer:
        return make_consumer(
            self._settings,
            "ingest",
            SOURCES,
            listener=self,
            partition_assignment_strategy=[CooperativeStickyAssignor],
            session_timeout_ms=int(SESSION_S * 1_000),
            heartbeat_interval_ms=1_000,  # how soon a member hears that another has come or gone
            auto_offset_reset="latest",
            fetch_max_bytes=1,
            max_poll_interval_ms=30_000,
            bootstrap_timeout_ms=_ANSWER_WITHIN_MS,
        )

    def _confirm(self, consumer: KafkaConsumer) -> None:
        """Renew the lease: the group accepts a commit only of a member of its generation."""
        now = time.monotonic()
        joined = consumer.group_metadata().generation_id >= 0
        if not joined or now - self._asked_at < _CONFIRM_EVERY_S:
            return
        self._asked_at = now
        consumer.commit(self._commit, timeout_ms=_CONFIRM_TIMEOUT_MS)
        self._fence.confirm(now)

    def _take(self) -> None:
        assigned = self._consumer.assignment() if self._consumer else ()
        gained = frozenset(tp.partition for tp in assigned) - self._fence.ours
        if gained and self._share:
            log.info("sources gained", partitions=sorted(gained))
            self._fence.open(gained)
            self._share.gain(gained)

    def _give_up(self, partitions: frozenset[int], grace_s: float) -> None:
        """Return when no source of ``partitions`` is polled and no cursor of one is written."""
        lost = partitions & self._fence.ours
        if not lost or not self._share:
            return
        log.info("sources lost", partitions=sorted(lost))
        self._fence.give_up(lost, self._share.lose, grace_s)
