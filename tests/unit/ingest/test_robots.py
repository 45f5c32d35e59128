"""What robots.txt allows, and for how long that is known."""

import pytest

from services.ingest.core.answers import WEIGHTS, Fetched, FetchFailed, Reason
from services.ingest.core.robots import (
    KEEP_ERROR_S,
    KEEP_S,
    KEEP_STALE_S,
    MAX_CRAWL_DELAY_S,
    MAX_ROBOTS_BYTES,
    RobotsFile,
    learn,
    read_robots,
)

FILE = b"""\xef\xbb\xbfUser-agent: *
Disallow: /search
Allow: /search/about$
Crawl-delay: 2

User-Agent: OtherBot
User-agent: rasid
Disallow: /private/
Disallow: /*.pdf$
Disallow: /\xd8\xb3\xd8\xb1
Crawl-delay: 900
"""


def answered(body: bytes) -> Fetched:
    return Fetched("https://x.ly/robots.txt", body, "text/plain", None, None)


@pytest.mark.parametrize(
    ("agent", "path", "allowed"),
    [
        ("Rasid", "/", True),
        ("Rasid", "/search", True),  # our own group replaces that of everybody
        ("Rasid", "/private/1", False),
        ("Rasid", "/a/b.pdf", False),
        ("Rasid", "/a/b.pdf?x=1", True),
        ("Rasid", "/%D8%B3%D8%B1", False),
        ("Rasid", "/robots.txt", True),
        ("Another", "/private/1", True),
        ("Another", "/search?q=1", False),
        ("Another", "/search/about", True),
    ],
)
def test_the_longest_rule_of_our_own_group_decides(agent: str, path: str, allowed: bool) -> None:
    assert read_robots(FILE, agent).allow(f"https://x.ly{path}") is allowed


def test_a_crawl_delay_is_kept_within_reason() -> None:
    assert read_robots(FILE, "Another").crawl_delay_s == 2
    assert read_robots(FILE, "Rasid").crawl_delay_s == MAX_CRAWL_DELAY_S
    assert read_robots(b"", "Rasid").crawl_delay_s == 0


@pytest.mark.parametrize(
    "content",
    [b"", b"<!doctype html><html>not found</html>", b"\xff\xfe\0", b"Disallow: /", b":\n" * 9],
    ids=["empty", "a page", "bytes", "no agent", "colons"],
)
def test_what_is_no_rule_forbids_nothing(content: bytes) -> None:
    assert read_robots(content, "Rasid").allow("https://x.ly/news/1")


def test_a_file_holds_for_six_hours_and_only_its_beginning_counts() -> None:
    rule = b"User-agent: *\nDisallow: /\n"
    file = learn(answered(b"#" * MAX_ROBOTS_BYTES + b"\n" + rule), None, now=10)
    assert file.fresh_until == 10 + KEEP_S
    assert isinstance(file.content, bytes)
    assert read_robots(file.content, "Rasid").allow("https://x.ly/")


UNREACHABLE = {reason for reason, weight in WEIGHTS.items() if weight == "temporary"} | {"tls"}


@pytest.mark.parametrize("reason", sorted(set(WEIGHTS) - UNREACHABLE))
def test_a_site_without_a_file_allows_everything_for_an_hour(reason: Reason) -> None:
    assert learn(FetchFailed(reason, "no"), None, 10) == RobotsFile(b"", 10 + KEEP_ERROR_S, 10)


@pytest.mark.parametrize("reason", sorted(UNREACHABLE))
def test_a_site_that_is_out_of_order_allows_nothing_but_what_it_did_before(reason: Reason) -> None:
    failed = learn(FetchFailed(reason, "no", 7), None, 10)
    assert failed.content == FetchFailed(reason, "robots.txt: no", 7)
    # Its own hour for a server's error; what may be our network is tried again at once.
    assert failed.fresh_until == (10 + KEEP_ERROR_S if reason == "http-5xx" else 10)
    assert learn(FetchFailed(reason, "no"), failed, 20).content != b""
    known = learn(answered(FILE), failed, 100)
    later = 100 + KEEP_S
    still = learn(FetchFailed(reason, "no"), known, later)
    assert (still.content, still.fresh_until) == (FILE, later + KEEP_ERROR_S)
    too_late = 100 + KEEP_STALE_S
    assert isinstance(learn(FetchFailed(reason, "no"), still, too_late).content, FetchFailed)


def test_a_long_file_is_read_in_part_and_quickly_enough_to_be_harmless() -> None:
    endless = b"User-agent: *\n" + b"Disallow: /a*b*c$\n" * 30_000
    rules = read_robots(endless[:MAX_ROBOTS_BYTES], "Rasid")
    assert not rules.allow("https://x.ly/abc")
    assert rules.allow("https://x.ly/news")
