"""Only who holds a source's partition, and knows it, may write about it."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from services.contract.topics import SOURCES
from services.ingest.edges import fence as fence_module
from services.ingest.edges.fence import LEASE_S, Fence, NotOurs, partition_of
from tests.support import eventually

SOURCE = "lana"
OURS = frozenset({partition_of(SOURCE)})
OTHERS = frozenset(range(SOURCES.partitions)) - OURS


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def fence(clock: Clock) -> Fence:
    """Return a fence that lets writes about SOURCE pass."""
    fence = Fence(clock)
    fence.open(OURS)
    fence.confirm(clock.now)
    return fence


def may_write(fence: Fence, source_id: str = SOURCE) -> bool:
    try:
        with fence.writing(source_id):
            return True
    except NotOurs:
        return False


def no_polls(partitions: frozenset[int], grace_s: float) -> None:
    """End no polls: there are none."""


def test_what_is_ours_may_be_written_while_the_lease_holds(fence: Fence, clock: Clock) -> None:
    assert may_write(fence)
    clock.now += LEASE_S - 0.1
    assert may_write(fence)
    clock.now += 0.1
    assert not may_write(fence)
    fence.confirm(clock.now)
    assert may_write(fence)


def test_what_was_never_confirmed_may_not_be_written(clock: Clock) -> None:
    fence = Fence(clock)
    fence.open(OURS)
    assert not may_write(fence)


def test_a_confirmation_counts_from_when_it_was_asked_for(fence: Fence, clock: Clock) -> None:
    asked_at = clock.now
    clock.now += LEASE_S
    fence.confirm(asked_at)
    assert not fence.holds()


def test_what_is_anothers_may_not_be_written(fence: Fence) -> None:
    other = next(name for name in map(str, range(100)) if partition_of(name) not in OURS)
    assert not may_write(fence, other)
    fence.open(OTHERS)
    assert may_write(fence, other)


def test_polls_that_end_in_time_may_write_what_they_found(fence: Fence) -> None:
    during: list[bool] = []
    fence.give_up(OURS, lambda partitions, grace_s: during.append(may_write(fence)), grace_s=3)
    assert (during, may_write(fence), fence.ours) == ([True], False, frozenset())


def test_what_may_be_anothers_already_is_not_written_even_by_polls_under_way(fence: Fence) -> None:
    during: list[bool] = []
    fence.give_up(OURS, lambda partitions, grace_s: during.append(may_write(fence)), grace_s=0)
    assert during == [False]


def test_a_partition_is_given_up_when_the_write_under_way_is_over(fence: Fence) -> None:
    with ThreadPoolExecutor(1) as beside:
        with fence.writing(SOURCE):
            given_up = beside.submit(fence.give_up, OURS, no_polls, 3.0)
            eventually(lambda: not fence.ours)
            assert not given_up.done()
        given_up.result(timeout=10)


def test_a_write_that_does_not_end_is_not_waited_for_for_ever(
    fence: Fence, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fence_module, "RELEASE_GRACE_S", 0.05)
    with fence.writing(SOURCE):
        fence.give_up(OURS, no_polls, grace_s=3)
    assert not may_write(fence)


def test_a_write_about_a_partition_that_stays_is_not_waited_for(fence: Fence) -> None:
    fence.open(OTHERS)
    with ThreadPoolExecutor(1) as beside, fence.writing(SOURCE):
        beside.submit(fence.give_up, OTHERS, no_polls, 3.0).result(timeout=10)
        assert fence.ours == OURS


def test_a_failed_write_is_over(fence: Fence) -> None:
    with pytest.raises(OSError, match="broken"), fence.writing(SOURCE):
        raise OSError("broken")
    done = threading.Event()
    fence.give_up(OURS, lambda partitions, grace_s: done.set(), grace_s=0)
    assert done.is_set()
