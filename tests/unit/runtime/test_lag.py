"""How far a reader is behind, in records and in seconds."""

from collections.abc import Iterator

import pytest
from prometheus_client import REGISTRY

from services.runtime.lag import Lag

LABELS = {"topic": "lag-test", "partition": "3"}


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def lag(clock: Clock) -> Iterator[Lag]:
    lag = Lag(clock)
    yield lag
    lag.forget("lag-test", 3)


def shown() -> tuple[float | None, float | None]:
    return (
        REGISTRY.get_sample_value("rasid_consumer_lag_records", LABELS),
        REGISTRY.get_sample_value("rasid_consumer_lag_seconds", LABELS),
    )


def test_who_has_read_all_is_not_behind(lag: Lag) -> None:
    assert lag.show("lag-test", 3, end=10, settled=10) == 0
    assert shown() == (0, 0)


def test_the_seconds_are_those_of_the_oldest_record_that_is_left(lag: Lag, clock: Clock) -> None:
    lag.show("lag-test", 3, end=10, settled=10)
    clock.now += 5
    lag.show("lag-test", 3, end=20, settled=10)
    clock.now += 30
    assert lag.show("lag-test", 3, end=25, settled=10) == 15
    assert shown() == (15, 30)
    clock.now += 10
    lag.show("lag-test", 3, end=25, settled=20)  # what is left came with the last look
    assert shown() == (5, 10)
    lag.show("lag-test", 3, end=25, settled=25)
    assert shown() == (0, 0)


def test_a_long_standstill_is_remembered_in_bounded_space_from_its_beginning(
    lag: Lag, clock: Clock
) -> None:
    for end in range(1, 5_001):
        lag.show("lag-test", 3, end=end, settled=0)
        clock.now += 2
    lag.show("lag-test", 3, end=5_000, settled=0)
    assert shown() == (5_000, 10_000)


def test_a_partition_of_another_is_not_shown(lag: Lag) -> None:
    lag.show("lag-test", 3, end=20, settled=10)
    lag.forget("lag-test", 3)
    assert shown() == (None, None)
