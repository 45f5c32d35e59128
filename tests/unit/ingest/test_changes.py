"""What is read, what is new in it, and what the cursor is afterwards."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from services.contract.articles import SourceState
from services.contract.wire import encode
from services.ingest.core import batches, changes, cursor
from services.ingest.core.answers import Validators
from services.ingest.core.appointments import short_validator, validators
from services.ingest.core.attempts import MAX_ATTEMPTS, Attempt, failed_attempt
from services.ingest.core.changes import (
    MAX_REVISIONS_A_DAY,
    MAX_VAIN_READINGS,
    Due,
    GiveUp,
    Outcome,
    Postpone,
    Publish,
    Retry,
    Skip,
)
from services.ingest.core.compare import compare
from services.ingest.core.cursor import MAX_UNLISTED
from services.ingest.core.items import MAX_ITEMS, MAX_KEY_BYTES, FeedItem, with_unique_keys
from tests.polls import EMPTY, NOW, due, item, poll, reading

DAY = timedelta(days=1)
STORY = (
    "عقد المجلس البلدي في مصراتة جلسة عادية ناقش فيها خطة صيانة الطرق الرئيسية داخل المدينة، وقال "
    "رئيس المجلس إن العمل يبدأ الأسبوع المقبل ويستمر ثلاثة أشهر، ودعا السكان إلى التعاون مع فرق "
    "الصيانة والالتزام بالطرق البديلة التي حددتها شرطة المرور في المنطقة."
)
OTHER_STORY = (
    "أعلنت شركة الكهرباء عودة التيار إلى أحياء بنغازي الغربية بعد إصلاح خط نقل تضرر من الرياح، "
    "وذكرت أن فرقها عملت طوال الليل، وأن الأحمال تعود إلى معدلها الطبيعي خلال ساعات قليلة."
)


def fail(
    one: Due, state: SourceState, reason: str, now: datetime = NOW
) -> Retry | GiveUp | Postpone:
    """Return what a page that cannot be had for ``reason`` means for an item without a text."""
    return changes.failed(one, failed_attempt(one.item.key, state, reason, now), reason)


def test_a_new_item_is_published_once() -> None:
    outcomes, state = poll(EMPTY, [item(1), item(2)])
    assert [type(outcome) for outcome in outcomes] == [Publish, Publish]
    assert (state.etag, state.last_modified) == ('"e"', "lm")
    assert changes.items_to_read([item(1), item(2)], state, NOW) == []


def test_a_changed_item_with_the_same_text_is_not_published() -> None:
    _, state = poll(EMPTY, [item(1)])
    later = item(1, content_html="محدث")
    ((skip,), after) = poll(state, [later], NOW + timedelta(minutes=5))
    assert isinstance(skip, Skip)
    assert skip.reason == "unchanged"
    assert after.seen["g1"].revision == 1
    assert changes.items_to_read([later], after, NOW) == []


def test_a_changed_text_is_the_next_revision_and_strictly_newer() -> None:
    _, state = poll(EMPTY, [item(1)])
    later = item(1, content_html="محدث")
    # The clock was set back by an hour.
    ((publish,), after) = poll(state, [later], NOW - timedelta(hours=1), text="other")
    assert isinstance(publish, Publish)
    assert (publish.article.revision, publish.outcome) == (2, "revised")
    assert publish.article.fetched_at > NOW
    assert publish.article.first_seen_at == state.seen["g1"].first_seen_at
    assert after.seen["g1"].revision == 2


def test_a_revision_says_what_changed() -> None:
    told = []
    state = EMPTY
    for title, text in (("أ", STORY), ("ب", STORY), ("ب", OTHER_STORY), ("ت", STORY)):
        one = item(1, title=title, content_html=text)
        ((publish,), state) = poll(state, [one], text=text)
        assert isinstance(publish, Publish)
        told.append(publish.article.change)
    assert told == [None, "title", "body", "both"]


def test_many_revisions_under_a_stopped_clock_stay_in_order() -> None:
    state = EMPTY
    times = []
    for number in range(10):
        changed = item(1, content_html=str(number))
        ((publish,), state) = poll(state, [changed], text=f"h{number}")
        assert isinstance(publish, Publish)
        times.append(publish.article.fetched_at)
    assert times == sorted(set(times))
    assert state.seen["g1"].revision == 10


def test_a_new_guid_for_a_known_address_is_the_same_article() -> None:
    _, state = poll(EMPTY, [item(1)])
    ((skip,), _) = poll(state, [item(1, key="other guid")])
    assert isinstance(skip, Skip)
    assert skip.reason == "duplicate"


def test_guids_that_are_made_anew_at_every_poll_cost_no_page() -> None:
    items = [item(1), item(2)]
    _, state = poll(EMPTY, items)
    renamed = [replace(one, key=f"{one.key}-new") for one in items]
    listed = changes.under_known_keys([item(3, key="g3-new"), *renamed], state)
    assert [one.key for one in listed] == ["g3-new", "g1", "g2"]
    assert [one.item.key for one in changes.items_to_read(listed, state, NOW)] == ["g3-new"]
    assert changes.old_share(listed, state) == pytest.approx(2 / 3)


def test_a_guid_that_was_repeated_and_no_longer_is_names_the_same_item() -> None:
    twice = with_unique_keys([item(1, key="same"), item(2, key="same")])
    _, state = poll(EMPTY, list(twice))
    left = with_unique_keys([item(2, key="same")])
    assert changes.under_known_keys(left, state) == twice[1:]


def test_what_says_something_new_under_a_new_guid_is_another_item() -> None:
    _, state = poll(EMPTY, [item(1), item(2)])
    changed = [item(1, key="other", title="خبر مصحح"), item(2)]
    assert changes.under_known_keys(changed, state) == tuple(changed)
    # Nor is it a known one while that is listed, too.
    both = [item(1), item(1, key="other")]
    assert changes.under_known_keys(both, state) == tuple(both)


def test_two_items_of_one_address_are_one_article() -> None:
    items = [item(1), item(1, key="again")]
    outcomes, state = poll(EMPTY, items)
    assert [type(outcome) for outcome in outcomes] == [Publish, Skip]
    assert set(state.seen) == {"g1", "again"}
    assert changes.items_to_read(items, state, NOW) == []


def test_a_canonical_address_that_is_learned_later_does_not_make_a_second_article() -> None:
    ((first,), state) = poll(EMPTY, [item(1)], text_origin="feed", text="teaser")
    canonical = "https://news.example/2020/11/25/canonical"
    ((second,), state) = poll(state, [item(1)], url=canonical, text=STORY)
    assert isinstance(first, Publish)
    assert isinstance(second, Publish)
    assert second.article.article_id == first.article.article_id
    assert (second.article.revision, second.article.canonical_url) == (2, canonical)
    # Nor does another item at the canonical address.
    (third, *_), _ = poll(state, [item(2, title="خبر 1")], url=canonical, text=STORY)
    assert isinstance(third, Skip)
    assert third.reason == "duplicate"


def test_different_articles_of_a_site_that_names_one_address_on_all_pages_stay_apart() -> None:
    texts = (STORY, OTHER_STORY, "إعلان عن مناقصة لتوريد مضخات مياه إلى محطات الجنوب قبل الصيف")
    state = EMPTY
    published = []
    for number, text in enumerate(texts, start=1):
        named = "https://news.example/ar/all"
        (publish, *_), state = poll(state, [item(number)], url=named, text=text)
        assert isinstance(publish, Publish)
        published.append((publish.article.article_id, publish.article.revision))
    assert len(set(published)) == 3
    # Read again, each is still the article that it was.
    for number, (article, _) in enumerate(published, start=1):
        one = item(number, content_html="محدث")
        (publish, *_), state = poll(state, [one], url=named, text=texts[number - 1] + " تحديث")
        assert isinstance(publish, Publish)
        assert (publish.article.article_id, publish.article.revision) == (article, 2)


def test_a_guid_that_is_used_again_for_something_else_is_another_article() -> None:
    _, state = poll(EMPTY, [item(1, key="latest")], text=STORY)
    (publish, *_), state = poll(state, [item(2, key="latest")], text=OTHER_STORY)
    assert isinstance(publish, Publish)
    assert (publish.article.revision, publish.outcome) == (1, "published")


def test_a_retitled_article_is_a_revision_also_under_a_new_address() -> None:
    _, state = poll(EMPTY, [item(1, title="مجلس مصراتة يناقش صيانة الطرق")], text=STORY)
    moved = item(2, key="g1", title="بلدية مصراتة تبدأ صيانة الطرق قريبا")
    ((publish,), _) = poll(state, [moved], text=STORY)
    assert isinstance(publish, Publish)
    assert (publish.article.revision, publish.article.change) == (2, "title")


TITLE = "المجلس البلدي في مصراتة يناقش صيانة الطرق"


def test_the_same_title_and_text_at_another_address_is_a_duplicate() -> None:
    _, state = poll(EMPTY, [item(1, title=TITLE)], text=STORY)
    (skip, *_), state = poll(state, [item(2, title=TITLE + ".")], NOW + 6 * DAY, text=STORY)
    assert isinstance(skip, Skip)
    assert skip.reason == "duplicate"


def test_the_same_title_with_a_similar_text_is_a_revision() -> None:
    _, state = poll(EMPTY, [item(1, title=TITLE)], text=STORY)
    edited = STORY + " وأضاف أن المشروع ممول من ميزانية العام الجاري."
    (publish, *_), state = poll(state, [item(2, title=TITLE)], NOW + DAY, text=edited)
    assert isinstance(publish, Publish)
    assert (publish.outcome, publish.article.change) == ("joined", "body")
    # At the old address it is not asked for again, so that it does not flip back.
    assert set(state.waiting) == {"g2"}


def test_a_brief_and_the_report_that_follows_it_under_its_title_are_one_article() -> None:
    _, state = poll(EMPTY, [item(1, title=TITLE)], text=TITLE)
    (publish, *_), _ = poll(state, [item(2, title=TITLE)], NOW + DAY, text=STORY)
    assert isinstance(publish, Publish)
    assert publish.outcome == "joined"


def test_a_title_that_is_the_same_every_day_does_not_make_one_article_of_them() -> None:
    for title, one, other in (
        ("حالة الطقس المتوقعة اليوم في ليبيا", STORY, OTHER_STORY),
        ("نشرة الأخبار", "نشرة الأخبار", STORY),
    ):
        _, state = poll(EMPTY, [item(1, title=title)], text=one)
        (publish, *_), _ = poll(state, [item(2, title=title)], NOW + DAY, text=other)
        assert isinstance(publish, Publish)
        assert (publish.outcome, publish.article.revision) == ("published", 1)


def test_a_title_is_forgotten_after_seven_days() -> None:
    _, state = poll(EMPTY, [item(1, title=TITLE)], text=STORY)
    (publish, *_), _ = poll(state, [item(2, title=TITLE)], NOW + 8 * DAY, text=STORY)
    assert isinstance(publish, Publish)
    assert publish.outcome == "published"


def test_a_page_that_changes_at_every_reading_is_not_published_for_ever() -> None:
    state, reasons = EMPTY, []
    for minute in range(0, 1440, 5):
        now = NOW + timedelta(minutes=minute)
        outcomes, state = poll(state, [item(1, content_html=str(minute))], now, text=f"{minute}")
        reasons += [o.outcome if isinstance(o, Publish) else "skipped" for o in outcomes]
    assert reasons.count("revised") == MAX_REVISIONS_A_DAY
    assert len(reasons) == 1 + MAX_REVISIONS_A_DAY  # nor is it read
    # The reading after a day has its last wording.
    (again, *_), _ = poll(state, None, NOW + DAY, text="at last")
    assert isinstance(again, Publish)


def test_an_item_that_fails_is_tried_at_the_next_polls_and_then_given_up() -> None:
    state, kinds = EMPTY, []
    for _ in range(MAX_ATTEMPTS):
        (again,) = changes.items_to_read([item(1)], state, NOW)
        outcome = fail(again, state, "gone")
        kinds.append(type(outcome))
        state = cursor.next_state(state, [item(1)], [outcome], Validators('"e"', None), NOW)
        # Without a validator the next poll shows the item again; then there is no need.
        assert (state.etag is None) == isinstance(outcome, Retry)
    assert kinds == [Retry] * (MAX_ATTEMPTS - 1) + [GiveUp]
    assert changes.items_to_read([item(1)], state, NOW) == []
    unlisted = cursor.next_state(state, [], [], Validators(), NOW)
    assert unlisted.pending == {}


def test_what_differs_in_its_tags_alone_is_no_change() -> None:
    said = '<p class="a{0}" data-nonce="{0}">اجتماع في طرابلس</p><img src="/count?n={0}">'
    _, state = poll(EMPTY, [item(1, content_html=said.format(1))])
    assert changes.items_to_read([item(1, content_html=said.format(2))], state, NOW) == []
    for corrected in (said.format(1).replace("طرابلس", "سبها"), said.format(1) + "< لا وسم"):
        assert changes.items_to_read([item(1, content_html=corrected)], state, NOW)


def test_a_counter_in_the_text_of_a_feed_costs_few_pages_and_hides_no_correction() -> None:
    def says(readers: int) -> FeedItem:
        return item(1, content_html=f"اجتماع في طرابلس. قرأه {readers}")

    state, read = EMPTY, 0
    for minute in range(0, 600, 5):
        outcomes, state = poll(state, [says(minute)], NOW + timedelta(minutes=minute))
        read += len(outcomes)
    assert read == 1 + MAX_VAIN_READINGS
    retitled = replace(says(1), title="خبر مصحح")
    assert changes.items_to_read([retitled], state, NOW) == [due(retitled)]
    (corrected,), state = poll(state, [says(1)], NOW + DAY, text="نص مصحح")
    assert isinstance(corrected, Publish)
    assert changes.items_to_read([says(2)], state, NOW + DAY) == [due(says(2))]


def test_one_failed_item_does_not_touch_the_others() -> None:
    items = [item(1), item(2), item(3)]
    read = [reading(due(items[0])), reading(due(items[2]))]
    outcomes = [*compare(read, EMPTY), fail(due(items[1]), EMPTY, "gone")]
    state = cursor.next_state(EMPTY, items, outcomes, Validators('"e"', None), NOW)
    assert set(state.seen) == {"g1", "g3"}
    assert state.pending == {"g2": 1}
    assert [one.item for one in changes.items_to_read(items, state, NOW)] == [item(2)]


def test_the_feeds_text_stands_in_for_a_new_item_but_not_for_a_published_one() -> None:
    _, known = poll(EMPTY, [item(1)])
    summary = due(item(1, content_html="موجز"))
    brief = due(item(1))
    first, last = Attempt(1), Attempt(MAX_ATTEMPTS, is_last=True)

    def may(one: Due, state: SourceState, attempt: Attempt, page_answered: bool) -> bool:
        return changes.may_use_feed_text(one, state, attempt, page_answered)

    assert may(summary, EMPTY, first, page_answered=False)
    assert not may(summary, known, first, page_answered=True)
    assert may(brief, EMPTY, first, page_answered=True)
    assert not may(brief, EMPTY, first, page_answered=False)
    assert may(brief, EMPTY, Attempt(1, is_long=True), page_answered=False)
    assert may(summary, known, last, page_answered=False)
    assert not may(brief, known, last, page_answered=True)
    assert not may(due(item(1, title="")), EMPTY, last, page_answered=True)


def test_a_teaser_is_out_at_once_and_the_page_that_comes_later_is_revision_2() -> None:
    ((publish,), state) = poll(EMPTY, [item(1)], text_origin="feed", text="teaser")
    assert isinstance(publish, Publish)
    assert publish.article.revision == 1
    assert (state.pending, state.etag) == ({"g1": 1}, None)
    ((publish,), state) = poll(state, [item(1)], NOW + timedelta(minutes=5))
    assert isinstance(publish, Publish)
    assert (publish.article.revision, publish.article.text_origin) == (2, "page")
    assert (state.pending, state.etag) == ({}, '"e"')
    assert changes.items_to_read([item(1)], state, NOW) == []


def test_a_teaser_whose_page_never_comes_is_left_as_it_is() -> None:
    summary = item(1, content_html="موجز")
    teaser = {"text_origin": "feed", "text": "موجز"}
    _, state = poll(EMPTY, [summary], **teaser)
    attempts = 1
    while due_now := changes.items_to_read([summary], state, NOW):
        attempts += 1
        assert attempts <= MAX_ATTEMPTS
        outcomes: list[Outcome] = [fail(due_now[0], state, "gone")]
        attempt = failed_attempt("g1", state, "gone", NOW)
        if changes.may_use_feed_text(due_now[0], state, attempt, page_answered=False):
            outcomes = [*compare([reading(due_now[0], attempt=attempt, **teaser)], state)]
        state = cursor.next_state(state, [summary], outcomes, Validators('"e"', None), NOW)
    assert attempts == MAX_ATTEMPTS
    assert isinstance(outcomes[0], Skip)
    assert (state.pending, state.etag, state.seen["g1"].revision) == ({}, '"e"', 1)
    # When the feed says something new about it, it is read again.
    assert changes.items_to_read([item(1, content_html="محدث")], state, NOW)


OLD = {"published_at": NOW - 30 * DAY}  # so nothing waits to be read again


def test_the_cursor_stays_bounded_and_keeps_all_that_is_listed() -> None:
    state = EMPTY
    for start in range(0, 9_000, 1_500):
        listed = [item(number) for number in range(start, start + 1_500)]
        _, state = poll(state, listed, NOW + timedelta(seconds=start), **OLD)
    assert len(state.seen) == MAX_ITEMS + MAX_UNLISTED
    assert changes.items_to_read(listed, state, NOW) == []
    _, state = poll(state, listed[:100], NOW + 4 * DAY)
    assert len(state.seen) == 100 + MAX_UNLISTED
    assert set(state.seen) <= {i.key for i in listed}


def test_a_feed_that_is_empty_for_a_while_says_nothing_new_afterwards() -> None:
    listed = [item(number) for number in range(1_000)]
    _, state = poll(EMPTY, listed, **OLD)
    for hours in (1, 2, 40):
        _, state = poll(state, [], NOW + timedelta(hours=hours))
    assert changes.items_to_read(listed, state, NOW + timedelta(hours=41)) == []


@pytest.mark.slow
def test_the_largest_cursor_fits_in_a_message() -> None:
    longest = "ط" * ((MAX_KEY_BYTES - 2) // 2)  # without its quotes
    count = MAX_ITEMS + MAX_UNLISTED
    keys = [longest[: -len(str(n))] + str(n) for n in range(count)]
    state = EMPTY
    for part in (keys[:MAX_UNLISTED], keys[MAX_UNLISTED:]):
        items = [item(n, key=key, title=f"{n}" + "ط" * 290) for n, key in enumerate(part)]
        _, state = poll(state, items, NOW + timedelta(microseconds=1), text_origin="feed")
    one = state.seen[keys[-1]]
    largest = one.model_copy(update={"revision": 2**31 - 1, "other_id": one.article_id})
    state = state.model_copy(update={"seen": dict.fromkeys(state.seen, largest)})
    assert len(state.seen) >= len(keys)
    assert len(state.pending) >= MAX_ITEMS
    assert len(state.waiting) > 250
    batch = dict(list(state.seen.items())[: batches.MAX_ITEMS])
    assert encode(state.model_copy(update={"unconfirmed": batch}))


def test_only_a_cursor_that_says_more_is_recorded() -> None:
    _, state = poll(EMPTY, [item(1)])
    _, same = poll(state, [item(1)], NOW + timedelta(minutes=5))
    _, more = poll(state, [item(1), item(2)], NOW + timedelta(minutes=5))
    assert cursor.must_be_recorded(EMPTY, state)
    assert not cursor.must_be_recorded(state, same)
    assert cursor.must_be_recorded(state, more)


def test_an_article_is_read_again_after_a_day_and_a_week_though_the_feed_lists_others() -> None:
    _, state = poll(EMPTY, [item(1)])
    read_at = []
    for hour in range(24 * 9):
        now = NOW + timedelta(hours=hour)
        listing = None if hour % 2 else [item(2)]  # not modified, or other items
        outcomes, state = poll(state, listing, now)
        if any(
            o.reading.due.again and o.entry.article_id == reading(due(item(1))).article.article_id
            for o in outcomes
            if isinstance(o, Publish | Skip)
        ):
            read_at.append(hour)
    assert read_at == [24, 24 * 7]
    assert "g1" not in state.waiting


def test_a_change_that_only_a_later_reading_finds_is_a_revision() -> None:
    _, state = poll(EMPTY, [item(1)], text=STORY)
    (publish, *_), state = poll(state, None, NOW + DAY, text=STORY + " تصحيح.")
    assert isinstance(publish, Publish)
    assert (publish.article.revision, publish.article.change) == (2, "body")
    # What the feed still lists is not new because of it.
    assert changes.items_to_read([item(1)], state, NOW + DAY) == []


def test_an_appointment_at_which_the_page_is_down_is_kept_for_a_day() -> None:
    _, state = poll(EMPTY, [item(1)])
    tried = []
    for hour in range(24, 24 * 4):
        now = NOW + timedelta(hours=hour)
        for one in changes.items_to_read([item(1)], state, now):
            tried.append(hour)
            outcome = fail(one, state, "http-5xx", now)
            assert isinstance(outcome, Postpone)
            state = cursor.next_state(state, [item(1)], [outcome], Validators('"e"', None), now)
    assert tried == list(range(24, 48))
    assert state.waiting["g1"].due_at == NOW + 7 * DAY
    assert state.totals == {"published": 1}


def test_what_was_published_long_ago_is_not_read_again() -> None:
    _, state = poll(EMPTY, [item(1)], published_at=NOW - 30 * DAY)
    assert state.waiting == {}


@pytest.mark.parametrize(
    ("etag", "last_modified", "kept"),
    [
        ('"a-1"', "Sun, 22 Nov 2020 10:00:00 GMT", ('"a-1"', None)),
        ('W/"a-1"', None, ('W/"a-1"', None)),
        (None, "Sun, 22 Nov 2020 10:00:00 GMT", (None, "Sun, 22 Nov 2020 10:00:00 GMT")),
        (f'"{"a" * 64}"', "Sun, 22 Nov 2020 10:00:00 GMT", (None, None)),
        (None, None, (None, None)),
    ],
    ids=["both", "weak", "a date", "too long", "none"],
)
def test_of_a_pages_validators_the_surer_one_is_kept_if_it_is_short(
    etag: str | None, last_modified: str | None, kept: tuple[str | None, str | None]
) -> None:
    assert validators(short_validator(etag, last_modified)) == kept


def test_a_version_that_was_not_published_is_read_again_whatever_its_site_says() -> None:
    _, state = poll(EMPTY, [item(1), item(1, key="again")])
    changed = [item(1, content_html="محدث"), item(1, key="again", content_html="محدث")]
    due_now = changes.items_to_read(changed, state, NOW)
    read = [
        replace(reading(one, NOW, text=f"{number}"), validator=f'"{number}"')
        for number, one in enumerate(due_now)
    ]
    outcomes = compare(read, state)
    assert [type(outcome) for outcome in outcomes] == [Publish, Skip]
    state = cursor.next_state(state, None, outcomes, Validators(), NOW)
    kept = {key: entry.validator for key, entry in state.waiting.items()}
    assert kept == {"g1": '"0"', "again": None}
