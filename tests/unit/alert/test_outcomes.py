"""What an answer means: what a channel can take is not given up, what it refuses is."""

from datetime import UTC, datetime

import pytest

from services.alert.core.outcomes import (
    MAX_ASKED_WAIT_S,
    MAX_WAIT_S,
    Again,
    Delivered,
    Refused,
    asked_wait_s,
    of_status,
    wait_s,
)

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_a_channel_that_says_yes_has_it(status: int) -> None:
    assert of_status(status) == Delivered()


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504, 599])
def test_a_channel_that_cannot_now_is_asked_for_ever(status: int) -> None:
    assert of_status(status, 7.0) == Again(f"http-{status}", after_s=7.0, within_s=None)


@pytest.mark.parametrize("status", [400, 410, 413, 415, 422])
def test_a_channel_that_wants_no_such_alert_is_not_asked_again(status: int) -> None:
    assert of_status(status) == Refused(f"http-{status}")


@pytest.mark.parametrize("status", [301, 302, 307, 401, 403, 404, 405])
def test_an_answer_that_is_not_about_the_alert_is_borne_for_a_while(status: int) -> None:
    outcome = of_status(status)
    assert isinstance(outcome, Again)
    assert outcome.within_s is not None


def test_waits_double_up_to_a_limit_and_are_anything_below_it() -> None:
    assert [wait_s(attempt, 0, lambda: 1.0) for attempt in (1, 2, 3)] == [1, 2, 4]
    assert wait_s(10_000, 0, lambda: 1.0) == MAX_WAIT_S
    assert wait_s(5, 0, lambda: 0.0) == 0


def test_what_the_channel_asks_for_is_waited_at_least() -> None:
    assert wait_s(1, 120, lambda: 0.0) == 120


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, 0),
        ("30", 30),
        ("Mon, 02 Mar 2026 10:01:30 GMT", 90),
        ("Mon, 02 Mar 2026 09:00:00 GMT", 0),
        ("-5", 0),
        ("soon", 0),
        ("nan", 0),
        ("1e300", MAX_ASKED_WAIT_S),
        ("Mon, 02 Mar 9026 10:00:00 GMT", MAX_ASKED_WAIT_S),
        ("Mon, 02 Mar 2026 10:01:30", 0),  # in no time zone: no moment
    ],
)
def test_retry_after_is_read_as_seconds_or_as_a_date(header: str | None, seconds: float) -> None:
    assert asked_wait_s(header, NOW) == seconds
