"""When a source is polled next: bounds, what it asks for, failures, and what is recorded of it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.contract.articles import SourceState
from services.ingest.core.next_poll import (
    JITTER,
    LONGEST_WAIT_S,
    RECORD_EVERY,
    STEP,
    WEIGHTS,
    Bounds,
    after_answer,
    after_failure,
    is_worth_recording,
)

NOW = datetime(2020, 11, 22, 10, 0, tzinfo=UTC)
BOUNDS = Bounds(300, 3_600)

seconds = st.floats(0, 1e9)
chances = st.floats(0, 1)
shares = st.none() | st.floats(0, 1)
bounds = st.tuples(st.floats(1, 86_400), st.floats(1, 86_400)).map(
    lambda pair: Bounds(min(pair), max(pair))
)
failures = st.sampled_from(sorted(WEIGHTS.values()))


def state(**fields: Any) -> SourceState:
    return SourceState(source_id="s", **fields)


def wait_s(after: SourceState) -> float:
    assert after.next_poll_at
    return (after.next_poll_at - NOW).total_seconds()


def interval_after(*old_shares: float | None, start_s: float = 900) -> float:
    after = state(interval_s=start_s)
    for share in old_shares:
        after = after_answer(after, share, 0, BOUNDS, 0, NOW)
    assert after.interval_s
    return after.interval_s


@pytest.mark.parametrize(
    ("old_shares", "expected_s"),
    [
        ((1.0,), 900),
        ((1.0, 1.0), 900 * STEP),
        ((1.0, 0.5, 1.0), 900),
        ((0.1, 0.2), 900 / STEP),
        ((1.0, 0.1), 900),
        ((0.1, None, 0.1), 900),
        ((0.98, 0.98), 900 / STEP),
        ((1.0, 0.98) * 20, 900),
        ((1.0,) * 20, 3_600),
        ((0.98,) * 20, 300),
        ((0.0,) * 20, 300),
    ],
    ids=str,
)
def test_two_polls_in_a_row_move_the_interval(
    old_shares: tuple[float | None, ...], expected_s: float
) -> None:
    assert interval_after(*old_shares) == pytest.approx(expected_s)


def test_a_new_source_starts_at_the_shortest_interval() -> None:
    assert after_answer(state(), None, 0, BOUNDS, 0, NOW).interval_s == BOUNDS.min_s


@given(st.none() | st.floats(0.1, 1e6), shares, shares, seconds, bounds, chances)
def test_the_wait_after_an_answer_is_within_the_bounds_and_not_shorter_than_asked(
    interval_s: float | None,
    before: float | None,
    share: float | None,
    asked_s: float,
    limits: Bounds,
    chance: float,
) -> None:
    known = state(interval_s=interval_s, old_share=before, failures=3, failure_weight=2.5)
    after = after_answer(known, share, asked_s, limits, chance, NOW)
    assert after.interval_s is not None
    assert limits.min_s <= after.interval_s <= limits.max_s
    shortest_s = max(after.interval_s, min(asked_s, limits.max_s))
    assert shortest_s - 1e-3 <= wait_s(after) <= limits.max_s * (1 + JITTER) + 1e-3
    assert (after.failures, after.failure_weight) == (0, 0)


@given(st.lists(failures, min_size=1, max_size=200), seconds, bounds, chances)
def test_failures_make_waits_longer_but_never_endless_and_one_success_ends_it(
    weights: list[float], retry_after_s: float, limits: Bounds, chance: float
) -> None:
    after = before = after_answer(state(), None, 0, limits, 0, NOW)
    waits = []
    for weight in weights:
        after = after_failure(after, weight, 0, limits, 0, NOW)
        waits.append(wait_s(after))
    assert waits == sorted(waits)
    assert waits[0] >= limits.min_s
    assert after.failures == len(weights)
    asked = after_failure(after, weights[0], retry_after_s, limits, chance, NOW)
    assert min(retry_after_s, LONGEST_WAIT_S) - 1e-3 <= wait_s(asked)
    assert wait_s(asked) <= LONGEST_WAIT_S * (1 + JITTER) + 1e-3
    again = after_answer(asked, 0.5, 0, limits, 0, NOW)
    assert wait_s(again) == wait_s(before)


def test_a_hard_failure_weighs_as_much_as_four_that_will_pass() -> None:
    hard = after_failure(state(), WEIGHTS["hard"], 0, BOUNDS, 0, NOW)
    passing = state()
    for _ in range(4):
        passing = after_failure(passing, WEIGHTS["temporary"], 0, BOUNDS, 0, NOW)
    assert wait_s(hard) == wait_s(passing) == 2 * BOUNDS.min_s


RECORDED = state(polled_at=NOW, interval_s=600.0, url="https://a.ly/rss")


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, False),
        ({"polled_at": NOW + RECORD_EVERY / 2}, False),
        ({"polled_at": NOW + RECORD_EVERY}, True),
        ({"interval_s": 900.0}, False),
        ({"interval_s": 1_350.0}, True),
        ({"interval_s": 250.0}, True),
        ({"failures": 2, "failure_weight": 0.5}, False),
        ({"failures": 2, "failure_weight": 2.0}, True),
        ({"moved_to": "https://b.ly/rss", "moved_since": NOW}, True),
        ({"next_poll_at": NOW + timedelta(days=1)}, False),
    ],
    ids=str,
)
def test_of_a_poll_without_news_only_what_would_be_missed_is_recorded(
    change: dict[str, Any], expected: bool
) -> None:
    assert is_worth_recording(RECORDED, RECORDED.model_copy(update=change)) is expected


def test_the_first_success_and_a_source_that_never_answered_are_recorded() -> None:
    assert is_worth_recording(state(), state(polled_at=NOW))
    assert is_worth_recording(state(), state(failures=1, failure_weight=1.0))
    assert not is_worth_recording(state(), state(failures=1, failure_weight=0.25))
