"""Pages that cannot be had for now: how long they are asked for, and what is published instead."""

from collections import Counter
from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from services.contract.articles import SourceState
from services.ingest.core import changes, cursor
from services.ingest.core.answers import Validators
from services.ingest.core.attempts import (
    LONGEST_REST,
    MAX_ATTEMPTS,
    STAND_IN_AFTER,
    TRIED_FOR,
    failed_attempt,
)
from services.ingest.core.changes import GiveUp, Outcome, Publish, Retry
from services.ingest.core.compare import compare
from services.ingest.core.items import FeedItem
from tests.polls import EMPTY, NOW, due, item, poll, reading

EVERY = timedelta(minutes=5)
TEASER = item(1, content_html="موجز")
TEMPORARY = ["throttled", "http-5xx", "timeout", "connect", "resolve", "disconnected"]


def failing_poll(
    state: SourceState, items: list[FeedItem], reason: str, now: datetime
) -> tuple[list[Outcome], SourceState]:
    """Return what a poll decides when no page can be had for ``reason``, and the cursor after."""
    state = state.model_copy(update={"next_poll_at": now + EVERY})
    decided: list[Outcome] = []
    for one in changes.items_to_read(items, state, now):
        attempt = failed_attempt(one.item.key, state, reason, now)
        if changes.may_use_feed_text(one, state, attempt, page_answered=False):
            text = one.item.content_html or one.item.title
            said = reading(one, now, attempt=attempt, text_origin="feed", text=text)
            decided += compare([said], state, decided)
        else:
            decided.append(changes.failed(one, attempt, reason))
    decided += cursor.left_untried(state, items, decided)
    return decided, cursor.next_state(state, items, decided, Validators('"e"', None), now)


def failing_polls(
    state: SourceState, items: list[FeedItem], reason: str, hours: float
) -> tuple[list[tuple[timedelta, Outcome]], SourceState]:
    """Poll every five minutes for ``hours``; return what was decided, when, and the cursor."""
    story = []
    for number in range(int(hours * 12) + 1):
        decided, state = failing_poll(state, items, reason, NOW + number * EVERY)
        story += [(number * EVERY, outcome) for outcome in decided]
    return story, state


@pytest.mark.parametrize("reason", TEMPORARY)
def test_what_will_pass_uses_up_one_attempt_in_two_days(reason: str) -> None:
    story, state = failing_polls(EMPTY, [item(1, title="")], reason, 47.9)
    assert {type(outcome) for _, outcome in story} == {Retry}
    assert (state.pending, state.totals) == ({"g1": 1}, {})
    (*_, after) = failing_poll(state, [item(1, title="")], reason, NOW + TRIED_FOR)
    assert (after.totals, after.backing_off) == ({"dead": 1}, {})
    assert changes.items_to_read([item(1, title="")], after, NOW + 2 * TRIED_FOR) == []


def test_it_is_asked_for_ever_more_seldom() -> None:
    story, _ = failing_polls(EMPTY, [item(1, title="")], "throttled", 48)
    tried = [when for when, _ in story]
    rests = [after - before for before, after in pairwise(tried)]
    assert rests[0] == EVERY
    assert max(rests) <= LONGEST_REST + EVERY
    assert all(later >= earlier for earlier, later in pairwise(rests[:-1]))
    assert len(tried) < 25
    assert isinstance(story[-1][1], GiveUp)


def test_only_answers_about_the_page_itself_are_counted_as_attempts() -> None:
    state, kinds = EMPTY, []
    for number in range(MAX_ATTEMPTS):
        for reason in ("http-5xx", "timeout", "gone"):
            now = NOW + timedelta(hours=number, minutes=10 * len(kinds) % 30)
            (outcome,), state = failing_poll(state, [item(1, title="")], reason, now)
            kinds.append((reason, type(outcome)))
    assert kinds[-1] == ("gone", GiveUp)
    assert Counter(kind for _, kind in kinds) == {Retry: 3 * MAX_ATTEMPTS - 1, GiveUp: 1}
    assert state.totals == {"dead": 1}


def test_a_headline_stands_in_soon_and_the_page_that_comes_a_day_later_is_revision_2() -> None:
    story, state = failing_polls(EMPTY, [item(1)], "throttled", 24)
    ((when, first),) = [(when, o) for when, o in story if isinstance(o, Publish)]
    assert isinstance(first, Publish)
    assert STAND_IN_AFTER <= when <= 2 * STAND_IN_AFTER
    assert (first.article.text_origin, first.article.revision) == ("feed", 1)
    assert state.pending == {"g1": 1}
    later = NOW + timedelta(hours=24) + LONGEST_REST
    (second, *_), state = poll(state, [item(1)], later)
    assert isinstance(second, Publish)
    assert (second.article.text_origin, second.article.revision) == ("page", 2)
    assert (state.pending, state.backing_off, state.totals) == (
        {},
        {},
        {"published": 1, "revised": 1},
    )


def test_what_the_feed_says_of_a_published_article_replaces_it_only_after_two_days() -> None:
    _, known = poll(EMPTY, [item(1)])
    story, state = failing_polls(known, [TEASER], "http-5xx", 48)
    *earlier, (when, last) = story
    assert {type(outcome) for _, outcome in earlier} == {Retry}
    assert isinstance(last, Publish)
    assert (when, last.article.text, last.article.text_origin) == (TRIED_FOR, "موجز", "feed")
    assert (state.pending, state.totals) == ({}, {"published": 1, "revised": 1})


def test_an_item_that_leaves_the_feed_is_tried_all_the_same() -> None:
    now = NOW
    state = cursor.sighted(EMPTY, [due(item(1))], now)
    _, state = failing_poll(state, [item(1)], "throttled", now)
    _, state = failing_poll(state, [], "throttled", now + EVERY)
    assert state.pending == {"g1": 1}
    assert changes.items_to_read([], state, now + 1.5 * EVERY) == []
    (again, *_), state = poll(state, [], now + 3 * EVERY)
    assert isinstance(again, Publish)
    assert (state.totals, state.pending) == ({"published": 1}, {})


def test_the_feed_is_shown_whole_only_when_something_is_to_be_tried() -> None:
    state, told = EMPTY, []
    for number in range(40):
        now = NOW + number * EVERY
        decided, state = failing_poll(state, [TEASER], "http-5xx", now)
        told.append((state.etag is None, decided))
    # Whatever was tried had the feed's text at hand, and otherwise the feed may say 304.
    assert all(shown for (shown, _), (_, decided) in pairwise(told) if decided)
    assert sum(shown for shown, _ in told) < 10


@pytest.mark.slow
def test_every_item_of_a_throttled_feed_is_counted_once() -> None:
    items = [item(n, content_html="موجز" if n % 2 else "") for n in range(60)]
    story, state = failing_polls(EMPTY, items, "throttled", 50)
    assert state.totals
    assert state.totals["published"] == 60
    # In the end the pages that only a headline stands for are missed.
    assert (state.totals["missed"], state.totals["unchanged"] > 0) == (30, True)
    assert sum(isinstance(outcome, GiveUp) for _, outcome in story) == 30
    assert (set(state.pending.values()), state.backing_off) == ({MAX_ATTEMPTS}, {})


def test_the_largest_feed_of_a_throttled_site_fits_in_its_cursor() -> None:
    items = [item(n, key=f"{n:0120}") for n in range(5_000)]
    _, state = failing_poll(EMPTY, items, "throttled", NOW)
    assert len(state.backing_off) == 5_000
    assert len(state.model_dump_json()) < 4_000_000
