"""Unchanged polls beside a bare loop of httpx: ``python benchmarks/bench_ingest_polls.py``.

Conditional GETs that are answered with 304, from four addresses of one server in another process,
one at a time each. They are asked by a loop of httpx, by ingest's fetcher, and by the whole of
ingest: schedule, poll, cursor, metrics; only a source's wait between two polls and Kafka are left
out.
"""

import asyncio
import subprocess
import sys
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta

import httpx
import structlog

from benchmarks.table import line, measure
from services.contract.articles import RawArticle, SourceState
from services.ingest.core.addresses import parse_networks
from services.ingest.core.answers import NotModified
from services.ingest.core.packed import PackedCursor
from services.ingest.core.sources import Source
from services.ingest.edges.http import FetchRules, open_fetcher
from services.ingest.pipeline import Pipeline
from services.ingest.schedule import Polled, Schedule
from services.runtime.health import Health

ROUNDS = 40
POLLS = 250
HOSTS = 4
MUST = "at least 0.8"
ETAG = '"unchanged"'


class NoKafka:
    """Nothing new is published."""

    def publish_articles(self, articles: Sequence[RawArticle]) -> None: ...

    def publish_state(self, state: SourceState) -> None: ...


class UnchangedFeed(asyncio.Protocol):
    """Answers every request at once: 304, or 404 for robots.txt."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._received = b""

    def data_received(self, data: bytes) -> None:
        *requests, self._received = (self._received + data).split(b"\r\n\r\n")
        for request in requests:
            known = b"/robots.txt" not in request
            status = b"304 Not Modified" if known else b"404 Not Found\r\nContent-Length: 0"
            self._transport.write(
                b"HTTP/1.1 " + status + b"\r\nETag: " + ETAG.encode() + b"\r\n\r\n"
            )


async def serve() -> None:
    """Serve until killed, after a line with the port."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(UnchangedFeed, "0.0.0.0", 0)  # noqa: S104 - for 127.0.0.2
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


async def compare(port: str) -> None:
    urls = [f"http://127.0.0.{host}:{port}/feed.xml" for host in range(1, HOSTS + 1)]
    async with AsyncExitStack() as stack:
        client = await stack.enter_async_context(httpx.AsyncClient(http2=True))
        rules = FetchRules("Rasid/bench", min_gap_s=0, allowed=parse_networks("127.0.0.0/8"))
        fetcher = await stack.enter_async_context(open_fetcher(rules))

        async def bare(url: str) -> None:
            answer = await client.get(url, headers={"If-None-Match": ETAG})
            assert answer.status_code == httpx.codes.NOT_MODIFIED

        async def fetch(url: str) -> None:
            assert isinstance(await fetcher.fetch(url, "feed", ETAG), NotModified)

        pipeline = Pipeline(fetcher, NoKafka(), Health(60))
        sources = [
            Source(id=f"host-{number}", name="bench", url=url, language="ar")
            for number, url in enumerate(urls)
        ]
        line(f"unchanged polls, {HOSTS} at a time")
        await measure(
            {
                "httpx alone": lambda: in_turns(bare, urls),
                "ingest, fetches": lambda: in_turns(fetch, urls),
                "ingest, whole polls": lambda: scheduled(pipeline, sources),
            },
            POLLS,
            ROUNDS,
            MUST,
        )


async def in_turns(once: Callable[[str], Awaitable[None]], urls: Sequence[str]) -> None:
    """Ask POLLS times, every address by a worker of its own."""
    left = iter(range(POLLS))

    async def work(url: str) -> None:
        for _ in left:
            await once(url)

    await asyncio.gather(*map(work, urls))


async def scheduled(pipeline: Pipeline, sources: Sequence[Source]) -> None:
    """Poll POLLS times; every source is due again as soon as it was polled."""
    left = iter(range(POLLS))

    async def poll(source: Source, cursor: PackedCursor) -> Polled:
        cursor = (await pipeline.poll_source(source, cursor)).cursor
        assert cursor.head.failures == 0
        if next(left, None) is None:
            schedule.stop()
        return Polled(cursor.with_head(cursor.head.model_copy(update={"next_poll_at": None})))

    schedule = Schedule(poll, HOSTS, Health(60))
    soon = datetime.now(UTC) + timedelta(milliseconds=1)  # what is overdue is spread over a while
    schedule.add(
        (
            one,
            PackedCursor.of(
                SourceState(
                    source_id=one.id, url=one.url, etag=ETAG, full_at=soon, next_poll_at=soon
                )
            ),
        )
        for one in sources
    )
    await schedule.run()


def main() -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(30))
    program = [sys.executable, __file__, "--serve"]
    with subprocess.Popen(program, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout
        port = server.stdout.readline().strip()
        try:
            asyncio.run(compare(port))
        finally:
            server.kill()


if __name__ == "__main__":
    if "--serve" in sys.argv:
        asyncio.run(serve())
    else:
        main()
