"""One ingest among a dozen hostile sources: friendly ones are unharmed and memory stays bounded."""

import asyncio
import gzip
import threading
from collections.abc import Iterator, Mapping
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path

import brotli
import pytest
import yaml
import zstandard

from services.runtime.settings import Settings
from tests.generated_site import GeneratedSite
from tests.hostile_site import Behaviour, HostileSite, answer, for_ever
from tests.processes import ServiceProcess
from tests.raw_topic import published
from tests.support import eventually

MOST_BYTES = 250 * 2**20
FRIENDLY, ITEMS = 4, 20
PAGE_COUNT = 2
LARGEST = 9_900_000
"""Just under what ingest takes of a body."""

OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
BOMB = bytes(500_000_000)
MILLION = b"<rss><channel>" + b"".join(b"<item>%06d" % n for n in range(700_000))
"""More do not fit into what is read of a body."""

BILLION_LAUGHS = (
    "<!DOCTYPE r [<!ENTITY a0 'ha'>"
    + "".join(f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>" for n in range(1, 10))
    + "]><rss><channel><item><title>&a9;</title><link>/a</link></item></channel></rss>"
).encode()
PAGES = b"<rss><channel>%s</channel></rss>" % b"".join(
    b"<item><title>%d</title><link>/page?%d</link></item>" % (n, n) for n in range(PAGE_COUNT)
)


def largest(piece: bytes) -> bytes:
    return piece * (LARGEST // len(piece))


def compressed(encoding: str, body: bytes) -> Behaviour:
    return answer(body, Content_Encoding=encoding)


def pages(body: bytes) -> dict[str, Behaviour]:
    """Return a feed of several pages that are all ``body``."""
    page = answer(body, Content_Type="text/html; charset=utf-8")
    return {"/": answer(PAGES), **{f"/page?{n}": page for n in range(PAGE_COUNT)}}


def harm() -> dict[str, Mapping[str, Behaviour]]:
    """Return what each hostile site serves; its feed is at ``/``."""
    zeros = zstandard.compress(BOMB)
    return {
        "slow head": {"/": for_ever(OK, b"X", 0.05)},
        "slow body": {"/": for_ever(CHUNKED, b"1\r\nx\r\n", 0.05)},
        "slow robots": {"/robots.txt": for_ever(CHUNKED, b"1\r\n#\r\n", 0.05)},
        "endless body": {"/": for_ever(CHUNKED, b"10000\r\n" + bytes(65_536) + b"\r\n")},
        "header flood": {"/": for_ever(OK, b"A: b\r\n" * 100)},
        "gzip bomb": {"/": compressed("gzip", gzip.compress(BOMB, 1))},
        "brotli bomb": {"/": compressed("br", brotli.compress(BOMB, quality=1))},
        "zstd bomb": {"/": compressed("zstd", zeros)},
        "redirect loop": {"/": answer(status="302 Found", Location="/")},
        "redirect inside": {"/": answer(status="302 Found", Location="http://10.1/")},
        "billion laughs": {"/": answer(BILLION_LAUGHS)},
        "a million items": {"/": answer(MILLION)},
        "a million attributes": {"/": answer(b"<rss><channel><item " + largest(b"a='' "))},
        "a large text": {"/": answer(b"<rss><channel><item><title>" + largest("خبر ".encode()))},
        "a wide text": {
            "/": answer("<rss><channel><item><title>\U0001f600".encode() + largest(b"a "))
        },
        "wide pages": pages("<p>\U0001f600".encode() + largest(b"a ")),
        "pages of tags": pages(b"<html><body>" + largest(b"<p>x<div>")),
        "pages of text": pages(b"<html><body><article><p>" + largest("خبر ".encode())),
        "packed pages": {
            **pages(b""),
            **{
                f"/page?{n}": compressed("gzip", gzip.compress(largest("<p>خبر".encode()), 1))
                for n in range(PAGE_COUNT)
            },
        },
    }


@contextmanager
def hostile_sites() -> Iterator[dict[str, str]]:
    """Serve every harm at an address of its own; yield the feeds' addresses by name."""
    loop, stop, ready = asyncio.new_event_loop(), asyncio.Event(), threading.Event()
    urls = {"an address inside": "http://10.1/", "a mapped one": "http://[::ffff:10.0.0.1]/"}

    async def serve() -> None:
        async with AsyncExitStack() as sites:
            for number, (name, behaviours) in enumerate(harm().items(), 2):
                site = HostileSite(behaviours, f"127.0.0.{number}")
                await sites.enter_async_context(site)
                urls[name] = site.url("/")
            ready.set()
            await stop.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    try:
        assert ready.wait(60)
        yield urls
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
        loop.close()


def catalogue(folder: Path, urls: Mapping[str, str], friendly: GeneratedSite) -> Path:
    """Write a sources.yaml of the hostile feeds and the friendly ones."""
    feeds = {f"hostile-{n}": url for n, url in enumerate(urls.values())}
    feeds |= {f"friendly-{n}": f"{friendly.url}/{n}/feed.xml" for n in range(FRIENDLY)}
    bounds = {"language": "ar", "poll_min_s": 1, "poll_max_s": 1, "min_gap_s": 0}
    sources = [{"id": id_, "name": id_, "url": url, **bounds} for id_, url in feeds.items()]
    path = folder / "sources.yaml"
    path.write_text(yaml.safe_dump({"sources": sources}))
    return path


def most_bytes(process: ServiceProcess) -> int:
    """Return the most memory that a process has had."""
    assert process.process is not None
    status = Path(f"/proc/{process.process.pid}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) * 1024


@pytest.mark.timeout(600, func_only=True)
def test_hostile_sources_fill_no_memory_and_harm_no_friendly_one(
    settings: Settings, settings_environ: dict[str, str], tmp_path: Path
) -> None:
    with GeneratedSite(FRIENDLY, ITEMS) as friendly, hostile_sites() as urls:
        environ = settings_environ | {
            "RASID_INGEST_SOURCES": str(catalogue(tmp_path, urls, friendly)),
            "RASID_INGEST_ALLOW_ADDRESSES": "127.0.0.0/8",
            "RASID_INGEST_FETCH_TIMEOUT_S": "3",
        }
        with ServiceProcess("ingest", environ, tmp_path) as ingest:

            def arrived() -> bool:
                return friendly.titles.keys() <= {article.url for article in published(settings)}

            def polled() -> bool:
                while left and ingest.metric("rasid_source_polls_total", source=left[-1]):
                    left.pop()
                return not left

            left = [f"hostile-{n}" for n in range(len(urls))]
            eventually(arrived, 90, every_s=1, what="all friendly articles")
            eventually(polled, 90, every_s=1, what="every harm done")
            most = most_bytes(ingest)
            assert most < MOST_BYTES, f"VmHWM {most / 2**20:.0f} MB"
            assert ingest.health("live") == 200
            assert not [line for line in ingest.log_lines() if "exception" in line]
