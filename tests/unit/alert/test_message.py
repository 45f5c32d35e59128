"""What an alert says to people: figures, curve, stories, names; in Arabic and in English."""

import unicodedata
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.alert.core.message import (
    full_text,
    short_text,
    sparkline,
    subject,
    summary,
    text_within,
)
from services.alert.core.words import ARABIC, Language
from services.contract.alerts import Alert, AlertedEntity
from tests.alerts import MOMENT, alert, story

HOUR = timedelta(hours=1)
NAMES = (
    AlertedEntity(
        id="org:noc", type="ORG", name="المؤسسة", name_en="National Oil Corporation", stories=9
    ),
    AlertedEntity(id=None, type="PER", name="فلان", stories=2),
)


def said(told: Alert, language: Language, **changes: timedelta) -> str:
    spans = {"window": HOUR, "lasted": timedelta(0)} | changes
    return summary(
        told.watch,
        told.figures,
        told.happening,
        peak=told.peak,
        language=language,
        **spans,
    )


def test_a_spike_is_told_with_what_was_seen_and_what_was_expected() -> None:
    told = alert()
    assert said(told, "ar") == "حقول النفط 1: 31 خبرا من 6 مصادر خلال ساعة، والمتوقع 2.4 (×13)"
    assert (
        said(told, "en") == "Oil fields 1: 31 stories from 6 sources in 1 hour, 2.4 expected (×13)"
    )


def test_one_that_grows_is_told_so() -> None:
    assert "ما زال في ازدياد، 31 خبرا" in said(alert(happening="escalated"), "ar")
    assert "still rising, 31 stories" in said(alert(happening="escalated"), "en")


def test_one_that_is_over_is_told_with_how_long_and_how_high() -> None:
    over = alert(happening="resolved")
    assert said(over, "en", lasted=timedelta(hours=5)) == (
        "Oil fields 1: back to what is usual after 5 hours, at its most extreme 31 stories"
    )
    assert "بعد 5 ساعات، وبلغ في أشده 31 خبرا" in said(over, "ar", lasted=timedelta(hours=5))


def test_a_silence_is_told_without_a_ratio() -> None:
    silent = alert(watch={"kind": "drop"}, figures={"stories": 0, "sources": 0, "expected": 40.0})
    assert said(silent, "en") == "Oil fields 1: 0 stories in 1 hour, 40 expected"


def test_what_was_not_expected_at_all_has_no_ratio() -> None:
    assert said(alert(figures={"expected": 0.0}), "en").endswith("in 1 hour, 0 expected")


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, "0 خبر"),
        (1, "خبر واحد"),
        (2, "خبران"),
        (3, "3 أخبار"),
        (10, "10 أخبار"),
        (11, "11 خبرا"),
        (99, "99 خبرا"),
        (100, "100 خبر"),
        (102, "102 خبر"),
        (103, "103 أخبار"),
        (111, "111 خبرا"),
    ],
)
def test_arabic_counts_as_arabic_does(number: int, words: str) -> None:
    assert ARABIC.stories.of(number) == words


@pytest.mark.parametrize(
    ("counts", "drawn"),
    [((), ""), ((0, 0), "▁▁"), ((0, 1, 2), "▁▅█"), ((7, 6, 5, 4, 3, 2, 1, 0), "█▇▆▅▄▃▂▁")],
)
def test_the_curve_has_a_block_for_each_window(counts: tuple[int, ...], drawn: str) -> None:
    assert sparkline(counts) == drawn


def test_the_whole_says_since_when_the_curve_the_stories_and_the_names() -> None:
    text = full_text(alert(entities=NAMES, terms=("القوة القاهرة",)), "en")
    lines = [
        line.translate({0x2068: None, 0x2069: None, 0x200E: None}) for line in text.split("\n")
    ]
    assert lines == [
        "Oil fields 1: 31 stories",
        "Critical, since 2026-03-02 12:00, Tripoli time,"
        " chance alone does that 0.004 times a month",
        "▁▁▂█",
        "",
        "Top stories:",
        "1. إغلاق الحقل رقم 1",
        "   صحيفة المثال, 2026-03-02 12:00",
        "   https://news.example/fields/1",
        "2. إغلاق الحقل رقم 2",
        "   صحيفة المثال, 2026-03-02 12:00, 2 articles",
        "   https://news.example/fields/2",
        "",
        "Named with it: National Oil Corporation (9), فلان (2), القوة القاهرة",
    ]


def test_no_more_than_five_stories_are_told() -> None:
    text = full_text(alert(stories=tuple(story(number) for number in range(1, 9))), "ar")
    assert text.count("https://") == 5


def test_what_is_uncertain_is_said() -> None:
    text = full_text(alert(figures={"learning": True, "degraded": True}), "en")
    assert "history is still short" in text
    assert "sources are silent" in text


def test_each_line_of_an_arabic_text_begins_as_one() -> None:
    """But for addresses and the curve, which are read from the left."""
    told = alert(stories=(story(1, title="Sharara field closed", source_name="Reuters"),))
    for line in full_text(told, "ar").split("\n"):
        if line and not line.strip().startswith("http"):
            strong = next(c for c in line if unicodedata.bidirectional(c) in ("L", "R", "AL"))
            assert strong == ("\u200e" if "█" in line else "\u200f"), line


def test_names_of_any_direction_disturb_nothing_around_them() -> None:
    text = full_text(alert(entities=NAMES), "ar")
    assert text.count("\u2068") == text.count("\u2069") == 2 * 2 + len(NAMES)


def test_the_short_form_is_the_summary_and_one_story() -> None:
    text = short_text(alert(), "ar")
    assert text == (
        "\u200fحقول النفط 1: 31 خبرا\n\u200f\u2068إغلاق الحقل رقم 1\u2069\n"
        "https://news.example/fields/1"
    )
    assert subject(alert(), "en") == "Critical: Oil fields 1"


def test_a_service_for_short_texts_gets_a_shorter_form() -> None:
    told = alert()
    texts = [text_within(told, chars) for chars in (10_000, 400, 200, 100, 1)]
    assert [len(text) for text in texts] == sorted((len(text) for text in texts), reverse=True)
    assert len(set(texts)) == len(texts)
    assert "Oil fields" in texts[0]
    assert texts[-1] == "حقول النفط 1: 31 خبرا"


@given(
    title=st.text(min_size=1, max_size=50),
    stories=st.integers(0, 10**6),
    expected=st.floats(0, 1e6),
    minutes=st.integers(0, 10**5),
)
def test_whatever_an_alert_holds_it_can_be_told(
    title: str, stories: int, expected: float, minutes: int
) -> None:
    told = alert(
        watch={"title": title},
        figures={"stories": stories, "expected": expected},
        stories=(story(1, title=title),),
        happening="resolved",
        ended_at=MOMENT + timedelta(minutes=minutes),
    )
    for language in ("ar", "en"):
        assert said(told, language, lasted=timedelta(minutes=minutes))
        assert full_text(told, language).count("https://") == 1
        assert "\n" not in subject(told, language)
