"""The watches are checked as a whole, and every mistake has its line."""

import re
from datetime import time, timedelta
from pathlib import Path

import pytest

from services.alert.core.watches import QuietHours, load_watches, read_watches
from services.contract.catalogues import CatalogueError
from services.enrich.edges.curated import read_curated

WATCHES = Path(__file__).parents[3] / "deploy/watches.yaml"

GOOD = """watches:
  - id: oil-fields
    title: حقول النفط
    title_en: Oil fields
    query: place:sharara
"""


def problems(text: str) -> list[str]:
    with pytest.raises(CatalogueError) as caught:
        load_watches(text, "watches.yaml")
    return str(caught.value).split("\n")


def test_what_a_watch_does_not_say_has_a_default() -> None:
    (watch,) = load_watches(GOOD, "watches.yaml")
    assert (watch.kind, watch.window, watch.cooldown) == (
        "spike",
        timedelta(hours=1),
        timedelta(hours=6),
    )
    assert (watch.min_articles, watch.min_sources, watch.min_ratio) == (3, 2, 2.0)
    assert (watch.false_alerts_per_month, watch.severity, watch.channels) == (0.1, "warning", ())
    assert (watch.quiet_hours, str(watch.zone), watch.labels) == (None, "Africa/Tripoli", {})


def test_a_watch_says_what_it_wants() -> None:
    more = """    window: 90m
    cooldown: 1d
    quiet_hours: 22:00-06:30
    channels: [desk, mail]
    labels: {topic: oil}
"""
    (watch,) = load_watches(GOOD + more, "watches.yaml")
    assert (watch.window, watch.cooldown) == (timedelta(minutes=90), timedelta(days=1))
    assert watch.quiet_hours == QuietHours(start=time(22), end=time(6, 30))
    assert (watch.channels, watch.labels) == (("desk", "mail"), {"topic": "oil"})


@pytest.mark.parametrize(
    ("hours", "inside", "outside"),
    [
        (
            QuietHours(start=time(22), end=time(6)),
            [time(22), time(0), time(5, 59)],
            [time(6), time(21, 59)],
        ),
        (QuietHours(start=time(13), end=time(15)), [time(13), time(14, 59)], [time(15), time(0)]),
    ],
    ids=["over midnight", "within a day"],
)
def test_quiet_hours_may_pass_midnight(
    hours: QuietHours, inside: list[time], outside: list[time]
) -> None:
    assert all(hours.contain(clock) for clock in inside)
    assert not any(hours.contain(clock) for clock in outside)


def test_the_packaged_watches_are_good() -> None:
    watches = read_watches(WATCHES.read_bytes(), str(WATCHES))
    assert len(watches) >= 25
    assert {watch.kind for watch in watches} == {"spike", "drop"}
    assert len({watch.query for watch in watches}) == len(watches)


def test_the_packaged_watches_name_entities_and_places_that_are_known() -> None:
    known = {entry.entity.id for entry in read_curated()}
    watches = read_watches(WATCHES.read_bytes(), str(WATCHES))
    terms = [term for watch in watches for term in re.split(r"[\s()]+", watch.query)]
    ids = [term.removeprefix("entity:") for term in terms if term.startswith("entity:")]
    ids += [term for term in terms if term.startswith("place:")]
    assert len(ids) > 30
    assert not [name for name in ids if name not in known]


def test_every_mistake_is_named_at_once_with_its_line() -> None:
    text = (
        GOOD
        + """  - id: Oil Fields
    title_en: Oil
    query: '"force majeure'
    windw: 1h
    min_articles: 0
    min_ratio: 0.5
  - just text
  - {id: oil-fields, title: أ, title_en: a, query: a}
rules: 1
"""
    )
    found = problems(text)
    expected = [
        ("watches.yaml:14: rules: no such key", "Allowed: watches"),
        ("watches.yaml:6: id: 'Oil Fields'", "lower-case letters"),
        ("watches.yaml:6: title: Field required", "in Arabic"),
        ("watches.yaml:8: query: '\"force majeure': a quotation that is not closed", "OR"),
        ("watches.yaml:9: windw: no such key", "did you mean window?"),
        ("watches.yaml:10: min_articles: '0'", "1 to 10000"),
        ("watches.yaml:11: min_ratio: '0.5'", "1 to 1000"),
        ("watches.yaml:12: a watch is a mapping", "false_alerts_per_month"),
        ("watches.yaml:13: id: oil-fields is taken", "line 2"),
    ]
    for beginning, hint in expected:
        assert [line for line in found if line.startswith(beginning) and hint in line], beginning
    assert len(found) == len(expected)


@pytest.mark.parametrize(
    ("added", "problem"),
    [
        ("window: 5m", "6: window: '5m': too short or too long. Allowed: 10m to"),
        ("window: 2d", "6: window: '2d': too short or too long. Allowed: 10m to"),
        ("window: soon", "6: window: 'soon': no time such as 90m, 6h, 1d. Allowed"),
        ("cooldown: 8d", "6: cooldown: '8d': too long. Allowed: 0m to 7d"),
        ("kind: rise", "6: kind: 'rise': Input should be 'spike' or 'drop'. Allowed"),
        ("severity: page", "6: severity: 'page': Input should be 'info', 'warning' or 'critical'"),
        ("quiet_hours: 22-6", "6: quiet_hours: '22-6': no two different times. Allowed: such as"),
        ("quiet_hours: 22:00-22:00", "6: quiet_hours: '22:00-22:00': no two different times"),
        ("timezone: Africa/Tripol", "6: timezone: 'Africa/Tripol': no such time zone. Allowed"),
        ("channels: [desk, desk]", "6: channels: ['desk', 'desk']: one is named twice. Allowed"),
        ("channels: desk", "6: channels: 'desk': Input should be a valid tuple. Allowed"),
        ("labels: {watch: a}", "6: labels: {'watch': 'a'}: watch is set by Rasid. Allowed"),
        ("labels: {a-b: c}", "6: labels: 'a-b': String should match pattern"),
        ("false_alerts_per_month: 0", "6: false_alerts_per_month: '0': Input should be greater"),
        ("enabled: maybe", "6: enabled: 'maybe': Input should be a valid boolean"),
    ],
)
def test_a_field_that_does_not_fit_is_named(added: str, problem: str) -> None:
    (found,) = problems(f"{GOOD}    {added}\n")
    assert found.startswith(f"watches.yaml:{problem}")


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        ("'(clashes OR fighting'", "a parenthesis without its other half"),
        ("'\"force majeure'", "a quotation that is not closed"),
        ("'--- '", "no word in it"),
        ("'\"\"'", "no word in it"),
        ("lang:klingonic", "lang:klingonic is no language"),
        ("'طرابلس after:lately'", "is not a time"),
    ],
)
def test_a_query_that_cannot_be_meant_is_named(query: str, problem: str) -> None:
    (found,) = problems(GOOD.replace("place:sharara", query))
    assert found.startswith("watches.yaml:5: query: ")
    assert problem in found


def test_a_file_that_is_not_utf8_says_where() -> None:
    with pytest.raises(CatalogueError, match=r"^w\.yaml:2: not UTF-8 text"):
        read_watches(b"watches:\n  - id: \xff", "w.yaml")
