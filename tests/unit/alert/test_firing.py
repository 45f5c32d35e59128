"""What goes on is what was told and is not over; what nothing is heard of is forgotten."""

from datetime import timedelta

from services.alert.core.firing import FORGOTTEN_AFTER, Firing, after, still_firing
from services.alert.core.outcomes import MISPLACED_FOR_S, Again
from services.alert.core.payloads import idempotency_key
from services.alert.delivery import Tries
from tests.alerts import MOMENT, alert

NONE: Firing = {}


def test_an_incident_goes_on_until_it_is_over() -> None:
    fired, other = alert(1), alert(2)
    escalated = alert(1, happening="escalated")
    going_on = after(after(after(NONE, fired), other), escalated)
    assert going_on == {"incident-1": escalated, "incident-2": other}
    assert list(after(going_on, alert(1, happening="resolved")).values()) == [other]


def test_one_that_is_over_without_a_beginning_changes_nothing() -> None:
    assert after(NONE, alert(1, happening="resolved")) == NONE


def test_what_nothing_is_heard_of_is_forgotten() -> None:
    going_on = after(NONE, alert(1))
    moment = MOMENT + FORGOTTEN_AFTER
    assert still_firing(going_on, moment - timedelta(seconds=1)) == (alert(1),)
    assert still_firing(going_on, moment) == ()


def test_each_thing_that_is_told_of_an_incident_has_a_key_of_its_own() -> None:
    said = [
        alert(1),
        alert(2),
        alert(1, happening="escalated"),
        alert(1, happening="escalated", at=MOMENT + timedelta(hours=1)),
    ]
    assert len({idempotency_key(told) for told in said}) == len(said)
    assert idempotency_key(alert(1)) == idempotency_key(alert(1, text="in other words"))


def test_an_answer_that_says_nothing_of_the_alert_is_borne_for_a_while_in_a_row() -> None:
    tries, misplaced = Tries(), Again("http-404", within_s=MISPLACED_FOR_S)
    assert tries.after(misplaced, 0)
    assert tries.after(misplaced, MISPLACED_FOR_S - 1)
    assert tries.after(Again("connection"), MISPLACED_FOR_S)
    assert tries.after(misplaced, MISPLACED_FOR_S + 1), "it begins anew"
    assert not tries.after(misplaced, 2 * MISPLACED_FOR_S + 1)


def test_what_is_only_busy_is_tried_for_ever() -> None:
    tries = Tries()
    assert all(tries.after(Again("http-503"), now) for now in (0, 1e6, 1e9))
