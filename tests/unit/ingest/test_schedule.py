"""Whose turn it is: bounds on polls at once, slow hosts, removal, our own outages."""

import asyncio
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from prometheus_client import REGISTRY

from services.contract.articles import SourceState
from services.ingest.core.packed import PackedCursor
from services.ingest.core.sources import Source
from services.ingest.edges.fence import NotOurs
from services.ingest.schedule import POLLS_PER_HOST, Poll, Polled, Schedule
from services.runtime.health import Health

WAIT_S = 10


def source(id_: str, host: str = "", poll_s: float = 1) -> Source:
    url = f"https://{host or id_}.example/feed"
    return Source(id=id_, name="مصدر", url=url, language="ar", poll_min_s=poll_s, poll_max_s=3_600)


def next_in(cursor: PackedCursor, seconds: float) -> PackedCursor:
    due = datetime.now(UTC) + timedelta(seconds=seconds)
    return cursor.with_head(cursor.head.model_copy(update={"next_poll_at": due}))


class FakeSources:
    """Polls that are over at once and come again after ``again_s``; remembers them."""

    def __init__(self, again_s: float = 0.01) -> None:
        self.again_s = again_s
        self.polls: Counter[str] = Counter()
        self.now: Counter[str] = Counter()
        self.most_at_once = 0
        self.unreachable = False
        self.paused = ""  # the source that is not even asked
        self.stuck: dict[str, asyncio.Event] = {}

    async def poll(self, source: Source, cursor: PackedCursor) -> Polled:
        self.polls[source.id] += 1
        self.now[source.id] += 1
        self.most_at_once = max(self.most_at_once, self.now.total())
        try:
            if source.id in self.stuck:
                await self.stuck[source.id].wait()
            await asyncio.sleep(0)
            if source.id == self.paused:
                return Polled(next_in(cursor, self.again_s), reached=None)
            if self.unreachable:
                weight = cursor.head.failure_weight + 1
                head = cursor.head.model_copy(update={"failure_weight": weight})
                return Polled(next_in(cursor.with_head(head), 3_600), reached=False)
            return Polled(next_in(cursor, self.again_s))
        finally:
            self.now[source.id] -= 1


async def until(check: Callable[[], bool]) -> None:
    async with asyncio.timeout(WAIT_S):
        while not check():  # noqa: ASYNC110 - nothing tells of what is waited for
            await asyncio.sleep(0.005)


class Running:
    """A schedule that runs inside of ``async with``."""

    def __init__(self, poll: Poll, *sources: Source, concurrency: int = 8) -> None:
        self.schedule = Schedule(poll, concurrency, Health(60))
        self._sources = sources

    async def __aenter__(self) -> Schedule:
        self.schedule.add((one, PackedCursor.new(one.id)) for one in self._sources)
        self._running = asyncio.create_task(self.schedule.run())
        return self.schedule

    async def __aexit__(self, *exception: object) -> None:
        self.schedule.stop()
        await self._running


def test_every_source_is_polled_again_and_again_and_never_twice_at_once() -> None:
    sources = FakeSources()

    async def run() -> None:
        async with Running(sources.poll, *(source(f"s{n}") for n in range(20)), concurrency=3):
            await until(lambda: len(sources.polls) == 20 and min(sources.polls.values()) >= 3)

    asyncio.run(run())
    assert sources.most_at_once <= 3
    assert not sources.now.total()


def test_a_slow_host_with_many_sources_holds_up_nobody_else() -> None:
    sources = FakeSources()

    async def run() -> None:
        slow = [source(f"slow{n}", "slow") for n in range(1_000)]
        sources.stuck = {one.id: asyncio.Event() for one in slow}
        async with Running(sources.poll, *slow, source("quick"), concurrency=POLLS_PER_HOST + 1):
            await until(lambda: sources.polls["quick"] >= 20)
            assert sum(sources.polls[one.id] for one in slow) == POLLS_PER_HOST
            for event in sources.stuck.values():
                event.set()
            await until(lambda: all(sources.polls[one.id] for one in slow))

    asyncio.run(run())


def test_what_is_removed_finishes_its_poll_and_gives_back_its_cursor() -> None:
    sources = FakeSources()

    async def run() -> None:
        sources.stuck = {"a": asyncio.Event()}
        async with Running(sources.poll, source("a"), source("b")) as schedule:
            await until(lambda: sources.now["a"] == 1)
            removing = asyncio.create_task(schedule.remove(["a"]))
            await asyncio.sleep(0)
            sources.stuck["a"].set()
            cursors = await removing
            assert cursors["a"].head.next_poll_at is not None
            assert schedule.ids() == {"b"}
            before = sources.polls["b"]
            await until(lambda: sources.polls["b"] > before)

    asyncio.run(run())
    assert sources.polls["a"] == 1


def test_a_poll_that_does_not_finish_is_cancelled_after_its_grace() -> None:
    sources = FakeSources()

    async def run() -> None:
        sources.stuck = {"a": asyncio.Event()}
        async with Running(sources.poll, source("a")) as schedule:
            await until(lambda: sources.now["a"] == 1)
            cursors = await schedule.remove(["a"], grace_s=0.01)
            assert cursors["a"].head.next_poll_at is None

    asyncio.run(run())
    assert not sources.now.total()


def test_a_source_whose_turn_is_recorded_waits_for_it_unless_its_address_was_edited() -> None:
    sources = FakeSources()

    def recorded(id_: str, url: str) -> PackedCursor:
        due = datetime.now(UTC) + timedelta(hours=1)
        return PackedCursor.of(SourceState(source_id=id_, url=url, next_poll_at=due))

    async def run() -> None:
        async with Running(sources.poll) as schedule:
            same, edited = source("same"), source("edited")
            schedule.add([(same, recorded("same", same.url))])
            schedule.add([(edited, recorded("edited", "https://old.example/feed"))])
            await until(lambda: sources.polls["edited"] >= 3)

    asyncio.run(run())
    assert sources.polls["same"] == 0


def test_an_edit_of_the_address_is_polled_at_once() -> None:
    sources = FakeSources(again_s=3_600)

    async def run() -> None:
        async with Running(sources.poll, source("a")) as schedule:
            await until(lambda: sources.polls["a"] == 1)
            schedule.change([source("a", "elsewhere"), source("not-ours")])
            await until(lambda: sources.polls["a"] == 2)
            assert schedule.ids() == {"a"}

    asyncio.run(run())


def test_a_source_can_be_polled_before_its_time() -> None:
    sources = FakeSources(again_s=3_600)

    async def run() -> None:
        async with Running(sources.poll, source("a")) as schedule:
            await until(lambda: sources.polls["a"] == 1 and not sources.now["a"])
            schedule.poll_soon("not-ours")
            schedule.poll_soon("a")
            await until(lambda: sources.polls["a"] == 2)

    asyncio.run(run())


def test_an_outage_of_our_own_is_held_against_nobody_and_over_at_once() -> None:
    sources = FakeSources()
    sources.unreachable = True
    weights = "rasid_source_failure_weight"

    async def run() -> None:
        many = [source(f"s{n}") for n in range(5)]
        async with Running(sources.poll, *many):
            await until(lambda: min(sources.polls[one.id] for one in many) >= 1)
            assert REGISTRY.get_sample_value("rasid_network_outage") == 1
            # The first were put off by an hour, before it was clear. The last come again soon.
            await until(lambda: max(sources.polls.values()) >= 2)
            sources.unreachable = False
            before = Counter(sources.polls)
            await until(lambda: all(sources.polls[one.id] > before[one.id] for one in many))
            assert REGISTRY.get_sample_value("rasid_network_outage") == 0
            values = [REGISTRY.get_sample_value(weights, {"source": one.id}) for one in many]
            assert values == [0] * 5

    asyncio.run(run())


def test_a_source_that_is_not_asked_says_nothing_of_an_outage() -> None:
    sources = FakeSources()
    sources.unreachable, sources.paused = True, "paused"

    async def fails_and_the_paused_one_has_its_turn(schedule: Schedule, id_: str) -> None:
        schedule.add([(source(id_), PackedCursor.new(id_))])
        await until(lambda: sources.polls[id_] >= 1)
        before = sources.polls["paused"]
        await until(lambda: sources.polls["paused"] > before + 1)

    async def run() -> None:
        async with Running(sources.poll, source("paused")) as schedule:
            for id_ in ("a", "b", "c"):
                await fails_and_the_paused_one_has_its_turn(schedule, id_)
            assert REGISTRY.get_sample_value("rasid_network_outage") == 1

    asyncio.run(run())


def test_a_poll_of_what_is_not_ours_any_more_is_abandoned_and_ends_nothing() -> None:
    polls: Counter[str] = Counter()

    async def poll(source: Source, cursor: PackedCursor) -> Polled:
        polls[source.id] += 1
        if source.id == "theirs":
            raise NotOurs(source.id)
        return Polled(next_in(cursor, 0.01))

    async def run() -> None:
        async with Running(poll, source("theirs"), source("ours")):
            await until(lambda: polls["theirs"] == 1 and polls["ours"] >= 5)

    asyncio.run(run())


def test_a_bug_in_a_poll_ends_the_schedule_with_it() -> None:
    async def poll(source: Source, cursor: PackedCursor) -> Polled:
        raise ZeroDivisionError

    async def run() -> None:
        async with Running(poll, source("a")) as schedule:
            await until(lambda: not schedule.ids())

    with pytest.raises(ZeroDivisionError):
        asyncio.run(run())
