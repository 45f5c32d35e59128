"""Messages read and not yet confirmed, acknowledged strictly in the order they were read.

Faust commits past a message that is not acknowledged if a later one is (faust-streaming/faust#606),
so a later one waits here until all before it in its partition are delivered.
"""

import asyncio
from collections import defaultdict, deque
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass


@dataclass(slots=True, eq=False)
class Slot:
    """One message's place. ``acknowledge`` is called once, when it and all before are delivered."""

    partition: Hashable
    offset: int
    acknowledge: Callable[[], object]
    delivered: bool = False
    dropped: bool = False


class InFlight:
    """The places of all partitions, with a bound on how many are taken. For one event loop.

    ``settled`` counts what was acknowledged, ``generation`` how often partitions were taken away.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._queues: dict[Hashable, deque[Slot]] = defaultdict(deque)
        self._positions: dict[Hashable, int] = {}
        self._count = 0
        self._changed = asyncio.Event()
        self.settled = 0
        self.generation = 0

    def __len__(self) -> int:
        return self._count

    async def wait_below(self, count: int | None = None) -> None:
        """Wait until fewer than ``count`` places, by default the limit, are taken."""
        bound = self._limit if count is None else count
        while self._count >= bound:
            self._changed.clear()
            await self._changed.wait()

    def position(self, partition: Hashable) -> int | None:
        """Return the offset after the last one acknowledged; None if none was."""
        return self._positions.get(partition)

    def take(self, partition: Hashable, offset: int, acknowledge: Callable[[], object]) -> Slot:
        """Take the next place of ``partition``."""
        slot = Slot(partition, offset, acknowledge)
        self._queues[partition].append(slot)
        self._count += 1
        return slot

    def deliver(self, slot: Slot) -> None:
        """Note that what became of the message is confirmed; acknowledge all that can be."""
        slot.delivered = True
        if slot.dropped:
            return
        queue = self._queues[slot.partition]
        while queue and queue[0].delivered:
            head = queue.popleft()
            head.acknowledge()
            self._positions[head.partition] = head.offset + 1
            self._count -= 1
            self.settled += 1
        self._changed.set()

    def drop(self, partitions: Iterable[Hashable]) -> None:
        """Forget the messages of ``partitions``: they are another's now, who reads them again."""
        self.generation += 1
        for partition in partitions:
            self._positions.pop(partition, None)
            for slot in self._queues.pop(partition, ()):
                slot.dropped = True
                self._count -= 1
        self._changed.set()
