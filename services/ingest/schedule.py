"""Whose turn it is: every source at the time that its cursor says, and how polling stops."""

import asyncio
import contextlib
import heapq
import random
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, KeysView
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

import structlog

from services.ingest.core.next_poll import LONGEST_WAIT_S
from services.ingest.core.outage import POLL_AGAIN_S, Outage
from services.ingest.core.packed import PackedCursor
from services.ingest.core.sources import Source
from services.ingest.edges.fence import NotOurs
from services.ingest.metrics import (
    LATENESS,
    OWN_OUTAGE,
    POLLS_OVERDUE,
    SOURCES_SCHEDULED,
    forget_source,
    note_schedule,
)
from services.runtime.health import Health

START_SPREAD_S = 0.05
"""First polls come this far apart on average."""

POLLS_PER_HOST = 2
"""Polls of one host at once. The others wait for it without a slot: it holds up nobody else."""

STOP_GRACE_S = 4.0
"""How long polls under way may take to finish after a stop; then they are left unrecorded."""

ABANDONED_AGAIN_S = 5.0
IDLE_CHECK_S = 2.0

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Polled:
    """How a poll ended: the cursor after it, and whether the source could be reached at all.

    ``reached`` is None if that was not tried, or nobody can tell.
    """

    cursor: PackedCursor
    reached: bool | None = True


Poll = Callable[[Source, PackedCursor], Awaitable[Polled]]


@dataclass(slots=True, eq=False)
class _Turn:
    """A source, when it is polled next (monotonic seconds), and the poll while it is under way."""

    source: Source
    cursor: PackedCursor
    due: float = 0.0
    poll: asyncio.Task[None] | None = None


class Schedule:
    """Polls the sources that it was given until stopped."""

    def __init__(self, poll: Poll, concurrency: int, health: Health) -> None:
        self._poll = poll
        self._health = health
        self._turns: dict[str, _Turn] = {}
        self._queue: list[tuple[float, str]] = []  # a heap; what its turn does not say is void
        self._hosts: defaultdict[str, asyncio.Semaphore] = defaultdict(
            lambda: asyncio.Semaphore(POLLS_PER_HOST)
        )
        self._slots = asyncio.Semaphore(concurrency)
        self._outage: Outage[PackedCursor] = Outage()
        self._taking_turns = 0
        self._polling = 0
        self._stopping = False
        self._bug: BaseException | None = None
        self._news = asyncio.Event()

    def ids(self) -> KeysView[str]:
        """Return the sources that are polled."""
        return self._turns.keys()

    def stop(self) -> None:
        """Start no new polls and let ``run`` return soon."""
        self._stopping = True
        self._news.set()

    def add(self, sources: Iterable[tuple[Source, PackedCursor]]) -> None:
        """Poll these sources, too, going on from their cursors."""
        turns = [_Turn(source, cursor) for source, cursor in sources]
        for turn in turns:
            self._turns[turn.source.id] = turn
            self._queue_at(turn, _first_due(turn, spread_s=len(turns) * START_SPREAD_S))

    def change(self, sources: Iterable[Source]) -> None:
        """Go on with these sources as they are described now, if they are polled at all."""
        for source in sources:
            turn = self._turns.get(source.id)
            if turn and turn.source != source:
                turn.source = source
                if turn.poll is None:  # otherwise its end brings it back
                    self._queue_at(turn, _first_due(turn, spread_s=0))

    def poll_soon(self, source_id: str) -> None:
        """Poll a source now, if it is polled here and not being polled already."""
        turn = self._turns.get(source_id)
        if turn and turn.poll is None:
            self._queue_at(turn, time.monotonic())

    async def remove(
        self, source_ids: Iterable[str], grace_s: float = STOP_GRACE_S
    ) -> dict[str, PackedCursor]:
        """Stop polling these sources and return their cursors.

        Polls under way may take ``grace_s`` to finish; then they are left unrecorded.
        """
        turns = [turn for id_ in source_ids if (turn := self._turns.pop(id_, None))]
        polls = [turn.poll for turn in turns if turn.poll]
        if polls:
            _, unfinished = await asyncio.wait(polls, timeout=grace_s)
            for poll in unfinished:
                poll.cancel()
            await asyncio.gather(*polls, return_exceptions=True)
        for turn in turns:
            forget_source(turn.source.id)
        return {turn.source.id: turn.cursor for turn in turns}

    async def run(self) -> None:
        """Poll until ``stop``. Returns after the polls under way, or after STOP_GRACE_S.

        Raises what a poll raised: that is a bug.
        """
        while not self._stopping:
            self._news.clear()
            self._start_due()
            SOURCES_SCHEDULED.set(len(self._turns))
            POLLS_OVERDUE.set(self._taking_turns - self._polling)
            if self._polling == 0:
                self._note_progress()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._idle_s()):
                    await self._news.wait()
        await self.remove(list(self._turns))
        if self._bug:
            raise self._bug

    def _start_due(self) -> None:
        now = time.monotonic()
        while self._queue and self._queue[0][0] <= now:
            due, source_id = heapq.heappop(self._queue)
            turn = self._turns.get(source_id)
            if turn and turn.poll is None and turn.due == due:
                self._taking_turns += 1
                turn.poll = asyncio.create_task(self._take_turn(turn))
                turn.poll.add_done_callback(self._note_end)

    async def _take_turn(self, turn: _Turn) -> None:
        try:
            async with self._hosts[_host(turn.source)], self._slots:
                LATENESS.observe(time.monotonic() - turn.due)
                self._polling += 1
                try:
                    polled = await self._poll(turn.source, turn.cursor)
                finally:
                    self._polling -= 1
        except NotOurs:
            log.info("poll abandoned", source_id=turn.source.id)
            turn.poll = None
            self._queue_at(turn, time.monotonic() + ABANDONED_AGAIN_S)
            return
        turn.poll = None
        self._note_progress()
        self._settle(turn, polled)

    def _settle(self, turn: _Turn, polled: Polled) -> None:
        """Decide when a source is polled again, and who is to blame if it was not reached."""
        before, turn.cursor = turn.cursor, polled.cursor
        due = time.monotonic() + _wait_s(turn)
        if polled.reached:
            for source_id, cursor in self._outage.reached(len(self._hosts)).items():
                self._forgive(source_id, cursor)
        elif polled.reached is False:
            self._outage.unreachable(turn.source.id, _host(turn.source), before)
            if self._outage.is_on(len(self._hosts)):
                turn.cursor = before
                due = time.monotonic() + min(_interval_s(turn), POLL_AGAIN_S)
        OWN_OUTAGE.set(self._outage.is_on(len(self._hosts)))
        self._queue_at(turn, due)

    def _forgive(self, source_id: str, before: PackedCursor) -> None:
        """Poll a source soon that failed only because we could reach nobody."""
        turn = self._turns.get(source_id)
        if turn and turn.poll is None:
            turn.cursor = before
            spread_s = min(_interval_s(turn), len(self._turns) * START_SPREAD_S)
            self._queue_at(turn, time.monotonic() + _chance() * spread_s)

    def _queue_at(self, turn: _Turn, due: float) -> None:
        if self._turns.get(turn.source.id) is not turn:
            return  # removed while it was polled
        turn.due = due
        heapq.heappush(self._queue, (due, turn.source.id))
        if self._queue[0] == (due, turn.source.id):
            self._news.set()
        next_poll_at = time.time() + due - time.monotonic()
        note_schedule(turn.source.id, next_poll_at, turn.cursor.head.failure_weight)

    def _idle_s(self) -> float:
        """Return how long there is nothing to start, as far as is known."""
        next_s = self._queue[0][0] - time.monotonic() if self._queue else IDLE_CHECK_S
        return min(max(next_s, 0.0), IDLE_CHECK_S)

    def _note_end(self, poll: asyncio.Task[None]) -> None:
        self._taking_turns -= 1
        if not poll.cancelled() and (bug := poll.exception()):
            self._bug = bug
            self.stop()

    def _note_progress(self) -> None:
        """Without Kafka neither an unchanged feed nor having nothing to do gets us anywhere."""
        if not self._health.missing():
            self._health.progress()


def _first_due(turn: _Turn, spread_s: float) -> float:
    """Return when a source is polled that is new here: when it was to be, or soon if that is past.

    Its address and its bounds may have been edited since.
    """
    wait_s = _wait_s(turn) if turn.cursor.head.url == turn.source.url else 0.0
    if wait_s <= 0:
        wait_s = _chance() * min(turn.source.poll_min_s, spread_s)
    longest_s = LONGEST_WAIT_S if turn.cursor.head.failures else turn.source.poll_max_s
    return time.monotonic() + min(wait_s, longest_s)


def _wait_s(turn: _Turn) -> float:
    next_poll_at = turn.cursor.head.next_poll_at
    return (next_poll_at - datetime.now(UTC)).total_seconds() if next_poll_at else 0.0


def _interval_s(turn: _Turn) -> float:
    return turn.cursor.head.interval_s or turn.source.poll_min_s


def _host(source: Source) -> str:
    try:
        return urlsplit(source.url).netloc
    except ValueError:
        return ""  # no address: its poll says so


def _chance() -> float:
    return random.random()  # noqa: S311 - nobody gains by guessing
