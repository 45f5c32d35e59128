"""One fetch from servers that mean harm: it ends in time, in bounds, and with a reason."""

import asyncio
import gzip
import itertools
import subprocess
import sys
import time
import zlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from random import Random

import brotli
import pytest
import zstandard

from services.ingest.core.addresses import parse_networks
from services.ingest.core.answers import Answer, Fetched, FetchFailed
from services.ingest.edges.connections import Resolve
from services.ingest.edges.http import FetchRules, Kind, open_fetcher
from tests.hostile_site import Behaviour, HostileSite, answer, for_ever
from tests.local_site import LOCAL
from tests.memory import peak_memory_mb
from tests.support import free_port

pytestmark = pytest.mark.slow

LIMIT = 100_000
RULES = replace(LOCAL, timeout_s=1, max_body_bytes=LIMIT)
OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
ZEROS = bytes(5_000_000)


def fetch(
    behaviours: dict[str, Behaviour],
    path: str = "/",
    rules: FetchRules = RULES,
    kind: Kind = "feed",
) -> Answer:
    async def once() -> Answer:
        async with HostileSite(behaviours) as site, open_fetcher(rules) as fetcher:
            return await fetcher.fetch(site.url(path), kind)

    return asyncio.run(once())


def encoded(encoding: str, body: bytes) -> Behaviour:
    return answer(body, Content_Encoding=encoding)


async def ends_at_once(writer: asyncio.StreamWriter) -> None:
    """Close the connection without a word."""


HARM: dict[str, tuple[Behaviour, str]] = {
    "header, a byte at a time": (for_ever(OK, b"X", 0.01), "timeout"),
    "body, a byte at a time": (for_ever(CHUNKED, b"1\r\nx\r\n", 0.01), "timeout"),
    "endless body": (for_ever(CHUNKED, b"1000\r\n" + b"x" * 4096 + b"\r\n"), "too-large"),
    "endless body without a length": (for_ever(OK + b"\r\n", b"x" * 4096), "too-large"),
    "endless header": (for_ever(OK + b"A: ", b"x" * 4096), "protocol"),
    "endless headers": (for_ever(OK, b"A: b\r\n" * 100), "protocol"),
    "300 headers": (answer(b"x", **{f"A{n}": "b" for n in range(300)}), "too-large"),
    "not ready for ever": (for_ever(b"", b"HTTP/1.1 100 Continue\r\n\r\n", 0.001), "timeout"),
    "early hints for ever": (
        for_ever(b"", b"HTTP/1.1 103 Early Hints\r\nLink: <a>\r\n\r\n"),
        "timeout",
    ),
    "endless trailer": (for_ever(CHUNKED + b"0\r\n", b"A: b\r\n" * 100), "protocol"),
    "endless trailer line": (for_ever(CHUNKED + b"0\r\nA: ", b"x" * 4096), "protocol"),
    "endless extension of a chunk": (for_ever(CHUNKED + b"1;a=", b"x" * 4096), "protocol"),
    "a chunk a byte, each with an extension": (
        for_ever(CHUNKED, b"1;a=" + b"x" * 4096 + b"\r\nx\r\n"),
        "timeout",
    ),
    "gzip bomb": (encoded("gzip", gzip.compress(ZEROS)), "too-large"),
    "gzip of a gzip bomb": (
        encoded("gzip, gzip", gzip.compress(gzip.compress(ZEROS))),
        "too-large",
    ),
    "deflate bomb": (encoded("deflate", zlib.compress(ZEROS)), "too-large"),
    "brotli bomb": (encoded("br", brotli.compress(ZEROS, quality=1)), "too-large"),
    "zstd bomb": (encoded("zstd", zstandard.compress(ZEROS)), "too-large"),
    "gzip of nothing, for ever": (
        for_ever(OK + b"Content-Encoding: gzip\r\n\r\n", gzip.compress(b"") * 500),
        "too-large",
    ),
    "three layers": (encoded("gzip, gzip, br", b"x"), "protocol"),
    "not HTTP": (for_ever(b"SSH-2.0-OpenSSH_9.2\r\n\r\n", b"", 0.1), "protocol"),
    "two lengths": (answer(b"x", content_length="2"), "protocol"),
    "ends early": (answer(b"x", Content_Length="9"), "disconnected"),
    "ends at once": (ends_at_once, "disconnected"),
    "a redirect to itself": (answer(status="302 Found", Location="/"), "too-many-redirects"),
    "a redirect to nowhere": (answer(status="302 Found", Location="http://["), "bad-url"),
    "a redirect to a file": (answer(status="302 Found", Location="file:///a"), "bad-url"),
    "a redirect in disguise": (
        answer(status="302 Found", Location="http://a\\@127.0.0.1/"),
        "bad-url",
    ),
    "a status of its own": (answer(status="999 Go away"), "http-5xx"),
}


@pytest.mark.parametrize(("behaviour", "reason"), HARM.values(), ids=HARM.keys())
def test_harm_ends_in_time_and_with_a_reason(behaviour: Behaviour, reason: str) -> None:
    started = time.monotonic()
    failed = fetch({"/": behaviour})
    assert isinstance(failed, FetchFailed)
    assert failed.reason == reason, failed
    assert failed.detail
    assert time.monotonic() - started < 5


def test_what_is_cut_short_is_a_feed_without_validators_and_no_page() -> None:
    """A feed is judged by what it yields, and must be read again; half a page is no article."""
    half = gzip.compress(b"<rss><channel><item/>" + bytes(LIMIT // 2))[:-20]
    site = {"/": answer(half, Content_Encoding="gzip", ETag='"1"', Cache_Control="max-age=60")}
    begun = fetch(site, kind="feed")
    assert isinstance(begun, Fetched)
    assert begun.body.startswith(b"<rss><channel><item/>")
    assert (begun.etag, begun.fresh_for_s) == (None, None)
    failed = fetch(site, kind="page")
    assert isinstance(failed, FetchFailed)
    assert failed.reason == "protocol"


@pytest.mark.parametrize("encoding", ["", "gzip", "br", "zstd"])
def test_of_a_page_that_is_too_large_the_beginning_is_read(encoding: str) -> None:
    limit = 10 * LIMIT
    body = b"<p>begins</p>" + Random(0).randbytes(limit).hex().encode()
    packed = BOMBS[encoding](body) if encoding else body
    rules = replace(RULES, max_body_bytes=limit)
    found = fetch({"/": encoded(encoding, packed)}, kind="page", rules=rules)
    assert isinstance(found, Fetched)
    assert found.body.startswith(b"<p>begins</p>")
    assert limit / 2 < len(found.body) <= limit


@pytest.mark.parametrize("encoding", ["gzip", "br", "zstd"])
def test_a_page_that_is_a_bomb_takes_no_more_than_a_page(encoding: str) -> None:
    found = fetch({"/": encoded(encoding, BOMBS[encoding](ZEROS))}, kind="page")
    if isinstance(found, Fetched):
        assert len(found.body) <= LIMIT
    else:
        assert isinstance(found, FetchFailed)
        assert found.reason == "too-large"


INSIDE = {
    "another port": "http://127.0.0.1:1/",
    "a name": "http://localhost/",
    "IPv6": "http://[::1]/",
    "mapped": "http://[::ffff:127.0.0.1]/",
    "mapped, in hexadecimal": "http://[::ffff:7f00:1]/",
    "a zone": "http://[fe80::1%25lo]/",
    "carrier-grade NAT": "http://100.64.0.1/",
    "secrets of a cloud": "http://169.254.169.254/latest/meta-data/",
    "private": "http://10.0.0.1/",
    "zero": "http://0/",
    "short": "http://127.1/",
    "one number": "http://2130706433/",
    "hexadecimal": "http://0x7f000001/",
    "wide digits": "http://\uff11\uff12\uff17.0.0.1/",
    "no scheme": "//127.0.0.1:1/",
}


@pytest.mark.parametrize("address", INSIDE.values(), ids=INSIDE.keys())
def test_no_redirect_leads_inside(address: str) -> None:
    """The first address is allowed here, as a public one would be; what it redirects to is not."""
    outside = replace(RULES, allowed=parse_networks("127.0.0.9"))

    async def follow() -> Answer:
        redirect = answer(status="302 Found", Location=address)
        async with (
            HostileSite({"/": redirect}, "127.0.0.9") as site,
            open_fetcher(outside) as fetcher,
        ):
            return await fetcher.fetch(site.url("/"), "page")

    failed = asyncio.run(follow())
    assert isinstance(failed, FetchFailed)
    assert failed.reason in ("forbidden-address", "bad-url"), failed


def named(*answers: Sequence[str]) -> Resolve:
    """Return a name server that gives each of ``answers`` once, and the last one for ever."""
    left = itertools.chain(answers, itertools.repeat(answers[-1]))

    async def look_up(name: str, port: int) -> Sequence[str]:
        return next(left)

    return look_up


def fetch_by_name(resolve: Resolve) -> tuple[Answer, list[str]]:
    """Fetch http://news.example/ from a site at 127.0.0.9, the only address that is allowed."""

    async def once() -> tuple[Answer, list[str]]:
        rules = replace(RULES, allowed=parse_networks("127.0.0.9"))
        async with HostileSite({"/": answer(b"x")}, "127.0.0.9") as site:
            async with open_fetcher(rules, resolve) as fetcher:
                found = await fetcher.fetch(site.url("/", "news.example"), "page")
            return found, site.hosts

    return asyncio.run(once())


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.1", "::1", "fe80::1%lo", "0.0.0.0"])
def test_a_name_that_means_something_inside_is_refused(address: str) -> None:
    failed, asked = fetch_by_name(named([address]))
    assert isinstance(failed, FetchFailed)
    assert failed.reason == "forbidden-address"
    assert address in failed.detail
    assert not asked


def test_of_several_addresses_only_the_allowed_are_tried_and_the_name_stays() -> None:
    found, asked = fetch_by_name(named(["127.0.0.1", "10.0.0.1", "127.0.0.9"]))
    assert isinstance(found, Fetched)
    assert {host.partition(":")[0] for host in asked} == {"news.example"}


def test_a_name_that_changes_its_address_between_questions_is_checked_again() -> None:
    """robots.txt is asked at the good address; the page would be at the bad one."""
    closing = answer(status="404 Not Found", Connection="close")

    async def rebound() -> tuple[Answer, int]:
        rules = replace(RULES, allowed=parse_networks("127.0.0.9"))
        site = HostileSite({"/robots.txt": closing, "/": answer(b"x")}, "127.0.0.9")
        async with site, open_fetcher(rules, named(["127.0.0.9"], ["127.0.0.1"])) as fetcher:
            found = await fetcher.fetch(site.url("/", "news.example"), "page")
            return found, site.asked["/"]

    failed, asked = asyncio.run(rebound())
    assert isinstance(failed, FetchFailed)
    assert failed.reason == "forbidden-address"
    assert asked == 0


def test_a_name_without_an_address_is_not_resolved() -> None:
    failed, _ = fetch_by_name(named([]))
    assert isinstance(failed, FetchFailed)
    assert (failed.reason, failed.weight) == ("resolve", "temporary")


def test_a_name_server_that_does_not_answer_costs_no_more_than_the_deadline() -> None:
    async def look_up(name: str, port: int) -> Sequence[str]:
        await asyncio.Event().wait()
        return []

    failed, _ = fetch_by_name(look_up)
    assert isinstance(failed, FetchFailed)
    assert failed.reason == "timeout"


def test_no_proxy_of_the_environment_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{free_port()}")
    assert isinstance(fetch({"/": answer(b"x")}), Fetched)


def test_an_answer_that_nobody_reads_costs_no_connection() -> None:
    async def connections() -> int:
        async with HostileSite({}) as site, open_fetcher(RULES) as fetcher:
            for path in ("/a", "/b", "/c"):
                assert isinstance(await fetcher.fetch(site.url(path), "page"), FetchFailed)
            return site.connections

    assert asyncio.run(connections()) == 1


FLOODS = (
    *("endless header", "endless headers", "early hints for ever", "endless trailer"),
    *("endless trailer line", "endless extension of a chunk"),
    "a chunk a byte, each with an extension",
)


def flooded_mb(name: str) -> float:
    """Return by how many MB being flooded made this process grow."""
    fetch({"/": answer(b"x")})
    before = peak_memory_mb()
    fetch({"/": HARM[name][0]})
    return peak_memory_mb() - before


def test_a_flood_takes_hardly_any_memory() -> None:
    program = f"""
from tests.unit.ingest.test_hostile_sites import flooded_mb
for name in {FLOODS!r}:
    print(flooded_mb(name))
"""
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=60
    )
    assert ended.returncode == 0, ended.stderr
    grown = list(map(float, ended.stdout.split()))
    assert len(grown) == len(FLOODS)
    assert max(grown) < 10, grown


BOMBS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": lambda data: gzip.compress(data, compresslevel=1),
    "deflate": lambda data: zlib.compress(data, level=1),
    "br": lambda data: brotli.compress(data, quality=1),
    "zstd": zstandard.compress,
}

IN_A_PROCESS_OF_ITS_OWN = """
import sys
from tests.unit.ingest.test_hostile_sites import grown_mb
print(grown_mb(sys.argv[1], sys.argv[2]))
"""


def grown_mb(encoding: str, file: str) -> float:
    """Return by how many MB fetching the bomb in ``file`` eight times made this process grow."""
    bomb = {"/": encoded(encoding, Path(file).read_bytes())}
    fetch({"/": answer(b"x")})
    before = peak_memory_mb()
    for _ in range(8):
        failed = fetch(bomb, rules=replace(RULES, max_body_bytes=1_000_000))
        assert isinstance(failed, FetchFailed)
        assert failed.reason == "too-large"
    return peak_memory_mb() - before


@pytest.mark.parametrize("encoding", BOMBS)
def test_a_bomb_takes_no_more_memory_than_the_limit(encoding: str, tmp_path: Path) -> None:
    bomb = tmp_path / "bomb"
    bomb.write_bytes(BOMBS[encoding](bytes(60_000_000)))
    program = [sys.executable, "-c", IN_A_PROCESS_OF_ITS_OWN, encoding, str(bomb)]
    ended = subprocess.run(program, capture_output=True, text=True, check=False, timeout=60)
    assert ended.returncode == 0, ended.stderr
    assert float(ended.stdout) < 20, "MB more, for a body of 60 MB of which 1 MB is allowed"
