"""Rounds on counts made up here: what is told, when, and that no crash says it twice or never."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.alert.core.counting import Answer, Body
from services.alert.core.incidents import Incident
from services.alert.core.record import Recorded, document, read_document
from services.alert.core.watches import Watch
from services.alert.edges.counts import CountError
from services.alert.judging import Judging
from services.alert.watching import Watching
from services.contract.alerts import Alert
from tests.alerts import alert

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
WATCH = Watch(id="ports", title="الموانئ", title_en="Ports", query="source:ports")
BROKEN = Watch(id="broken", title="م", title_en="b", query="source:broken")


class CrashError(Exception):
    """As if the process ended there."""


class News:
    """Answers searches as an index would in which coverage is even, but for ``spike`` stories.

    They are all of the last hour, in sources of their own.
    """

    def __init__(self) -> None:
        self.spike = 0
        self.an_hour = 10
        self.newest = NOON
        self.gives_reasons = True

    def ask(self, searches: Sequence[Body]) -> list[Answer | CountError]:
        return [self._answer(search) for search in searches]

    def _answer(self, search: Body) -> Answer | CountError:
        query, seen = search["query"]["bool"]["filter"][:2]
        if "broken" in str(query):
            return CountError("too many clauses")
        if "entities" in search["aggs"] and not self.gives_reasons:
            return CountError("too many buckets")
        watched = self.spike if "ports" in str(query) else self.an_hour + self.spike
        aggs = search["aggs"]
        found: dict[str, Any] = {}
        if "hours" in aggs:
            since = datetime.fromisoformat(seen["range"]["first_seen_at"]["gte"])
            until = datetime.fromisoformat(seen["range"]["first_seen_at"]["lt"])
            usual = 0 if "ports" in str(query) else self.an_hour
            keys = range((until - since) // HOUR)
            found["hours"] = {"buckets": [
                {"key": round((since + n * HOUR).timestamp() * 1000), "stories": {"value": usual}}
                for n in keys
            ]}  # fmt: skip
        if "last" in aggs:
            found["last"] = {"value": self.newest.timestamp() * 1000}
            found["sources"] = {"buckets": []}
            found["articles"] = {"value": 697 * self.an_hour + self.spike}
        elif "sources" in aggs and "field" in aggs["sources"].get("terms", {}):
            found["sources"] = {"buckets": [{"key": "one", "stories": {"value": 6_720}}]}
        elif "sources" in aggs:
            found["sources"] = {"value": watched}
        if "entities" in aggs:
            found |= {"stories": {"buckets": []}, "entities": {"buckets": []}}
            found["terms"] = {"buckets": [{"key": "الموانئ"}]}
        elif "stories" in aggs:
            found["stories"] = {"value": watched}
        return {"aggregations": found}


class Kept:
    """The index of incidents, as documents; ``crash`` is called before each write."""

    def __init__(self) -> None:
        self.documents: dict[str, dict[str, Any]] = {}
        self.crash: Callable[[], None] = lambda: None

    def last_incidents(self) -> dict[str, Recorded]:
        return {d["watch"]["id"]: read_document(d) for d in self.documents.values()}

    def record(self, recorded: Recorded) -> None:
        self.crash()
        self.documents[recorded.incident.id] = document(recorded)


def begin(news: News, kept: Kept, publish: Callable[[Alert], None]) -> Watching:
    return Watching(Judging(news, false_alerts_per_month=5), kept, publish)


def test_a_spike_is_told_once_escalates_when_it_doubles_and_is_resolved() -> None:
    news, kept, told = News(), Kept(), list[Alert]()
    watching = begin(news, kept, told.append)
    for minutes, spike in enumerate((0, 12, 13, 24, 24, 0)):
        news.spike = spike
        watching.look([WATCH], NOON + minutes * MINUTE)
    assert [alert.happening for alert in told] == ["fired", "escalated", "resolved"]
    assert [alert.figures.stories for alert in told] == [12, 24, 0]
    assert {alert.alert_id for alert in told} == kept.documents.keys()
    assert told[-1].ended_at == NOON + 5 * MINUTE
    assert told[0].terms == ("الموانئ",)
    assert told[0].text.startswith("الموانئ: ")
    assert "12 stories" in told[0].text_en


@pytest.mark.parametrize("crash_at", range(4))
def test_wherever_it_is_killed_an_alert_is_said_and_no_second_one(crash_at: int) -> None:
    """Before the incident is kept, before Kafka has it, before that is noted, and after all."""
    news, kept, told = News(), Kept(), list[Alert]()
    news.spike = 12
    steps = 0

    def step() -> None:
        nonlocal steps
        steps += 1
        if steps == crash_at + 1:
            raise CrashError

    def publish(alert: Alert) -> None:
        step()
        told.append(alert)

    kept.crash = step
    for minutes in range(3):
        try:
            begin(news, kept, publish).look([WATCH], NOON + minutes * MINUTE)
        except CrashError:
            assert minutes == 0
    assert len({alert.model_dump_json() for alert in told}) == 1
    assert [d["state"]["published"] for d in kept.documents.values()] == [True]


def test_kafka_that_is_away_delays_an_alert_and_changes_nothing_in_it() -> None:
    news, kept, told = News(), Kept(), list[Alert]()
    away = True

    def publish(alert: Alert) -> None:
        if away:
            raise CrashError
        told.append(alert)

    watching = begin(news, kept, publish)
    news.spike = 12
    for minutes in range(2):
        with pytest.raises(CrashError):
            watching.look([WATCH], NOON + minutes * MINUTE)
    away, news.spike = False, 13
    watching.look([WATCH], NOON + 2 * MINUTE)
    assert [(alert.happening, alert.at, alert.figures.stories) for alert in told] == [
        ("fired", NOON, 12)
    ]


def test_a_watch_that_cannot_be_counted_stops_no_other() -> None:
    news, told = News(), list[Alert]()
    news.spike = 12
    begin(news, Kept(), told.append).look([BROKEN, WATCH], NOON)
    assert [alert.watch.id for alert in told] == ["ports"]


def test_an_alert_whose_reasons_cannot_be_counted_is_told_without_them() -> None:
    news, told = News(), list[Alert]()
    news.spike, news.gives_reasons = 12, False
    begin(news, Kept(), told.append).look([WATCH], NOON)
    assert [(alert.figures.stories, alert.terms, alert.stories) for alert in told] == [(12, (), ())]


def test_what_goes_on_in_a_watch_that_is_taken_away_is_over_once() -> None:
    news, kept, told = News(), Kept(), list[Alert]()
    news.spike = 12
    begin(news, kept, told.append).look([WATCH], NOON)
    for minutes in (1, 2):
        begin(news, kept, told.append).look([], NOON + minutes * MINUTE)
    assert [alert.happening for alert in told] == ["fired", "resolved"]
    assert told[-1].ended_at == NOON + MINUTE
    assert {alert.alert_id for alert in told} == kept.documents.keys()
    begin(news, kept, told.append).look([WATCH], NOON + 10 * MINUTE)
    assert len(told) == 2  # it cools down


def test_what_emerged_is_over_once_it_is_not_looked_for_any_more() -> None:
    kept, told = Kept(), list[Alert]()
    risen = alert(watch={"id": "emerging-dam", "kind": "emerging"}, began_at=NOON, at=NOON)
    incident = Incident(risen.watch.id, NOON, peak=31, told=31, told_at=NOON)
    kept.documents[incident.id] = document(Recorded(risen, incident, published=True))
    for minutes in (1, 2):
        begin(News(), kept, told.append).look([WATCH], NOON + minutes * MINUTE)
    assert [(one.watch.id, one.happening) for one in told] == [("emerging-dam", "resolved")]


def test_windows_end_with_the_last_article_when_nothing_comes_any_more() -> None:
    news, told = News(), list[Alert]()
    news.spike, news.newest = 12, NOON - 30 * MINUTE
    begin(news, Kept(), told.append).look([WATCH], NOON)
    assert told[0].at - news.newest == timedelta(milliseconds=1)  # the last article is in it


@pytest.mark.parametrize("fails_at", [1, 2])
def test_elasticsearch_that_fails_a_write_makes_no_second_incident_of_one_rise(
    fails_at: int,
) -> None:
    """The service lives on: before Kafka has the alert, and when it is to be noted that it has."""
    news, kept, told = News(), Kept(), list[Alert]()
    writes = 0

    def fail_once() -> None:
        nonlocal writes
        writes += 1
        if writes == fails_at:
            raise CrashError

    kept.crash = fail_once
    watching = begin(news, kept, told.append)
    news.spike = 12
    with pytest.raises(CrashError):
        watching.look([WATCH], NOON)
    for minutes in (1, 2):
        watching.look([WATCH], NOON + minutes * MINUTE)
    assert {(alert.happening, alert.at) for alert in told} == {("fired", NOON)}
    assert [d["state"]["published"] for d in kept.documents.values()] == [True]


def test_nothing_is_said_that_is_not_in_the_index() -> None:
    """Killed between a write that failed and the next, it would be said again as another one."""
    news, kept, told = News(), Kept(), list[Alert]()

    def away() -> None:
        raise CrashError

    kept.crash = away
    watching = begin(news, kept, told.append)
    news.spike = 12
    for minutes in range(2):
        with pytest.raises(CrashError):
            watching.look([WATCH], NOON + minutes * MINUTE)
    assert not told


def test_with_no_watches_there_is_nothing_to_tell() -> None:
    told = list[Alert]()
    begin(News(), Kept(), told.append).look([], NOON)
    assert not told


@pytest.mark.parametrize("days", [0.125, 1.5, 20])
def test_however_long_nothing_has_come_what_came_last_is_judged(days: float) -> None:
    news, told = News(), list[Alert]()
    news.spike, news.newest = 100, NOON - timedelta(days=days)
    day = WATCH.model_copy(update={"id": "day", "window": 24 * HOUR})
    begin(news, Kept(), told.append).look([WATCH, day], NOON)
    assert [alert.watch.id for alert in told] == ["ports", "day"]


def test_what_stands_for_as_long_as_is_remembered_is_no_crash() -> None:
    news, told = News(), list[Alert]()
    news.spike, news.newest = 100, NOON - timedelta(days=29)
    begin(news, Kept(), told.append).look([WATCH], NOON)
    assert not told


def test_a_clock_that_is_set_back_is_no_crash() -> None:
    news, told = News(), list[Alert]()
    watching = begin(news, Kept(), told.append)
    watching.look([WATCH], NOON)
    news.spike, news.newest = 12, NOON - 2 * HOUR
    watching.look([WATCH], NOON - 2 * HOUR)
    assert [alert.happening for alert in told] == ["fired"]


def test_an_index_that_gets_its_past_while_the_service_runs_has_one() -> None:
    news, told = News(), list[Alert]()
    news.an_hour, news.spike = 0, 12
    watching = begin(news, Kept(), told.append)
    watching.look([WATCH], NOON)
    assert not told, "without a past nothing is unusual"
    news.an_hour = 10
    watching.look([WATCH], NOON + MINUTE)
    assert [alert.happening for alert in told] == ["fired"]
