"""One polite GET, against a server that is not always polite."""

import asyncio
import gzip
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from services.ingest.core.answers import Answer as Outcome
from services.ingest.core.answers import Fetched, FetchFailed, NotModified
from services.ingest.core.politeness import MAX_CONCURRENCY, Manners
from services.ingest.edges.http import MAX_REDIRECTS, FetchRules, open_fetcher
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


def test_what_a_proxy_answers_for_a_site_is_an_answer(site: LocalSite) -> None:
    site.answers["/a"] = Answer(b"body", status=203)
    answer = fetch(f"{site.url}/a")
    assert isinstance(answer, Fetched)
    assert answer.body == b"body"


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


ROBOTS = Answer(b"User-agent: *\nDisallow: /private\nCrawl-delay: 0.3\n")


async def fetch_all(site: LocalSite, *paths: str, rules: FetchRules = RULES) -> list[Outcome]:
    """Fetch one after the other with one Fetcher."""
    async with open_fetcher(rules) as fetcher:
        return [await fetcher.fetch(site.url + path, "page") for path in paths]


def test_robots_txt_is_read_once_and_obeyed_after_redirects_too(site: LocalSite) -> None:
    site.answers |= {
        "/robots.txt": ROBOTS,
        "/open": Answer(b"x"),
        "/private": Answer(b"x"),
        "/to-private": Answer(status=302, headers={"Location": "/private"}),
    }
    opened, *refused = asyncio.run(fetch_all(site, "/open", "/private", "/to-private"))
    assert isinstance(opened, Fetched)
    assert [failed.reason for failed in refused if isinstance(failed, FetchFailed)] == [
        "robots",
        "robots",
    ]
    assert len(site.asked("/robots.txt")) == 1
    assert not site.asked("/private")


def test_many_who_want_robots_txt_at_once_ask_once(site: LocalSite) -> None:
    site.answers |= {"/robots.txt": replace(ROBOTS, delay_s=0.2), "/private": Answer(b"x")}

    async def together() -> list[Outcome]:
        async with open_fetcher(RULES) as fetcher:
            url = f"{site.url}/private"
            return list(await asyncio.gather(*(fetcher.fetch(url, "page") for _ in range(20))))

    assert {str(failed) for failed in asyncio.run(together())} == {
        str(FetchFailed("robots", f"robots.txt does not allow {site.url}/private"))
    }
    assert len(site.asked("/robots.txt")) == 1


@pytest.mark.parametrize(
    ("robots", "reason"),
    [
        (Answer(status=404), None),
        (Answer(status=403), None),
        (Answer(b"<html>", headers={"Content-Encoding": "gzip"}), None),
        (Answer(status=302, headers={"Location": "http://10.0.0.1/"}), None),
        (Answer(status=503), "http-5xx"),
        (Answer(status=429), "throttled"),
        (Answer(ROBOTS.body, delay_s=1.5), "timeout"),
    ],
    ids=["none", "forbidden", "garbage", "inside", "broken", "refused", "slow"],
)
def test_without_robots_txt_all_is_allowed_unless_the_server_is_broken(
    site: LocalSite, robots: Answer, reason: str | None
) -> None:
    site.answers |= {"/robots.txt": robots, "/private": Answer(b"x")}
    found = fetch(f"{site.url}/private")
    assert (found.reason if isinstance(found, FetchFailed) else None) == reason
    assert bool(site.asked("/private")) == (reason is None)


def test_a_crawl_delay_is_a_gap_and_a_source_may_want_a_longer_one(site: LocalSite) -> None:
    site.answers |= {"/robots.txt": ROBOTS, "/a": Answer(b"x"), "/b": Answer(b"x")}

    async def seconds(manners: Manners) -> float:
        async with open_fetcher(RULES) as fetcher:
            await fetcher.fetch(f"{site.url}/robots.txt", "robots")
            started = time.monotonic()
            for path in ("/a", "/b"):
                await fetcher.fetch(site.url + path, "page", manners=manners)
            return time.monotonic() - started

    assert asyncio.run(seconds(Manners())) >= 0.3
    assert asyncio.run(seconds(Manners(min_gap_s=0.6))) >= 0.6


def test_a_slow_host_delays_nobody_else(site: LocalSite) -> None:
    """More wait for the slow one than there are slots, and the other does not wait for any."""
    site.answers |= {"/slow": Answer(b"x", delay_s=2), "/quick": Answer(b"x")}
    port = site.url.rpartition(":")[2]
    slots = MAX_CONCURRENCY + 1

    async def resolve(name: str, port: int) -> list[str]:
        return ["127.0.0.1"]

    async def slow_ones_done_before_the_quick_one() -> int:
        async with open_fetcher(replace(LOCAL, timeout_s=5, concurrency=slots), resolve) as fetcher:
            await fetcher.fetch(f"http://slow.example:{port}/quick", "page")
            url = f"http://slow.example:{port}/slow"
            waiting = [asyncio.create_task(fetcher.fetch(url, "page")) for _ in range(3 * slots)]
            await asyncio.sleep(0)  # they take their places
            quick = await fetcher.fetch(f"http://quick.example:{port}/quick", "page")
            assert isinstance(quick, Fetched)
            done = sum(task.done() for task in waiting)
            for task in waiting:
                task.cancel()
            await asyncio.wait(waiting)
            return done

    assert asyncio.run(slow_ones_done_before_the_quick_one()) == 0


def in_two_minutes() -> str:
    return format_datetime(datetime.now(UTC) + timedelta(seconds=120), usegmt=True)


@pytest.mark.parametrize(
    ("status", "wish"),
    [(429, lambda: "120"), (503, lambda: "120"), (429, in_two_minutes)],
    ids=["429", "503", "a date"],
)
def test_a_host_that_wants_a_long_pause_is_not_asked_again(
    site: LocalSite, status: int, wish: Callable[[], str]
) -> None:
    site.answers |= {
        "/a": Answer(status=status, headers={"Retry-After": wish()}),
        "/b": Answer(b"x"),
    }
    first, second = asyncio.run(fetch_all(site, "/a", "/b"))
    assert isinstance(first, FetchFailed)
    assert isinstance(second, FetchFailed)
    assert second.reason == "throttled"
    for failed in (first, second):
        assert failed.retry_after_s == pytest.approx(120, abs=30)
    assert not site.asked("/b")


def test_a_short_pause_is_waited_for(site: LocalSite) -> None:
    site.answers |= {
        "/a": Answer(status=429, headers={"Retry-After": "1"}),
        "/b": Answer(b"x"),
    }
    started = time.monotonic()
    _, second = asyncio.run(fetch_all(site, "/a", "/b"))
    assert isinstance(second, Fetched)
    assert time.monotonic() - started >= 1


def test_a_page_that_is_out_of_order_is_no_wish_of_the_host(site: LocalSite) -> None:
    site.answers |= {"/a": Answer(status=503), "/b": Answer(b"x")}
    first, second = asyncio.run(fetch_all(site, "/a", "/b"))
    assert first == FetchFailed("http-5xx", "HTTP 503")
    assert isinstance(second, Fetched)


@pytest.mark.parametrize(
    ("statuses", "moved"),
    [((301,), True), ((301, 308), True), ((302,), False), ((301, 307), False), ((), False)],
)
def test_only_permanent_redirects_all_the_way_are_a_move(
    site: LocalSite, statuses: tuple[int, ...], moved: bool
) -> None:
    for number, status in enumerate(statuses):
        site.answers[f"/{number}"] = Answer(
            status=status, headers={"Location": f"/{number + 1}#top"}
        )
    end = f"{site.url}/{len(statuses)}"
    site.answers[f"/{len(statuses)}"] = Answer(b"x", headers={"ETag": '"1"'})
    found = fetch(f"{site.url}/0")
    assert isinstance(found, Fetched)
    assert (found.url, found.moved_to) == (end, end if moved else None)
    assert fetch(f"{site.url}/0", etag='"1"') == NotModified(moved_to=end if moved else None)


def test_how_long_an_answer_holds_is_said_of_a_304_too(site: LocalSite) -> None:
    headers = {"ETag": '"1"', "Cache-Control": "max-age=600"}
    site.answers["/a"] = Answer(b"x", headers=headers)
    found = fetch(f"{site.url}/a")
    assert isinstance(found, Fetched)
    assert found.fresh_for_s == 600


def test_absurd_validators_are_neither_kept_nor_sent(site: LocalSite) -> None:
    absurd = "Fri, 22 Nov 2041 12:00:00 GMT"
    site.answers["/a"] = Answer(b"x", headers={"Last-Modified": absurd, "ETag": '"\u00e9"'})
    found = fetch(f"{site.url}/a", last_modified=absurd, etag='"a b\n"')
    assert isinstance(found, Fetched)
    assert (found.etag, found.last_modified) == (None, None)
    assert not {"If-Modified-Since", "If-None-Match"} & set(site.asked("/a")[0].headers)


def test_a_200_with_the_known_validators_is_an_answer_all_the_same(site: LocalSite) -> None:
    """A stuck ETag with new content loses no news."""
    site.answers["/a"] = Answer(b"new", headers={"Last-Modified": THEN})
    found = fetch(f"{site.url}/a", last_modified=THEN)
    assert isinstance(found, Fetched)
    assert (found.body, found.last_modified) == (b"new", THEN)


def test_an_address_in_arabic_is_asked_for(site: LocalSite) -> None:
    path = "/%D8%A3%D8%AE%D8%A8%D8%A7%D8%B1"
    site.answers[path] = Answer(b"x")
    site.answers["/a"] = Answer(status=302, headers={"Location": path})
    for url in (f"{site.url}/أخبار", f" {site.url}/a#أعلى "):
        found = fetch(url)
        assert isinstance(found, Fetched)
        assert found.url == site.url + path
