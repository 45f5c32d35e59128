"""Thousands of sources on one instance: how late polls are, and how much memory they take.

``python benchmarks/bench_ingest_schedule.py [SOURCES [INTERVAL_S [INTERVALS]]]`` polls 5,000
sources every 300 s, the catalogue's default, for 2.2 intervals unless told otherwise: each is
polled at least twice. It does so with the real schedule, pipeline and fetcher. The sites are
another process, each at a loopback address of its own; Kafka is left out. Nine of ten polls are
answered with 304, the tenth lists a new article, whose page is fetched. Each cursor remembers as
many articles as that of a source that has been polled for long, all different, and all to be read
again.

A thread that only sleeps tells how long the machine gave this process no time at all: no poll can
be more punctual than that.
"""

import asyncio
import multiprocessing
import random
import resource
import sys
import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection

from benchmarks.table import line
from services.contract.articles import RawArticle, SourceState
from services.ingest.core.addresses import parse_networks
from services.ingest.core.cursor import MAX_UNLISTED
from services.ingest.core.packed import PackedCursor
from services.ingest.core.sources import Source
from services.ingest.edges.http import FetchRules, open_fetcher
from services.ingest.edges.memory import keep_little_memory
from services.ingest.edges.shelf import Shelf
from services.ingest.pipeline import Pipeline
from services.ingest.schedule import Polled, Schedule
from services.runtime.health import Health
from services.runtime.logs import configure_logs

DEFAULTS = (5_000.0, 300.0, 2.2)
CONCURRENCY = 32
LISTED = 30
CHANGED_EVERY = 10
SLEEP_S = 0.05
SEED = "/seed"
WORDS = "ناقش المجلس البلدي في طرابلس خطة صيانة الطرق قبل الأمطار مع لجنة المياه والكهرباء"
RULES = FetchRules("Rasid/bench", min_gap_s=0, allowed=parse_networks("127.0.0.0/8"))


class Sites:
    """All sites in one: answers by path, counting how often each feed was asked for."""

    def __init__(self) -> None:
        self._asked: dict[str, int] = {}
        self.port = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                writer.write(self._answer(head))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    def _answer(self, head: bytes) -> bytes:
        path = head.split(b" ", 2)[1].decode()
        if path == "/robots.txt":
            return _response(404, b"")
        if path.startswith("/news/"):
            return _response(200, _page(int(path[6:])).encode(), "text/html; charset=utf-8")
        first_time = len(self._asked) % CHANGED_EVERY
        count = self._asked[path] = self._asked.get(path, first_time) + 1
        new = count // CHANGED_EVERY
        if count % CHANGED_EVERY and b"if-none-match" in head.lower():
            return _response(304, b"")
        known = MAX_UNLISTED + LISTED
        first, listed = (0, known) if path == SEED else (known - LISTED + new, LISTED)
        return _response(200, self._feed(first, listed), "application/rss+xml", etag=str(new))

    def _feed(self, first: int, listed: int) -> bytes:
        items = "".join(
            f"<item><title>{_words(number, 9)}</title><guid>news-example-{number}</guid>"
            f"<link>http://127.0.0.1:{self.port}/news/{number}</link></item>"
            for number in range(first, first + listed)
        )
        return f'<rss version="2.0"><channel>{items}</channel></rss>'.encode()


def _page(number: int) -> str:
    paragraphs = "".join(f"<p>{_words(number * 100 + n, 40)}.</p>" for n in range(8))
    return f"""<!doctype html><html lang="ar"><head><meta charset="utf-8">
<title>{_words(number, 9)}</title></head><body><nav><a href="/">الرئيسية</a></nav><article>
<h1>{_words(number, 9)}</h1>{paragraphs}</article></body></html>"""


def _words(seed: int, count: int) -> str:
    chosen = random.Random(seed).choices(WORDS.split(), k=count)
    return f"{' '.join(chosen)} {seed}"


def _response(status: int, body: bytes, content_type: str = "text/plain", etag: str = "") -> bytes:
    head = f"HTTP/1.1 {status} X\r\nContent-Type: {content_type}\r\nContent-Length: {len(body)}\r\n"
    return f'{head}ETag: "{etag}"\r\n\r\n'.encode() + body


def serve(port_to: Connection) -> None:
    """Be the sites, on every loopback address."""

    async def forever() -> None:
        sites = Sites()
        server = await asyncio.start_server(sites.serve, "0.0.0.0", 0, backlog=4_096)  # noqa: S104
        sites.port = server.sockets[0].getsockname()[1]
        port_to.send(sites.port)
        await server.serve_forever()

    asyncio.run(forever())


class NoKafka:
    """Confirms everything at once."""

    def __init__(self) -> None:
        self.articles = self.cursors = 0

    def publish_articles(self, articles: Sequence[RawArticle]) -> None:
        self.articles += len(articles)

    def publish_state(self, state: SourceState) -> None:
        self.cursors += 1


class Sleeper(threading.Thread):
    """Notes how much too late it woke at worst."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.late_s = 0.0

    def run(self) -> None:
        while True:
            asleep_at = time.monotonic()
            time.sleep(SLEEP_S)
            self.late_s = max(self.late_s, time.monotonic() - asleep_at - SLEEP_S)


def source(number: int, port: int, interval_s: float) -> Source:
    site = f"127.{1 + number // 62_500}.{number // 250 % 250}.{1 + number % 250}:{port}"
    url = f"http://{site}/{number}.xml"
    bounds = {"poll_min_s": interval_s, "poll_max_s": interval_s}
    return Source(id=f"s{number}", name="مصدر", url=url, language="ar", **bounds)


async def run(count: int, interval_s: float, intervals: float, port: int) -> None:
    sleeper = Sleeper()
    health, kafka, shelf, late = Health(3_600), NoKafka(), Shelf(), list[float]()
    health.available("service")
    async with open_fetcher(RULES) as fetcher:
        pipeline = Pipeline(fetcher, kafka, health, shelf.put)

        async def poll(source: Source, cursor: PackedCursor) -> Polled:
            assert cursor.head.next_poll_at
            late.append((time.time() - cursor.head.next_poll_at.timestamp()) / interval_s)
            return await pipeline.poll_source(source, cursor)

        seed = source(0, port, interval_s).model_copy(
            update={"url": f"http://127.0.0.1:{port}{SEED}"}
        )
        full = (await pipeline.poll_source(seed, PackedCursor.new("seed"))).cursor.state()
        schedule = Schedule(poll, CONCURRENCY, health)
        sources = [source(number, port, interval_s) for number in range(count)]
        cursors = [_cursor(one, full, shelf) for one in sources]
        schedule.add(
            (one, _due_within(interval_s, cursor))
            for one, cursor in zip(sources, cursors, strict=True)
        )
        sleeper.start()
        started, used = time.monotonic(), resource.getrusage(resource.RUSAGE_SELF)
        running = asyncio.create_task(schedule.run())
        await asyncio.sleep(intervals * interval_s)
        spent = resource.getrusage(resource.RUSAGE_SELF)
        schedule.stop()
        await running
    cpu_s = spent.ru_utime + spent.ru_stime - used.ru_utime - used.ru_stime
    elapsed_s = time.monotonic() - started
    line(f"{count:,} sources every {interval_s:g} s, for {elapsed_s:.0f} s")
    line("  polls", f"{len(late):,}", f"{cpu_s / elapsed_s:.0%}")
    line("  articles published", f"{kafka.articles:,}")
    line("  late by, of the interval: in the middle", f"{_percentile(late, 50):.2%}")
    line("  99 % of polls at most", f"{_percentile(late, 99):.2%}")
    line("  the latest", f"{_percentile(late, 100):.2%}", must="at most 10 %")
    line("  a thread that only sleeps, the latest", f"{sleeper.late_s / interval_s:.2%}")
    line("  memory at most", f"{spent.ru_maxrss / 1024:.0f} MB", must="under 300 MB")


def _percentile(values: list[float], percent: int) -> float:
    ordered = sorted(values) or [float("nan")]
    return ordered[min(len(ordered) * percent // 100, len(ordered) - 1)]


def _cursor(source: Source, full: SourceState, shelf: Shelf) -> PackedCursor:
    fields = {"source_id": source.id, "url": source.url, "next_poll_at": None}
    return PackedCursor.of(full.model_copy(update=fields), keep=shelf.put)


def _due_within(interval_s: float, cursor: PackedCursor) -> PackedCursor:
    # Not at once: the schedule spreads what is overdue when it begins over the interval.
    due = datetime.now(UTC) + timedelta(seconds=random.uniform(0.05, 1) * interval_s)
    return cursor.with_head(cursor.head.model_copy(update={"next_poll_at": due}))


def main() -> None:
    given = tuple(map(float, sys.argv[1:]))
    count, interval_s, intervals = given + DEFAULTS[len(given) :]
    configure_logs("WARNING", "console")
    keep_little_memory()
    here, there = multiprocessing.Pipe()
    sites = multiprocessing.get_context("spawn").Process(target=serve, args=(there,), daemon=True)
    sites.start()
    asyncio.run(run(int(count), interval_s, intervals, here.recv()))
    sites.terminate()


if __name__ == "__main__":
    main()
