"""How much of what strangers send is in memory at once: few bodies, and of large ones a single one.

A body takes its place when it begins to arrive and keeps it until it is read, so a source of many
large pages waits for itself instead of filling the memory. What is read takes up to ten times the
bytes of its body: so it is read in few threads, large ones one after the other.

Nobody who waits for a place has one of the same size, so all come to an end. A fetch is not to
blame for the wait: its clock stands meanwhile.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from typing import ParamSpec, TypeVar

from services.ingest.edges.memory import give_back_memory

LARGE_BYTES = 500_000
BODIES = 32
LARGE_BODIES = 1  # a second one arriving took 250 MB in all now and then, instead of 220
READING_THREADS = 2

P = ParamSpec("P")
T = TypeVar("T")


class Clock:
    """How long a fetch takes itself, not waiting for others."""

    def __init__(self, deadline: asyncio.Timeout | None = None) -> None:
        self._deadline = deadline
        self._started = time.monotonic()

    @property
    def seconds(self) -> float:
        """Return how many there were up to now."""
        return time.monotonic() - self._started

    @contextmanager
    def stopped(self) -> Iterator[None]:
        """Let no time pass inside the block."""
        ends_at = self._deadline.when() if self._deadline else None
        stopped = time.monotonic()
        if self._deadline:
            self._deadline.reschedule(None)
        yield
        waited_s = time.monotonic() - stopped
        self._started += waited_s
        if self._deadline and ends_at is not None:
            self._deadline.reschedule(ends_at + waited_s)


class Rooms:
    """The memory that all fetches share."""

    def __init__(self) -> None:
        self.places = asyncio.Semaphore(BODIES)
        self.large_places = asyncio.Semaphore(LARGE_BODIES)
        self.large_reader = asyncio.Lock()
        self.threads = ThreadPoolExecutor(READING_THREADS, "reading")

    def close(self) -> None:
        """End the threads, when nobody reads any more."""
        self.threads.shutdown(wait=False)

    @asynccontextmanager
    async def one(self) -> AsyncIterator["Room"]:
        """Have room for one body inside the block."""
        room = Room(self)
        try:
            yield room
        finally:
            room.leave()


class Room:
    """What one body takes, from its first byte until it is read."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms
        self._taken: list[asyncio.Semaphore] = []
        self._clock = Clock()

    @asynccontextmanager
    async def timeout(self, seconds: float) -> AsyncIterator["Clock"]:
        """End the block after ``seconds`` as asyncio.timeout does; waiting for room is free."""
        async with asyncio.timeout(seconds) as deadline:
            self._clock = Clock(deadline)
            yield self._clock

    async def take(self, size: int) -> None:
        """Return when there is room for ``size`` bytes."""
        rooms = self._rooms
        needed = [rooms.places, *([rooms.large_places] if size > LARGE_BYTES else [])]
        for places in needed[len(self._taken) :]:
            with self._clock.stopped():
                await places.acquire()
            self._taken.append(places)

    async def read(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Return what ``function`` makes of the body, in a thread."""
        read = partial(function, *args, **kwargs)
        if len(self._taken) > 1:
            async with self._rooms.large_reader:
                return await self._in_thread(lambda: _giving_back(read))
        return await self._in_thread(read)

    def leave(self) -> None:
        """Make room for others: the body is no longer needed."""
        while self._taken:
            self._taken.pop().release()

    async def _in_thread(self, read: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._rooms.threads, read)


def _giving_back(read: Callable[[], T]) -> T:
    try:
        return read()
    finally:
        give_back_memory()
