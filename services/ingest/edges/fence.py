"""Who may write about a source: only who holds its partition, and knows that it still does.

The partitions are ours only while the group has confirmed that a moment ago (a *lease*). Decision
11 shows why this is enough.
"""

import contextlib
import threading
from collections.abc import Callable, Iterator

from kafka.partitioner.default import murmur2

from services.contract.topics import SOURCES

LEASE_S = 5.0
"""How long a confirmation of the group counts. With the time that a cursor may take to be delivered
(``publisher.CURSOR_DELIVERY_S``) it must be less than ``membership.SESSION_S``."""

RELEASE_GRACE_S = 3.0
"""How long polls of a partition that is taken away may go on, and how long what they write then may
be under way. Meanwhile there is no heartbeat."""


class NotOurs(Exception):  # noqa: N818 - it is no error: another instance has the source
    """The source is another instance's by now, or may be."""


def partition_of(source_id: str) -> int:
    """Return the partition that a source's cursor is in: the one that the producer chooses."""
    return int(murmur2(source_id.encode()) & 0x7FFFFFFF) % SOURCES.partitions


class Fence:
    """What is ours, and the writes under way. Safe to use from any thread.

    ``clock`` gives seconds that never go back.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._ours: frozenset[int] = frozenset()
        self._confirmed_at = float("-inf")
        self._writes: list[str] = []
        self._changed = threading.Condition()

    @property
    def ours(self) -> frozenset[int]:
        """The partitions that were opened and not yet closed."""
        return self._ours

    def confirm(self, asked_at: float) -> None:
        """Renew the lease: the group confirms us, as of when it was asked."""
        self._confirmed_at = asked_at

    def holds(self) -> bool:
        """Return whether the lease holds."""
        return self._clock() - self._confirmed_at < LEASE_S

    def open(self, partitions: frozenset[int]) -> None:
        """Let writes about the sources of ``partitions`` pass."""
        with self._changed:
            self._ours |= partitions

    def give_up(
        self,
        partitions: frozenset[int],
        lose: Callable[[frozenset[int], float], None],
        grace_s: float,
    ) -> None:
        """Return when no source of ``partitions`` is polled and no cursor of one is written.

        ``lose`` ends the polls, which for ``grace_s`` may still write what they found. Without
        grace the partitions may be another's already: then nothing passes any more.
        """
        if not grace_s:
            self._close(partitions)
        lose(partitions, grace_s)
        self._close(partitions)
        with self._changed:
            self._changed.wait_for(
                lambda: not any(partition_of(source) in partitions for source in self._writes),
                timeout=RELEASE_GRACE_S,
            )

    def _close(self, partitions: frozenset[int]) -> None:
        with self._changed:
            self._ours -= partitions

    @contextlib.contextmanager
    def writing(self, source_id: str) -> Iterator[None]:
        """Allow one write about a source. Raises NotOurs."""
        with self._changed:
            if partition_of(source_id) not in self._ours or not self.holds():
                raise NotOurs(source_id)
            self._writes.append(source_id)
        try:
            yield
        finally:
            with self._changed:
                self._writes.remove(source_id)
                self._changed.notify_all()
