"""How gently a host is asked, by what it answers."""

import pytest

from services.ingest.core.politeness import (
    FIRST_PAUSE_S,
    MAX_ASKED_PAUSE_S,
    MAX_PAUSE_S,
    Pace,
    after_answer,
    after_refusal,
    concurrency,
)


def pace_after(*response_s: float) -> Pace:
    pace = Pace()
    for took_s in response_s:
        pace = after_answer(pace, 0, took_s)
    return pace


@pytest.mark.parametrize(
    ("response_s", "at_most", "expected"),
    [((), 4, 2), ((0.1,), 4, 4), ((0.7,), 4, 3), ((1.5,), 4, 2), ((20,), 4, 1), ((0.1,), 2, 2)],
)
def test_the_slower_the_host_the_fewer_at_a_time(
    response_s: tuple[float, ...], at_most: int, expected: int
) -> None:
    assert concurrency(pace_after(*response_s), at_most) == expected


def test_one_slow_answer_counts_a_quarter_and_many_count_in_full() -> None:
    assert pace_after(0.0, 2.0).response_s == pytest.approx(0.5)
    assert concurrency(pace_after(*[0.1] * 10, *[10.0] * 10), 4) == 1
    assert concurrency(pace_after(*[10.0] * 10, *[0.1] * 20), 4) == 4


def test_each_refusal_after_a_pause_doubles_the_next_until_an_answer() -> None:
    pace, now, pauses = Pace(), 1_000.0, []
    for _ in range(10):
        pace = after_refusal(pace, now, None)
        pauses.append(pace.not_before - now)
        now = pace.not_before
    assert pauses[:3] == [FIRST_PAUSE_S, 2 * FIRST_PAUSE_S, 4 * FIRST_PAUSE_S]
    assert pauses[-1] == MAX_PAUSE_S
    answered = after_answer(pace, now, 0.1)
    assert after_refusal(answered, now, None).not_before == now + FIRST_PAUSE_S


def test_requests_that_were_refused_together_count_once() -> None:
    together = after_refusal(after_refusal(Pace(), 1_000, None), 1_000.1, None)
    assert together == after_refusal(Pace(), 1_000, None)
    late = after_answer(together, 1_000.2, 0.1)  # had been on its way
    assert (late.refusals, late.not_before) == (1, together.not_before)
    assert concurrency(late, 4) == 1


def test_the_host_says_for_how_long_but_not_for_ever() -> None:
    assert after_refusal(Pace(), 10, 5).not_before == 15
    assert after_refusal(Pace(), 10, 10**9).not_before == 10 + MAX_ASKED_PAUSE_S
    longer = after_refusal(after_refusal(Pace(), 10, 600), 11, 5)
    assert longer.not_before == 610
