"""One polite GET, against a server that is not always polite."""

import asyncio
import gzip
from collections.abc import Iterator
from dataclasses import replace

import pytest

from services.ingest.core.answers import Answer as Outcome
from services.ingest.core.answers import Fetched, FetchFailed, NotModified
from services.ingest.core.politeness import MAX_CONCURRENCY
from services.ingest.edges.http import MAX_REDIRECTS, open_fetcher
from tests.local_site import LOCAL, Answer, LocalSite
from tests.support import free_port

LIMIT = 10_000
THEN = "Sun, 22 Nov 2020 10:00:00 GMT"
RULES = replace(LOCAL, timeout_s=1, max_body_bytes=LIMIT)


@pytest.fixture
def site() -> Iterator[LocalSite]:
    with LocalSite() as site:
        yield site


def fetch(url: str, **validators: str) -> Outcome:
    async def once() -> Outcome:
        async with open_fetcher(RULES) as fetcher:
            return await fetcher.fetch(url, "page", **validators)

    return asyncio.run(once())


def test_an_answer_is_its_bytes_and_its_validators(site: LocalSite) -> None:
    headers = {"Content-Type": "text/html", "ETag": '"1"', "Last-Modified": THEN}
    site.answers["/a"] = Answer(b"body", headers=headers)
    assert fetch(f"{site.url}/a") == Fetched(f"{site.url}/a", b"body", "text/html", '"1"', THEN)
    (request,) = site.asked("/a")
    assert request.headers["User-Agent"] == RULES.user_agent
    assert "If-None-Match" not in request.headers


def test_both_validators_are_sent_and_304_is_not_modified(site: LocalSite) -> None:
    site.answers["/a"] = Answer(b"body", headers={"ETag": '"1"'})
    assert fetch(f"{site.url}/a", etag='"1"', last_modified=THEN) == NotModified()
    assert site.asked("/a")[0].headers["If-Modified-Since"] == THEN
    assert isinstance(fetch(f"{site.url}/a", etag='"0"'), Fetched)


def test_redirects_are_followed_so_far_and_no_further(site: LocalSite) -> None:
    for number in range(MAX_REDIRECTS + 1):
        to = {"Location": f"/{number + 1}"}
        site.answers[f"/{number}"] = Answer(status=301, headers=to)
    site.answers[f"/{MAX_REDIRECTS + 1}"] = Answer(b"end")
    found = fetch(f"{site.url}/1")
    assert isinstance(found, Fetched)
    assert found.url == f"{site.url}/{MAX_REDIRECTS + 1}"
    assert fetch(f"{site.url}/0") == FetchFailed(
        "too-many-redirects", f"more than {MAX_REDIRECTS} redirects"
    )


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (Answer(status=404), "gone"),
        (Answer(status=403), "http-4xx"),
        (Answer(status=429), "throttled"),
        (Answer(status=503), "http-5xx"),
        (Answer(status=204), "http-other"),
        (Answer(status=304), "http-other"),
        (Answer(b"x", delay_s=1.5), "timeout"),
        (Answer(b"x" * (LIMIT + 1)), "too-large"),
        (
            Answer(gzip.compress(b"x" * 5_000_000), headers={"Content-Encoding": "gzip"}),
            "too-large",
        ),
        (Answer(b"not gzip", headers={"Content-Encoding": "gzip"}), "protocol"),
        (Answer(status=302, headers={"Location": "file:///etc/passwd"}), "bad-url"),
    ],
    ids=[
        "404",
        "403",
        "429",
        "503",
        "204",
        "304 nobody asked for",
        "slow",
        "large",
        "bomb",
        "bad gzip",
        "to a file",
    ],
)
def test_what_goes_wrong_has_a_reason(site: LocalSite, answer: Answer, reason: str) -> None:
    site.answers["/a"] = answer
    failed = fetch(f"{site.url}/a")
    assert isinstance(failed, FetchFailed)
    assert failed.reason == reason
    assert failed.detail


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("ftp://x.ly/", "bad-url"),
        ("http://", "bad-url"),
        ("", "bad-url"),
        ("http://exa mple/\0", "bad-url"),
        ("http://no-such-host.invalid/", "resolve"),
    ],
)
def test_no_address_makes_it_raise(url: str, reason: str) -> None:
    failed = fetch(url)
    assert isinstance(failed, FetchFailed)
    assert failed.reason == reason


def test_nobody_listening_is_a_failure_to_connect() -> None:
    failed = fetch(f"http://127.0.0.1:{free_port()}/")
    assert isinstance(failed, FetchFailed)
    assert failed.reason == "connect"


def test_a_host_gets_few_requests_at_a_time_and_waiting_is_not_timed(site: LocalSite) -> None:
    for number in range(12):
        site.answers[f"/{number}"] = Answer(b"x", delay_s=0.4)

    async def all_at_once() -> list[Outcome]:
        async with open_fetcher(RULES) as fetcher:
            fetches = (fetcher.fetch(f"{site.url}/{number}", "page") for number in range(12))
            return list(await asyncio.gather(*fetches))

    # More than a second in all, which is longer than the deadline of each.
    assert all(isinstance(found, Fetched) for found in asyncio.run(all_at_once()))
    assert 2 <= site.most_at_once <= MAX_CONCURRENCY
    assert "Cookie" not in str(site.requests)
