"""When each source is polled, and how polling stops."""

import asyncio
import random
from collections.abc import Mapping, Sequence

from services.contract.articles import SourceState
from services.ingest.core.sources import Source
from services.ingest.pipeline import Poll
from services.runtime.health import Health

JITTER = 0.1
"""Share of the interval by which polls are moved, so that sources do not fall into step."""

START_SPREAD_S = 0.05
"""First polls come this far apart on average."""

STOP_GRACE_S = 4.0
"""How long polls under way may take to finish after a stop; then they are left unrecorded."""

IDLE_CHECK_S = 2.0


class Schedule:
    """Polls every source at its interval until stopped."""

    def __init__(self, poll: Poll, concurrency: int, health: Health) -> None:
        self._poll = poll
        self._turns = asyncio.Semaphore(concurrency)
        self._health = health
        self._stopping = asyncio.Event()
        self._in_flight = 0

    def stop(self) -> None:
        """Start no new polls and let ``run`` return soon."""
        self._stopping.set()

    async def run(self, sources: Sequence[Source], states: Mapping[str, SourceState]) -> None:
        """Poll until ``stop``. Returns after the polls under way, or after STOP_GRACE_S."""
        tasks = [asyncio.create_task(self._note_idleness())]
        for source in sources:
            state = states.get(source.id) or SourceState(source_id=source.id)
            spread_s = min(source.poll_min_s, len(sources) * START_SPREAD_S)
            first_in_s = random.uniform(0, spread_s)  # noqa: S311 - nobody gains by guessing
            tasks.append(asyncio.create_task(self._keep_polling(source, state, first_in_s)))
        stopped = asyncio.create_task(self._stopping.wait())
        done, _ = await asyncio.wait([stopped, *tasks], return_when=asyncio.FIRST_COMPLETED)
        if stopped not in done:
            self.stop()  # a task failed: that is a bug, raised below
        _, unfinished = await asyncio.wait(tasks, timeout=STOP_GRACE_S)
        for task in unfinished:
            task.cancel()
        results = await asyncio.gather(stopped, *tasks, return_exceptions=True)
        for result in results:
            if isinstance(result, Exception):
                raise result

    async def _keep_polling(self, source: Source, state: SourceState, first_in_s: float) -> None:
        wait_s = first_in_s
        while not await self._stopped_within(wait_s):
            async with self._turns:
                if self._stopping.is_set():
                    return
                self._in_flight += 1
                try:
                    state = await self._poll(source, state)
                    self._note_progress()
                finally:
                    self._in_flight -= 1
            wait_s = source.poll_min_s * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311

    async def _note_idleness(self) -> None:
        while not await self._stopped_within(IDLE_CHECK_S):
            if self._in_flight == 0:
                self._note_progress()

    def _note_progress(self) -> None:
        """Without Kafka neither an unchanged feed nor having nothing to do gets us anywhere."""
        if not self._health.missing():
            self._health.progress()

    async def _stopped_within(self, seconds: float) -> bool:
        try:
            async with asyncio.timeout(seconds):
                await self._stopping.wait()
        except TimeoutError:
            return False
        return True
