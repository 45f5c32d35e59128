"""What is this instance's is polled; what it loses is not, and cursors go with their sources."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest
from kafka.errors import KafkaTimeoutError

from services.contract.articles import SourceState
from services.contract.topics import SOURCES
from services.ingest import share as share_module
from services.ingest.core.packed import PackedCursor
from services.ingest.core.sources import Source
from services.ingest.edges.fence import partition_of
from services.ingest.schedule import Polled, Schedule
from services.ingest.share import LocalShare
from services.runtime.health import Health
from tests.support import eventually

ALL = frozenset(range(SOURCES.partitions))
NAMES = [f"source-{number}" for number in range(24)]
ONE = NAMES[0]
OF_ONE = frozenset({partition_of(ONE)})
BESIDE = [name for name in NAMES if partition_of(name) in OF_ONE]


def source(name: str) -> Source:
    address = f"http://{name}.example/feed.xml"
    return Source(id=name, name=name, url=address, language="ar", poll_min_s=3_600)


class Instance:
    """An instance without Kafka and sites: cursors as given, polls that only count."""

    def __init__(self, names: Iterable[str], cursors: Iterable[SourceState] = ()) -> None:
        self.cursors = {state.source_id: PackedCursor.of(state) for state in cursors}
        self.polled: Counter[str] = Counter()
        self.began: dict[str, PackedCursor] = {}
        self.reads = 0
        self.failures = 0
        self.reading = asyncio.Event()
        self.may_read = asyncio.Event()
        self.may_read.set()
        self.held: asyncio.Event | None = None
        self.schedule = Schedule(self._poll, 100, Health(60))
        self.share = LocalShare(self.schedule, self._read, map(source, names))
        self._loop = asyncio.get_running_loop()

    def _read(self, partitions: frozenset[int]) -> dict[str, PackedCursor]:
        self.reads += 1
        self._loop.call_soon_threadsafe(self.reading.set)
        asyncio.run_coroutine_threadsafe(self.may_read.wait(), self._loop).result(10)
        if self.failures:
            self.failures -= 1
            raise KafkaTimeoutError
        return {name: c for name, c in self.cursors.items() if partition_of(name) in partitions}

    async def _poll(self, source: Source, cursor: PackedCursor) -> Polled:
        self.polled[source.id] += 1
        self.began[source.id] = cursor
        if self.held:
            await self.held.wait()
        later = datetime.now(UTC) + timedelta(hours=1)
        return Polled(cursor.with_head(cursor.head.model_copy(update={"next_poll_at": later})))

    async def until(self, condition: Callable[[], bool]) -> None:
        await asyncio.to_thread(eventually, condition, 10, 0.005)

    async def lose(self, partitions: frozenset[int], grace_s: float = 0.0) -> None:
        """Lose partitions, as the membership's thread does."""
        await asyncio.to_thread(self.share.lose, partitions, grace_s)


@asynccontextmanager
async def running(instance: Instance) -> AsyncIterator[Instance]:
    polling = asyncio.create_task(instance.schedule.run())
    try:
        yield instance
    finally:
        instance.schedule.stop()
        await polling


def play(
    story: Callable[[Instance], Awaitable[None]],
    names: Iterable[str] = NAMES,
    cursors: Iterable[SourceState] = (),
) -> None:
    async def run() -> None:
        async with running(Instance(names, cursors)) as instance:
            await story(instance)

    asyncio.run(run())


def test_the_sources_of_the_partitions_gained_are_polled_and_no_others() -> None:
    async def story(one: Instance) -> None:
        one.share.gain(OF_ONE)
        await one.until(lambda: set(one.polled) == set(BESIDE))
        one.share.gain(ALL - OF_ONE)
        await one.until(lambda: set(one.polled) == set(NAMES))
        assert set(one.polled.values()) == {1}

    play(story)


def test_a_source_goes_on_from_its_cursor() -> None:
    async def story(one: Instance) -> None:
        one.share.gain(ALL)
        await one.until(lambda: ONE in one.began)
        assert one.began[ONE].head.etag == '"7"'

    play(story, cursors=[SourceState(source_id=ONE, etag='"7"')])


def test_what_is_lost_is_no_longer_polled_when_lose_returns() -> None:
    async def story(one: Instance) -> None:
        one.held = asyncio.Event()
        one.share.gain(ALL)
        await one.until(lambda: ONE in one.polled)
        await one.lose(OF_ONE)  # though its poll does not end
        assert set(one.schedule.ids()) == set(NAMES) - set(BESIDE)
        one.held.set()

    play(story)


def test_a_poll_may_end_within_the_grace() -> None:
    async def story(one: Instance) -> None:
        one.held = asyncio.Event()
        one.share.gain(OF_ONE)
        await one.until(lambda: ONE in one.polled)
        losing = asyncio.create_task(one.lose(OF_ONE, grace_s=10))
        await one.until(lambda: not one.schedule.ids())
        assert not losing.done()
        one.held.set()
        await losing

    play(story)


def test_what_is_lost_while_its_cursors_are_read_is_not_polled() -> None:
    async def story(one: Instance) -> None:
        one.may_read.clear()
        one.share.gain(ALL)
        await one.reading.wait()
        await one.lose(OF_ONE)
        one.may_read.set()
        await one.until(lambda: set(one.schedule.ids()) == set(NAMES) - set(BESIDE))

    play(story)


def test_what_is_lost_and_gained_again_meanwhile_is_read_again() -> None:
    async def story(one: Instance) -> None:
        one.may_read.clear()
        one.share.gain(OF_ONE)
        await one.reading.wait()
        await one.lose(OF_ONE)
        one.cursors[ONE] = PackedCursor.of(SourceState(source_id=ONE, etag='"by another"'))
        one.share.gain(OF_ONE)
        one.may_read.set()
        await one.until(lambda: ONE in one.began)
        assert (one.reads, one.began[ONE].head.etag) == (2, '"by another"')

    play(story)


def test_what_comes_back_goes_on_from_what_another_wrote() -> None:
    async def story(one: Instance) -> None:
        one.share.gain(OF_ONE)
        await one.until(lambda: ONE in one.began)
        await one.lose(OF_ONE)
        del one.began[ONE]
        one.cursors[ONE] = PackedCursor.of(SourceState(source_id=ONE, etag='"by another"'))
        one.share.gain(OF_ONE)
        await one.until(lambda: ONE in one.began)
        assert one.began[ONE].head.etag == '"by another"'

    play(story, cursors=[SourceState(source_id=ONE, etag='"mine"')])


def test_cursors_that_cannot_be_read_are_read_again_and_nothing_is_polled_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(share_module, "READ_AGAIN_S", 0)

    async def story(one: Instance) -> None:
        one.failures = 2
        one.share.gain(OF_ONE)
        await one.until(lambda: ONE in one.polled)
        assert one.reads == 3

    play(story)


def test_an_edit_of_the_catalogue_keeps_the_cursors_of_what_it_takes_out() -> None:
    async def story(one: Instance) -> None:
        one.share.gain(ALL)
        await one.until(lambda: ONE in one.began)
        await one.share.use(map(source, NAMES[1:]))
        assert ONE not in one.schedule.ids()
        del one.began[ONE]
        await one.share.use(map(source, [*NAMES, "new"]))
        assert one.schedule.ids() == {*NAMES, "new"}
        await one.until(lambda: ONE in one.began)
        assert (one.reads, one.began[ONE].head.etag) == (1, '"7"')

    play(story, cursors=[SourceState(source_id=ONE, etag='"7"')])


def test_an_edit_takes_in_no_source_of_another_instance() -> None:
    async def story(one: Instance) -> None:
        one.share.gain(OF_ONE)
        await one.until(lambda: set(one.polled) == set(BESIDE))
        await one.share.use(map(source, NAMES))
        assert set(one.schedule.ids()) == set(BESIDE)

    play(story)
