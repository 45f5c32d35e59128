"""An incident from its first evaluation to its last: what is told, and what is not told again."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest

from services.alert.core.incidents import Evaluation, Happening, Incident, fingerprint, follow
from services.alert.core.watches import QuietHours, Watch

WATCH = Watch(id="oil", title="نفط", title_en="Oil", query="oil")
DROP = WATCH.model_copy(update={"kind": "drop"})
NIGHT = WATCH.model_copy(update={"quiet_hours": QuietHours(start=time(22), end=time(6))})
NOON = datetime(2026, 3, 2, 10, tzinfo=UTC)
NIGHTFALL = datetime(2026, 3, 2, 21, tzinfo=UTC)  # 23:00 in Tripoli


def evaluations(*stories: int, begins: datetime = NOON, fires_at: int = 10) -> list[Evaluation]:
    """One an hour: it exceeds at ``fires_at`` and is elevated at half of that."""
    return [
        Evaluation(
            at=begins + timedelta(hours=hour),
            stories=count,
            exceeds=count >= fires_at,
            elevated=count >= fires_at / 2,
            degraded=False,
        )
        for hour, count in enumerate(stories)
    ]


def told(
    watch: Watch, *history: Evaluation, before: Incident | None = None
) -> list[tuple[int, Happening]]:
    """Return what is told, by the number of the evaluation."""
    happenings = []
    for number, evaluation in enumerate(history):
        before, happened = follow(before, evaluation, watch)
        if happened:
            happenings.append((number, happened))
    return happenings


def test_a_spike_fires_once_and_is_resolved_when_it_falls_back() -> None:
    assert told(WATCH, *evaluations(1, 12, 14, 7, 12, 3, 1)) == [(1, "fired"), (5, "resolved")]


def test_what_is_usual_makes_no_incident() -> None:
    assert follow(None, *evaluations(7), WATCH) == (None, None)


def test_an_incident_that_doubles_escalates_and_again() -> None:
    history = evaluations(10, 19, 20, 39, 25, 40, 2)
    assert told(WATCH, *history) == [
        (0, "fired"),
        (2, "escalated"),
        (5, "escalated"),
        (6, "resolved"),
    ]


def test_while_it_cools_down_only_twice_as_much_fires_again() -> None:
    assert told(WATCH, *evaluations(12, 1, 12, 12, 1)) == [(0, "fired"), (1, "resolved")]
    assert told(WATCH, *evaluations(12, 1, 23, 24))[-1] == (3, "fired")
    after = evaluations(12, 1, 1, 1, 1, 1, 12)
    assert told(WATCH, *after) == [(0, "fired"), (1, "resolved"), (6, "fired")]


def test_in_quiet_hours_an_alert_waits_for_their_end() -> None:
    night = evaluations(*[12] * 9, begins=NIGHTFALL)
    assert told(NIGHT, *night) == [(7, "fired")]


def test_what_is_over_before_quiet_hours_end_is_not_told() -> None:
    assert told(NIGHT, *evaluations(12, 12, 1, 1, begins=NIGHTFALL)) == []


def test_critical_alerts_do_not_wait() -> None:
    critical = NIGHT.model_copy(update={"severity": "critical"})
    assert told(critical, *evaluations(12, begins=NIGHTFALL)) == [(0, "fired")]


def test_missing_sources_do_not_resolve_a_spike() -> None:
    fired, low, fallen = evaluations(12, 1, 1)
    history = [fired, replace(low, degraded=True), fallen]
    assert told(WATCH, *history) == [(0, "fired"), (2, "resolved")]


def test_a_drop_is_worse_the_fewer_there_are() -> None:
    def fallen(hour: int, stories: int, back: bool = False) -> Evaluation:
        at = NOON + timedelta(hours=hour)
        return Evaluation(at, stories, exceeds=not back, elevated=not back, degraded=False)

    history = [fallen(0, 8), fallen(1, 5), fallen(2, 4), fallen(3, 0), fallen(4, 30, back=True)]
    assert told(DROP, *history) == [
        (0, "fired"),
        (2, "escalated"),
        (3, "escalated"),
        (4, "resolved"),
    ]


def test_the_peak_is_remembered() -> None:
    incident = None
    for evaluation in evaluations(12, 30, 15):
        incident, _ = follow(incident, evaluation, WATCH)
    assert incident is not None
    assert (incident.peak, incident.told, incident.began_at) == (30, 30, NOON)


@pytest.mark.parametrize("restarted_after", range(1, 6))
def test_a_service_that_starts_again_tells_nothing_twice(restarted_after: int) -> None:
    history = evaluations(1, 12, 14, 30, 2, 1)
    before: Incident | None = None
    for evaluation in history[:restarted_after]:
        before, _ = follow(before, evaluation, WATCH)
    # the evaluation before the restart is seen again, and then the rest
    whole = told(WATCH, *history)
    again = told(WATCH, *history[restarted_after - 1 :], before=before)
    rest = [(n - restarted_after + 1, what) for n, what in whole if n >= restarted_after]
    assert again == rest


def test_an_incident_has_the_same_id_whoever_finds_it() -> None:
    def found(begins: datetime) -> Incident:
        incident, _ = follow(None, *evaluations(12, begins=begins), WATCH)
        assert incident
        return incident

    assert found(NOON).id == found(NOON).id != found(NOON + timedelta(hours=9)).id


def test_all_alerts_of_a_watch_share_a_fingerprint_but_a_drop_is_another() -> None:
    edited = WATCH.model_copy(update={"title_en": "Crude", "min_ratio": 3.0})
    assert fingerprint(WATCH) == fingerprint(edited) != fingerprint(DROP)
