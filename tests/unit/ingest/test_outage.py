"""A dead network of our own is told from dead sources."""

import pytest

from services.ingest.core.answers import Reason
from services.ingest.core.outage import MIN_HOSTS, Outage, is_reached


def silent(hosts: int) -> Outage[str]:
    outage: Outage[str] = Outage()
    for number in range(hosts):
        outage.unreachable(f"s{number}", f"host{number}", f"before {number}")
    return outage


@pytest.mark.parametrize(
    ("hosts", "of_hosts", "expected"),
    [(MIN_HOSTS - 1, 2, False), (MIN_HOSTS, 20, True), (50, 1_000, False), (100, 1_000, True)],
)
def test_many_silent_hosts_and_no_answer_between_are_our_own_outage(
    hosts: int, of_hosts: int, expected: bool
) -> None:
    assert silent(hosts).is_on(of_hosts) is expected


def test_many_sources_of_one_host_are_that_hosts_outage() -> None:
    outage: Outage[str] = Outage()
    for number in range(100):
        outage.unreachable(f"s{number}", "host", "before")
    assert not outage.is_on(10)


def test_its_end_gives_back_every_source_as_it_was_before_its_first_failure() -> None:
    outage = silent(MIN_HOSTS)
    outage.unreachable("s0", "host0", "after one failure")
    assert outage.reached(MIN_HOSTS)["s0"] == "before 0"
    assert not outage.is_on(MIN_HOSTS)
    assert outage.reached(MIN_HOSTS) == {}


def test_an_answer_in_between_leaves_the_failures_where_they_are() -> None:
    outage = silent(MIN_HOSTS - 1)
    assert outage.reached(MIN_HOSTS) == {}
    outage.unreachable("last", "another", "before")
    assert not outage.is_on(MIN_HOSTS)


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        ("timeout", False),
        ("resolve", False),
        ("gone", True),
        ("tls", True),
        ("http-5xx", True),
        ("throttled", None),
        ("robots", None),
        ("bad-url", None),
        ("unreadable", None),
    ],
)
def test_only_what_was_asked_tells_whether_the_network_is_there(
    reason: Reason, expected: bool | None
) -> None:
    assert is_reached(reason) is expected
