"""What of the catalogue is this instance's to poll: the sources of the partitions that it holds."""

import asyncio
import contextlib
from collections.abc import Callable, Iterable

import structlog
from kafka.errors import KafkaError

from services.ingest.core.packed import PackedCursor
from services.ingest.core.sources import Source
from services.ingest.edges.fence import partition_of
from services.ingest.schedule import Schedule

READ_AGAIN_S = 1.0
LOSE_WITHIN_S = 1.0
"""How long the loop may take to notice, besides the grace of the polls."""

ReadCursors = Callable[[frozenset[int]], dict[str, PackedCursor]]

log = structlog.get_logger()


class LocalShare:
    """Joins the catalogue, the partitions that are ours, and their cursors in the schedule.

    ``gain`` and ``lose`` are for other threads, the rest for that of the event loop.
    """

    def __init__(self, schedule: Schedule, read: ReadCursors, sources: Iterable[Source]) -> None:
        self._schedule = schedule
        self._read = read
        self._sources = {source.id: source for source in sources}
        self._resting: dict[str, PackedCursor] = {}  # of what is ours but not listed
        self._taking: dict[int, asyncio.Task[None]] = {}
        self._ours: set[int] = set()
        self._loop = asyncio.get_running_loop()

    def gain(self, partitions: frozenset[int]) -> None:
        """Read the cursors of ``partitions`` and begin to poll their sources."""
        self._loop.call_soon_threadsafe(self._begin_to_take, partitions)

    def lose(self, partitions: frozenset[int], grace_s: float) -> None:
        """Return when no source of ``partitions`` is polled any more."""
        with contextlib.suppress(TimeoutError, RuntimeError):  # a loop that has ended polls nothing
            losing = asyncio.run_coroutine_threadsafe(self._lose(partitions, grace_s), self._loop)
            losing.result(grace_s + LOSE_WITHIN_S)

    async def use(self, sources: Iterable[Source]) -> None:
        """Go on with another catalogue: a source that it still has keeps its cursor."""
        self._sources = {source.id: source for source in sources}
        gone = [source_id for source_id in self._schedule.ids() if source_id not in self._sources]
        self._schedule.change(self._sources.values())
        self._resting |= await self._schedule.remove(gone)
        self._fill()

    def _begin_to_take(self, partitions: frozenset[int]) -> None:
        task = asyncio.create_task(self._take(partitions))
        self._taking |= dict.fromkeys(partitions, task)

    async def _take(self, partitions: frozenset[int]) -> None:
        while True:
            try:
                cursors = await asyncio.to_thread(self._read, partitions)
            except KafkaError as error:
                log.warning("cursors not readable; trying again", error=str(error))
                await asyncio.sleep(READ_AGAIN_S)
            else:
                break
        # Some may have been lost meanwhile, and even gained again: then somebody else read them.
        task = asyncio.current_task()
        taken = {number for number in partitions if self._taking.get(number) is task}
        for number in taken:
            del self._taking[number]
        self._ours |= taken
        self._resting |= {id_: c for id_, c in cursors.items() if partition_of(id_) in taken}
        self._fill()
        log.info("polling", partitions=sorted(self._ours), sources=len(self._schedule.ids()))

    async def _lose(self, partitions: frozenset[int], grace_s: float) -> None:
        for number in partitions:
            self._taking.pop(number, None)
        self._ours -= partitions
        lost = [id_ for id_ in self._schedule.ids() if partition_of(id_) in partitions]
        self._resting = {
            id_: cursor for id_, cursor in self._resting.items() if partition_of(id_) in self._ours
        }
        await self._schedule.remove(lost, grace_s)

    def _fill(self) -> None:
        """Schedule what is ours and not yet polled."""
        polled = self._schedule.ids()
        ours = [s for s in self._sources.values() if partition_of(s.id) in self._ours]
        new = [source for source in ours if source.id not in polled]
        self._schedule.add((source, self._cursor(source.id)) for source in new)

    def _cursor(self, source_id: str) -> PackedCursor:
        if source_id in self._resting:
            return self._resting.pop(source_id)
        return PackedCursor.new(source_id)
