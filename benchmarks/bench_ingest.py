"""How fast ingest is beside bare libraries in the same run: ``python benchmarks/bench_ingest.py``.

Unchanged polls: conditional GETs that are answered with 304, by a loop of httpx and through ingest,
from the same server, as many at a time. They take turns, and the best round of each counts: other
work on the machine only ever slows one down.
"""

import asyncio
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack

import httpx
import structlog

from services.contract.articles import RawArticle, SourceState
from services.ingest.core.addresses import parse_networks
from services.ingest.core.answers import NotModified
from services.ingest.core.packed import PackedCursor
from services.ingest.core.sources import Source
from services.ingest.edges.http import FetchRules, open_fetcher
from services.ingest.pipeline import Pipeline
from services.runtime.health import Health

ROUNDS = 5
POLLS = 400
AT_ONCE = 4
FLOOR = 0.8
ETAG = '"unchanged"'


class NoKafka:
    """Nothing new is published."""

    def publish_articles(self, articles: Sequence[RawArticle]) -> None: ...

    def publish_state(self, state: SourceState) -> None: ...


Once = Callable[[], Awaitable[None]]


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
    server = await asyncio.get_running_loop().create_server(UnchangedFeed, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


async def compare(url: str) -> None:
    async with AsyncExitStack() as stack:
        client = await stack.enter_async_context(httpx.AsyncClient(http2=True))
        rules = FetchRules("Rasid/bench", min_gap_s=0, allowed=parse_networks("127.0.0.1"))
        fetcher = await stack.enter_async_context(open_fetcher(rules))
        pipeline = Pipeline(fetcher, NoKafka(), Health(60))
        source = Source(id="bench", name="bench", url=url, language="ar")
        cursor = PackedCursor.of(SourceState(source_id="bench", etag=ETAG))

        async def bare() -> None:
            answer = await client.get(url, headers={"If-None-Match": ETAG})
            assert answer.status_code == httpx.codes.NOT_MODIFIED

        async def fetch() -> None:
            assert isinstance(await fetcher.fetch(url, "feed", ETAG), NotModified)

        async def poll() -> None:
            assert (await pipeline.poll_source(source, cursor)).cursor.head.failures == 0

        await measure({"httpx alone": bare, "fetch": fetch, "a whole poll": poll})


async def measure(contenders: dict[str, Once]) -> None:
    """Print the best rate of each and its ratio to the first."""
    best: dict[str, tuple[float, float]] = {}
    for _ in range(ROUNDS):
        for name, once in contenders.items():
            seconds = await round_of(once)
            best[name] = tuple(map(min, best.get(name, seconds), seconds))  # type: ignore[assignment]
    base = next(iter(best.values()))
    print(f"unchanged polls, {AT_ONCE} at a time{'per s':>10}{'ratio':>8}{'CPU us':>8}{'ratio':>8}")
    for name, (wall_s, cpu_s) in best.items():
        print(
            f"  {name:<30}{POLLS / wall_s:>9,.0f}{base[0] / wall_s:>8.2f}"
            f"{cpu_s / POLLS * 1e6:>8.0f}{base[1] / cpu_s:>8.2f}"
        )
    print(f"  floor of the ratio: {FLOOR}")


async def round_of(once: Once) -> tuple[float, float]:
    """Return the seconds of the wall clock and of the processor for POLLS."""
    left = iter(range(POLLS))

    async def work() -> None:
        for _ in left:
            await once()

    wall, cpu = time.perf_counter(), time.process_time()
    await asyncio.gather(*(work() for _ in range(AT_ONCE)))
    return time.perf_counter() - wall, time.process_time() - cpu


def main() -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(30))
    program = [sys.executable, __file__, "--serve"]
    with subprocess.Popen(program, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout
        port = server.stdout.readline().strip()
        try:
            asyncio.run(compare(f"http://127.0.0.1:{port}/feed.xml"))
        finally:
            server.kill()


if __name__ == "__main__":
    if "--serve" in sys.argv:
        asyncio.run(serve())
    else:
        main()
