"""What is new, what is changed, and what the cursor is afterwards."""

from datetime import UTC, datetime, timedelta
from typing import Any

from services.contract.articles import SourceState
from services.contract.wire import encode
from services.ingest.core import changes
from services.ingest.core.changes import GiveUp, Outcome, Publish, Retry, Skip
from services.ingest.core.items import MAX_ITEMS, MAX_KEY_BYTES, FeedItem
from tests.support import raw_article

NOW = datetime(2020, 11, 25, 12, tzinfo=UTC)
EMPTY = SourceState(source_id="sample")


def item(number: int = 1, **fields: Any) -> FeedItem:
    defaults: dict[str, Any] = {
        "key": f"g{number}",
        "title": f"خبر {number}",
        "link": f"https://news.example/articles/{number}",
        "content_html": "",
        "byline": None,
        "section": None,
        "published": None,
        "updated": None,
    }
    return FeedItem(**(defaults | fields))


def poll(
    state: SourceState, items: list[FeedItem], now: datetime = NOW, **article: Any
) -> tuple[list[Outcome], SourceState]:
    """Return what a poll decides if every page can be read, and the cursor after it."""
    read = {
        i.key: raw_article(int(i.link.rpartition("/")[2]), **({"fetched_at": now} | article))
        for i in changes.items_to_read(items, state)
    }
    outcomes: list[Outcome] = list(changes.compare(read, state))
    return outcomes, changes.next_state(state, items, outcomes, ('"e"', "lm"), now)


def test_a_new_item_is_published_once() -> None:
    outcomes, state = poll(EMPTY, [item(1), item(2)])
    assert [type(outcome) for outcome in outcomes] == [Publish, Publish]
    assert (state.etag, state.last_modified) == ('"e"', "lm")
    assert changes.items_to_read([item(1), item(2)], state) == []


def test_a_changed_item_with_the_same_text_is_not_published() -> None:
    _, state = poll(EMPTY, [item(1)])
    ((skip,), after) = poll(state, [item(1, title="خبر آخر")], NOW + timedelta(minutes=5))
    assert isinstance(skip, Skip)
    assert skip.reason == "unchanged"
    assert after.seen["g1"].revision == 1
    assert changes.items_to_read([item(1, title="خبر آخر")], after) == []


def test_a_changed_text_is_the_next_revision_and_strictly_newer() -> None:
    _, state = poll(EMPTY, [item(1)])
    later = item(1, content_html="محدث")
    # The clock was set back by an hour.
    ((publish,), after) = poll(state, [later], NOW - timedelta(hours=1), content_hash="other")
    assert isinstance(publish, Publish)
    assert publish.article.revision == 2
    assert publish.article.fetched_at > NOW
    assert publish.article.first_seen_at == state.seen["g1"].first_seen_at
    assert after.seen["g1"].revision == 2


def test_many_revisions_under_a_stopped_clock_stay_in_order() -> None:
    state = EMPTY
    times = []
    for number in range(10):
        changed = item(1, content_html=str(number))
        ((publish,), state) = poll(state, [changed], content_hash=f"h{number}")
        assert isinstance(publish, Publish)
        times.append(publish.article.fetched_at)
    assert times == sorted(set(times))
    assert state.seen["g1"].revision == 10


def test_a_new_guid_for_a_known_address_is_the_same_article() -> None:
    _, state = poll(EMPTY, [item(1)])
    ((skip,), _) = poll(state, [item(1, key="other guid")])
    assert isinstance(skip, Skip)
    assert skip.reason == "unchanged"


def test_two_items_of_one_address_are_one_article() -> None:
    items = [item(1), item(1, key="again")]
    outcomes, state = poll(EMPTY, items)
    assert [type(outcome) for outcome in outcomes] == [Publish, Skip]
    assert set(state.seen) == {"g1", "again"}
    assert changes.items_to_read(items, state) == []


def test_an_item_that_fails_is_tried_at_the_next_polls_and_then_given_up() -> None:
    state, kinds = EMPTY, []
    for _ in range(changes.MAX_ATTEMPTS):
        (again,) = changes.items_to_read([item(1)], state)
        outcome = changes.failed(again, state, "timeout")
        kinds.append(type(outcome))
        state = changes.next_state(state, [item(1)], [outcome], ('"e"', None), NOW)
        # Without a validator the next poll shows the item again; then there is no need.
        assert (state.etag is None) == isinstance(outcome, Retry)
    assert kinds == [Retry] * (changes.MAX_ATTEMPTS - 1) + [GiveUp]
    assert changes.items_to_read([item(1)], state) == []
    unlisted = changes.next_state(state, [], [], (None, None), NOW)
    assert unlisted.pending == {}


def test_one_failed_item_does_not_touch_the_others() -> None:
    read = {"g1": raw_article(1), "g3": raw_article(3)}
    outcomes = [*changes.compare(read, EMPTY), changes.failed(item(2), EMPTY, "http-5xx")]
    items = [item(1), item(2), item(3)]
    state = changes.next_state(EMPTY, items, outcomes, ('"e"', None), NOW)
    assert set(state.seen) == {"g1", "g3"}
    assert state.pending == {"g2": 1}
    assert changes.items_to_read(items, state) == [item(2)]


def test_the_feeds_text_stands_in_for_a_new_item_but_not_for_a_published_one() -> None:
    _, known = poll(EMPTY, [item(1)])
    summary = item(1, content_html="موجز")
    assert changes.may_use_feed_text(summary, EMPTY, page_answered=False)
    assert not changes.may_use_feed_text(summary, known, page_answered=True)
    assert changes.may_use_feed_text(item(1), EMPTY, page_answered=True)  # a brief
    assert not changes.may_use_feed_text(item(1), EMPTY, page_answered=False)
    last = {"pending": {"g1": changes.MAX_ATTEMPTS - 1}}
    assert changes.may_use_feed_text(summary, known.model_copy(update=last), page_answered=False)
    assert not changes.may_use_feed_text(item(1, title=""), EMPTY.model_copy(update=last), True)


def test_the_cursor_stays_bounded_and_keeps_all_that_is_listed() -> None:
    state = EMPTY
    listed = [item(number) for number in range(changes.MAX_UNLISTED + 50)]
    for start in range(0, 3_000, 500):
        listed = [item(number) for number in range(start, start + 500)]
        _, state = poll(state, listed, NOW + timedelta(seconds=start))
    assert len(state.seen) == 500 + changes.MAX_UNLISTED
    assert changes.items_to_read(listed, state) == []
    _, state = poll(state, [], NOW + timedelta(hours=1))
    assert len(state.seen) == changes.MAX_UNLISTED
    assert set(state.seen) <= {i.key for i in listed}


def test_a_teaser_is_out_at_once_and_the_page_that_comes_later_is_revision_2() -> None:
    ((publish,), state) = poll(EMPTY, [item(1)], text_origin="feed", content_hash="teaser")
    assert isinstance(publish, Publish)
    assert publish.article.revision == 1
    assert (state.pending, state.etag) == ({"g1": 1}, None)
    ((publish,), state) = poll(state, [item(1)], NOW + timedelta(minutes=5))
    assert isinstance(publish, Publish)
    assert (publish.article.revision, publish.article.text_origin) == (2, "page")
    assert (state.pending, state.etag) == ({}, '"e"')
    assert changes.items_to_read([item(1)], state) == []


def test_a_teaser_whose_page_never_comes_is_left_as_it_is() -> None:
    summary = item(1, content_html="موجز")
    _, state = poll(EMPTY, [summary], text_origin="feed")
    attempts = 1
    while changes.items_to_read([summary], state):
        attempts += 1
        assert attempts <= changes.MAX_ATTEMPTS
        outcomes: list[Outcome] = [changes.failed(summary, state, "http-5xx")]
        if changes.may_use_feed_text(summary, state, page_answered=False):
            outcomes = [*changes.compare({"g1": raw_article(1, text_origin="feed")}, state)]
        state = changes.next_state(state, [summary], outcomes, ('"e"', None), NOW)
    assert attempts == changes.MAX_ATTEMPTS
    assert isinstance(outcomes[0], Skip)
    assert (state.pending, state.etag, state.seen["g1"].revision) == ({}, '"e"', 1)
    # When the feed says something new about it, it is read again.
    assert changes.items_to_read([item(1, content_html="محدث")], state)


def test_the_largest_cursor_fits_in_a_message() -> None:
    longest = "ط" * ((MAX_KEY_BYTES - 2) // 2)  # without its quotes
    article = raw_article(1, revision=2**31 - 1, text_origin="feed", article_id="a" * 32)
    article = article.model_copy(update={"content_hash": "b" * 32, "fetched_at": NOW})
    keys = [longest[: -len(str(n))] + str(n) for n in range(MAX_ITEMS + changes.MAX_UNLISTED)]
    state = EMPTY
    for part in (keys[: changes.MAX_UNLISTED], keys[changes.MAX_UNLISTED :]):
        items = [item(1, key=k) for k in part]
        outcomes: list[Outcome] = [Publish(k, article) for k in part]
        moment = NOW + timedelta(microseconds=1)
        state = changes.next_state(state, items, outcomes, (None, None), moment)
    assert len(state.seen) == len(keys)
    assert len(state.pending) == MAX_ITEMS
    assert encode(state)


def test_only_a_cursor_that_says_more_is_recorded() -> None:
    _, state = poll(EMPTY, [item(1)])
    _, same = poll(state, [item(1)], NOW + timedelta(minutes=5))
    _, more = poll(state, [item(1), item(2)], NOW + timedelta(minutes=5))
    assert changes.must_be_recorded(EMPTY, state)
    assert not changes.must_be_recorded(state, same)
    assert changes.must_be_recorded(state, more)
