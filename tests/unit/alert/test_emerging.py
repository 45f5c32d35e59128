"""What might be emerging, and which subjects are one affair: from answers made up here."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.alert.core.counting import Answer, Body
from services.alert.core.emerging import affairs
from services.alert.core.incidents import fingerprint
from services.alert.core.query import compile_query
from services.alert.core.subjects import (
    Subject,
    candidates_in,
    read_candidates,
    read_possible,
    subject_told,
)
from services.alert.edges.counts import CountError
from services.alert.emerging import Emerging
from services.alert.judging import Judging
from services.contract.alerts import AlertedWatch

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def answer(
    *titles: str, words: str = "", sources: int = 9, entities: tuple[dict[str, Any], ...] = ()
) -> Answer:
    """Return what Elasticsearch answers if ``words`` and the names of ``entities`` stand out."""
    return {
        "hits": {
            "hits": [
                {"_source": {"title": title, "source": {"id": f"source-{number % sources}"}}}
                for number, title in enumerate(titles)
            ]
        },
        "aggregations": {
            "words": {"buckets": [{"key": word} for word in words.split()]},
            "names": {
                "buckets": [
                    {
                        "key": one["name"],
                        "named": {"hits": {"hits": [{"_source": {"entities": list(entities)}}]}},
                    }
                    for one in entities
                ]
            },
        },
    }


def subjects(found: Answer) -> list[Subject]:
    return list(read_candidates(found).subjects)


def test_a_phrase_is_what_begins_and_ends_with_words_that_stand_out() -> None:
    titles = ("انهيار سد وادي جازا", "نداء من سد وادي جازا", "عن سد وادي جازا اليوم")
    (phrase,) = subjects(answer(*titles, words="سد جازا"))
    assert (phrase.name, phrase.query) == ("سد وادي جازا", '"سد وادي جازا"')
    assert phrase.title_en == "Emerging: سد وادي جازا"


def test_a_shorter_phrase_is_kept_only_where_it_is_said_more_often() -> None:
    titles = ["سد وادي جازا", "سد وادي جازا", "سد وادي جازا"]
    assert [one.name for one in subjects(answer(*titles, words="سد وادي جازا"))] == titles[:1]
    titles.append("سد وادي")
    found = [one.name for one in subjects(answer(*titles, words="سد وادي جازا"))]
    assert found == ["سد وادي", "سد وادي جازا"]


def test_what_one_source_says_again_and_again_is_no_candidate() -> None:
    assert not subjects(answer(*["سد جازا"] * 9, words="سد جازا", sources=1))
    assert not subjects(answer("سد جازا", "سد جازا", words="سد جازا"))


def test_no_phrase_reaches_over_a_sign() -> None:
    assert not subjects(answer(*["سد، جازا"] * 5, words="سد جازا"))


def test_spellings_are_one_phrase_with_one_id_and_fingerprint() -> None:
    one, other = (
        subjects(answer(*[title] * 3, words="مستشفي الاوليه"))[0]
        for title in ("مستشفى الأولية", "مستشفي الاوليه")
    )
    assert one.id == other.id
    assert fingerprint(one) == fingerprint(other)
    assert len(subjects(answer("مستشفى الأولية", *["مستشفي الاوليه"] * 2, words="مستشفي الاوليه")))


def test_a_name_goes_by_its_id_or_else_as_it_is_written_and_comes_before_phrases() -> None:
    known = {"id": "place:derna", "name": "درنة", "name_en": "Derna"}
    unknown = {"id": None, "name": "سالم القماطي"}
    titles = ["سد جازا"] * 3
    found = subjects(answer(*titles, words="سد جازا", entities=(known, unknown)))
    assert [one.query for one in found] == [
        'entity:"place:derna"',
        'entity:"سالم القماطي"',
        '"سد جازا"',
    ]
    assert found[0].title_en == "Emerging: Derna"


@given(st.text(min_size=1, max_size=30), st.text(max_size=30))
def test_whatever_a_name_or_title_is_its_query_can_be_asked(name: str, title: str) -> None:
    found = answer(*[title] * 3, words=title, entities=({"id": None, "name": name},))
    for subject in subjects(found):
        compile_query(subject.query, NOON)


def test_a_subject_that_was_told_is_followed_as_it_was() -> None:
    (subject,) = subjects(answer(*["سد جازا"] * 3, words="سد جازا"))
    told = AlertedWatch(
        id=subject.id,
        title=subject.title,
        title_en=subject.title_en,
        query=subject.query,
        kind="emerging",
        severity="info",
    )
    assert subject_told(told) == subject


def test_chance_may_have_raised_any_name_and_any_phrase_of_any_title() -> None:
    found: Answer = {
        "hits": {"total": {"value": 1_000}},
        "aggregations": {"names": {"value": 300}},
    }
    assert read_possible(found, phrases_a_title=9.0) == 9_301


def test_the_past_that_it_is_compared_with_is_four_weeks_of_full_hours() -> None:
    asked = candidates_in(NOON - timedelta(hours=3), NOON + timedelta(minutes=7))
    background = asked["aggs"]["names"]["significant_terms"]["background_filter"]["range"]
    assert background["first_seen_at"]["gte"] == "2026-02-02T12:00:00+00:00"


class Away:
    """An Elasticsearch that answers nothing in time."""

    def ask(self, searches: Sequence[Body]) -> list[Answer | CountError]:
        raise TimeoutError


def test_a_look_that_fails_is_not_tried_again_in_every_round() -> None:
    emerging = Emerging(Away(), Judging(Away(), 5))
    with pytest.raises(TimeoutError):
        emerging.look([], {}, NOON)
    assert not emerging.is_due(NOON + timedelta(seconds=15))
    assert emerging.is_due(NOON + timedelta(minutes=1))


def pairs(**articles: int) -> dict[frozenset[str], int]:
    return {frozenset(key.split("_")): number for key, number in articles.items()}


def test_subjects_in_the_same_articles_are_one_affair_that_the_strongest_names() -> None:
    together = pairs(dam=12, valley=10, mayor=8, dam_valley=10, dam_mayor=3)
    assert affairs(["dam", "valley", "mayor"], [], together) == {"dam": ["valley"], "mayor": []}


@pytest.mark.parametrize(("shared", "is_new"), [(5, True), (6, False)])
def test_what_is_in_the_articles_of_what_was_told_is_not_told_again(
    shared: int, is_new: bool
) -> None:
    together = pairs(floods=90, dam=12, dam_floods=shared)
    assert ("dam" in affairs(["dam"], ["floods"], together)) is is_new


def test_what_was_told_and_is_in_no_article_any_more_hides_nothing() -> None:
    assert affairs(["dam"], ["floods"], pairs(dam=12)) == {"dam": []}
