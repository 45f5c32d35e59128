"""Sources over TLS: read over HTTP/2, refused without a good certificate, guarded all the same."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from services.ingest.core.addresses import parse_networks
from services.ingest.core.answers import Answer, Fetched, FetchFailed, NotModified
from services.ingest.edges.connections import Resolve
from services.ingest.edges.http import Fetcher, open_fetcher
from tests.local_site import LOCAL
from tests.tls_site import Authority, TlsSite

NAME = "news.example"
FEED = b"<rss><channel><item><title>x</title></item></channel></rss>"
LONG_AGO = "20200102000000Z"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority.new(tmp_path_factory.mktemp("tls") / "ca")


@pytest.fixture(autouse=True)
def _trust(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.certificate))


def named(address: str) -> Resolve:
    async def look_up(name: str, port: int) -> Sequence[str]:
        return [address]

    return look_up


def url(site: TlsSite, path: str = "/") -> str:
    return f"https://{NAME}:{site.port}{path}"


async def fetch(
    site: TlsSite, fetcher: Fetcher, path: str = "/", etag: str | None = None
) -> Answer:
    return await fetcher.fetch(url(site, path), "feed", etag=etag)


def test_a_source_is_read_over_http_2_on_one_connection(authority: Authority) -> None:
    async def read() -> None:
        answers = {"/": ({"etag": '"1"'}, FEED), "/same": ({":status": "304"}, b"")}
        async with (
            TlsSite(authority.server(NAME), answers) as site,
            open_fetcher(LOCAL, named("127.0.0.1")) as fetcher,
        ):
            found, same = await asyncio.gather(
                fetch(site, fetcher), fetch(site, fetcher, "/same", '"1"')
            )
            assert isinstance(found, Fetched)
            assert (found.body, found.etag) == (FEED, '"1"')
            assert isinstance(same, NotModified)
            assert sorted(site.asked) == [url(site, path) for path in ("/", "/robots.txt", "/same")]
            assert site.connections == 1

    asyncio.run(read())


@pytest.mark.parametrize("why", ["expired", "mismatch", "unable to get local issuer"])
def test_a_bad_certificate_is_named_and_nothing_is_asked(
    why: str, authority: Authority, tmp_path: Path
) -> None:
    bad = {
        "expired": lambda: authority.server(NAME, ends=LONG_AGO),
        "mismatch": lambda: authority.server("other.example"),
        "unable to get local issuer": lambda: Authority.new(tmp_path / "ca").server(NAME),
    }

    async def read() -> None:
        async with (
            TlsSite(bad[why](), {"/": ({}, FEED)}) as site,
            open_fetcher(LOCAL, named("127.0.0.1")) as fetcher,
        ):
            failed = await fetch(site, fetcher)
            assert isinstance(failed, FetchFailed)
            assert (failed.reason, failed.weight) == ("tls", "soft")
            assert why in failed.detail
            assert not site.asked

    asyncio.run(read())


def test_a_certified_name_that_means_something_inside_is_not_even_greeted(
    authority: Authority,
) -> None:
    async def read() -> None:
        outside = replace(LOCAL, allowed=parse_networks("127.0.0.9"))
        async with (
            TlsSite(authority.server(NAME), {"/": ({}, FEED)}) as site,
            open_fetcher(outside, named("127.0.0.1")) as fetcher,
        ):
            failed = await fetch(site, fetcher)
            assert isinstance(failed, FetchFailed)
            assert failed.reason == "forbidden-address"
            assert site.connections == 0

    asyncio.run(read())


def test_a_redirect_over_tls_leads_no_further_inside(authority: Authority) -> None:
    async def read() -> None:
        inside = {":status": "302", "location": "https://10.0.0.1/"}
        async with (
            TlsSite(authority.server(NAME), {"/": (inside, b"")}) as site,
            open_fetcher(LOCAL, named("127.0.0.1")) as fetcher,
        ):
            failed = await fetch(site, fetcher)
            assert isinstance(failed, FetchFailed)
            assert failed.reason == "forbidden-address"
            assert "10.0.0.1" in failed.detail

    asyncio.run(read())
