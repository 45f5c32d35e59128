"""What is typed means something; what a field cannot have is refused with what it can."""

import contextlib
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.contract.search_language import (
    MAX_QUERY_CHARS,
    About,
    AllOf,
    AnyOf,
    InLanguage,
    InvalidSearchError,
    Named,
    Not,
    Part,
    Phrase,
    Published,
    Words,
    parse,
    parse_moment,
)

NOW = datetime(2020, 11, 26, 12, tzinfo=UTC)
EVERYTHING = AllOf(())


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        pytest.param("حفتر طرابلس", Words("حفتر طرابلس"), id="words"),
        pytest.param("حفتر AND طرابلس", Words("حفتر طرابلس"), id="AND is what holds anyway"),
        pytest.param('"مجلس النواب"', Phrase("مجلس النواب"), id="a phrase"),
        pytest.param("«مجلس النواب»", Phrase("مجلس النواب"), id="Arabic quotation marks"),
        pytest.param(
            'هدنة "مجلس النواب" سرت',
            AllOf((Words("هدنة سرت"), Phrase("مجلس النواب"))),
            id="words around a phrase",
        ),
        pytest.param("هدنة -كرة", AllOf((Words("هدنة"), Not(Words("كرة")))), id="without a word"),
        pytest.param("هدنة NOT كرة", AllOf((Words("هدنة"), Not(Words("كرة")))), id="NOT"),
        pytest.param("NOT NOT -هدنة", Not(Words("هدنة")), id="not without"),
        pytest.param('-"كرة القدم"', Not(Phrase("كرة القدم")), id="without a phrase"),
        pytest.param("-source:bbc", Not(Named("source", "bbc")), id="without a source"),
        pytest.param("al-Sarraj", Words("al-Sarraj"), id="a hyphen within a word"),
        pytest.param(
            "سرت OR الجفرة هدنة", AnyOf((Words("سرت"), Words("الجفرة هدنة"))), id="OR binds less"
        ),
        pytest.param(
            "(سرت OR الجفرة) هدنة",
            AllOf((Words("هدنة"), AnyOf((Words("سرت"), Words("الجفرة"))))),
            id="parentheses",
        ),
        pytest.param("-(سرت OR درنة)", Not(AnyOf((Words("سرت"), Words("درنة")))), id="-( )"),
        pytest.param("entity:حفتر", Named("entity", "حفتر"), id="an entity"),
        pytest.param(
            "entity:person:khalifa-haftar", Named("entity", "person:khalifa-haftar"), id="an id"
        ),
        pytest.param('place:"بني وليد"', Named("place", "بني وليد"), id="a quoted name"),
        pytest.param("lang:AR", InLanguage("ar"), id="a language"),
        pytest.param("Lang:ar", InLanguage("ar"), id="a field as a telephone capitalises it"),
        pytest.param("after:24h", Published(since=NOW - timedelta(hours=24)), id="after"),
        pytest.param(
            "before:2020-11", Published(until=datetime(2020, 11, 1, tzinfo=UTC)), id="before"
        ),
        pytest.param("about:2019-04-04", About(date(2019, 4, 4), date(2019, 4, 4)), id="a day"),
        pytest.param("about:2020-02", About(date(2020, 2, 1), date(2020, 2, 29)), id="a month"),
        pytest.param("about:2019", About(date(2019, 1, 1), date(2019, 12, 31)), id="a year"),
        pytest.param(
            "about:٢٠١٩-١٢..٢٠٢٠", About(date(2019, 12, 1), date(2020, 12, 31)), id="a span"
        ),
        pytest.param("\u200fentity:\u200fحفتر\u200f", Named("entity", "حفتر"), id="pasted marks"),
        pytest.param("http://a.ly/b 10:30", Words("http://a.ly/b 10:30"), id="other colons"),
        pytest.param("", EVERYTHING, id="nothing"),
        pytest.param('"" () OR AND', EVERYTHING, id="only signs"),
        pytest.param("(((هدنة", Words("هدنة"), id="not closed"),
        pytest.param("هدنة ))) OR", Words("هدنة"), id="not opened"),
        pytest.param('هدنة"', Words('هدنة "'), id="a single quotation mark"),
        pytest.param("-", Words("-"), id="a dash"),
    ],
)
def test_what_is_typed_is_understood(typed: str, meant: Part) -> None:
    assert parse(typed, NOW) == meant


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("source:", "source: stands alone"),
        ('entity:""', "entity: stands alone"),
        ("lang:arabic-language-of-libya", "lang:ar"),
        ("after:soon", "'soon' is not a time: write 24h"),
        ("about:yesterday", "about:2019-04"),
        ("about:2019-13", "about:2019-04"),
        ("about:2020..2019", "ends before it begins"),
        ("(" * 6 + "x", "deep"),
        ("a" * (MAX_QUERY_CHARS + 1), str(MAX_QUERY_CHARS)),
    ],
)
def test_what_cannot_be_is_refused_with_what_can(typed: str, says: str) -> None:
    with pytest.raises(InvalidSearchError, match="^.*" + says.replace("(", r"\(")):
        parse(typed, NOW)


PIECES = st.sampled_from(
    ['"', "«", "»", "(", ")", "-", "OR", "AND", "NOT", " ", "entity:", "about:", "lang:", "حفتر"]
)


@given(st.lists(PIECES | st.text(max_size=4), max_size=25).map("".join))
def test_any_input_is_understood_or_refused(typed: str) -> None:
    with contextlib.suppress(InvalidSearchError):
        assert parse(typed, NOW) == parse(f" {typed} ", NOW)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        pytest.param("24h", NOW - timedelta(hours=24), id="hours"),
        pytest.param("٧d", NOW - timedelta(days=7), id="days"),
        pytest.param("2w", NOW - timedelta(weeks=2), id="weeks"),
        pytest.param("2020-11-25", datetime(2020, 11, 25, tzinfo=UTC), id="a day"),
        pytest.param("2020", datetime(2020, 1, 1, tzinfo=UTC), id="a year"),
        pytest.param(
            "2020-11-25T08:00:00+02:00", datetime(2020, 11, 25, 6, tzinfo=UTC), id="with a zone"
        ),
    ],
)
def test_a_moment_is_a_distance_or_a_date(text: str, moment: datetime) -> None:
    assert parse_moment(text, NOW) == moment


@pytest.mark.parametrize("text", ["", "soon", "7", "d", "-7d", "2020-13-01", "٧d?"])
def test_other_times_are_refused_with_what_is_allowed(text: str) -> None:
    with pytest.raises(InvalidSearchError, match="7d"):
        parse_moment(text, NOW)
