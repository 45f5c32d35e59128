"""Copies are one story, whichever layer shows it and in whatever order they come."""

import json
from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest

from services.contract.articles import Signature
from services.contract.wire import encode
from services.index.core.prepare import Ready, prepare
from services.index.core.stories import (
    WINDOW,
    Signed,
    is_copy,
    tell_stories,
    when_copies_come,
)
from services.index.stories import REMEMBERED, Stories
from tests.support import enriched_article

NOON = datetime(2020, 11, 25, 12, tzinfo=UTC)


def signed(
    article_id: str, paragraphs: str = "", bands: str = "", hours: float = 0, story: str = ""
) -> Signed:
    seen = NOON + timedelta(hours=hours)
    return Signed(article_id, seen, frozenset(paragraphs), frozenset(bands), story or None)


@pytest.mark.parametrize(
    ("one", "other", "copies"),
    [
        pytest.param(signed("1", "ab"), signed("2", "abcd"), True, id="two paragraphs"),
        pytest.param(signed("1", "abc"), signed("2", "cde"), False, id="one of several"),
        pytest.param(signed("1", "a"), signed("2", "abc"), False, id="one, all there is of it"),
        pytest.param(signed("1", "", "x"), signed("2", "ab", "xy"), True, id="rewritten"),
        pytest.param(signed("1"), signed("2"), False, id="nothing to tell by"),
        pytest.param(
            signed("1", "ab", "x"),
            signed("2", "ab", "x", hours=WINDOW / timedelta(hours=1) + 1),
            False,
            id="long after",
        ),
    ],
)
def test_copies_are_told_both_ways(one: Signed, other: Signed, copies: bool) -> None:
    assert is_copy(one, other) is is_copy(other, one) is copies


def test_copies_are_looked_for_in_the_time_in_which_they_come() -> None:
    first, last = when_copies_come([signed("1", hours=3), signed("2"), signed("3", hours=9)])
    assert (first, last) == (NOON - WINDOW, NOON + timedelta(hours=9) + WINDOW)


def test_the_calendar_may_end() -> None:
    ends = [datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)]
    odd = [Signed(str(n), end, frozenset(), frozenset()) for n, end in enumerate(ends)]
    assert when_copies_come(odd) == tuple(ends)


def test_in_one_batch_the_story_is_called_by_its_earliest_article_in_any_order() -> None:
    articles = [
        signed("c", "", "x", hours=1),
        signed("b", "kl", "x", hours=2),
        signed("a", "kl", hours=3),
        signed("alone", "z", "y"),
    ]
    for order in permutations(articles):
        told = tell_stories(order, [])
        assert told == {"a": "c", "b": "c", "c": "c", "alone": "alone"}


def test_a_copy_joins_the_story_that_is_there_and_what_is_there_keeps_its_own() -> None:
    known = [signed("old", "ab", story="first"), signed("other", "pq", story="other")]
    new = [signed("copy", "ab", hours=-5), signed("other", "ab", hours=1)]
    assert tell_stories(new, known) == {"copy": "first", "other": "other"}


def document(number: int, *paragraphs: str) -> Ready:
    enriched = enriched_article(number, signature=Signature(paragraphs=paragraphs))
    ready = prepare(encode(enriched), NOON)
    assert isinstance(ready, Ready)
    return ready


def story(ready: Ready) -> str:
    return str(json.loads(ready.operation.splitlines()[1])["story_id"])


def test_copies_that_cannot_be_found_in_the_index_yet_are_joined_all_the_same() -> None:
    stories = Stories(lambda *_: [])
    one, other = document(1, "a", "b"), document(2, "a", "b")
    (first,) = stories.join([one])
    (second,) = stories.join([other])
    assert story(first) == story(second) == one.article_id
    assert first.operation == one.operation, "what is alone is written as it was"


def test_what_is_remembered_is_bounded() -> None:
    stories = Stories(lambda *_: [])
    stories.join([document(0, "a", "b")])
    stories.join([document(number, f"{number}") for number in range(1, REMEMBERED + 1)])
    (copy,) = stories.join([document(REMEMBERED + 1, "a", "b")])
    assert story(copy) == copy.article_id


def test_what_an_index_without_stories_has_too_keeps_the_story_of_the_one_that_has() -> None:
    told = signed("1", "ab", story="first")
    for found in permutations([told, signed("1", "ab")]):
        (again,) = Stories(lambda *_, found=found: list(found)).join([copy_of("1")])
        assert story(again) == "first"


def copy_of(article_id: str) -> Ready:
    lines = b'{}\n{"story_id":"%b"}\n' % article_id.encode()
    return Ready(article_id, lines, None, signed(article_id, "ab"))
