"""What a poll tells the schedule, and what of it is recorded."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from services.contract.articles import RawArticle, SourceState
from services.ingest.core.packed import PackedCursor
from services.ingest.core.sources import Source
from services.ingest.edges.http import open_fetcher
from services.ingest.pipeline import Pipeline
from services.ingest.schedule import Polled
from services.runtime.health import Health
from tests.local_site import LOCAL, Answer, LocalSite

TEXT = "عقد المجلس البلدي في طرابلس جلسة عادية ناقش فيها أعضاؤه خطة صيانة الطرق قبل موسم الأمطار."


class FakeKafka:
    def __init__(self) -> None:
        self.states: list[SourceState] = []

    def publish_articles(self, articles: Sequence[RawArticle]) -> None:
        """Confirm them."""

    def publish_state(self, state: SourceState) -> None:
        self.states.append(state)


@pytest.fixture
def site() -> Iterator[LocalSite]:
    with LocalSite() as site:
        site.publish(1, TEXT)
        site.feed(1, etag='"1"')
        yield site


def poll(site: LocalSite, kafka: FakeKafka, packed: PackedCursor, path: str = "feed.xml") -> Polled:
    source = Source(id="s", name="مصدر", url=f"{site.url}/{path}", language="ar")

    async def once() -> Polled:
        async with open_fetcher(LOCAL) as fetcher:
            return await Pipeline(fetcher, kafka, Health(60)).poll_source(source, packed)

    return asyncio.run(once())


def wait_s(polled: Polled) -> float:
    next_poll_at = polled.cursor.head.next_poll_at
    assert next_poll_at
    return (next_poll_at - datetime.now(UTC)).total_seconds()


def test_a_feed_that_is_not_modified_costs_no_record_and_comes_again_after_its_interval(
    site: LocalSite,
) -> None:
    kafka = FakeKafka()
    first = poll(site, kafka, PackedCursor.new("s"))
    recorded = len(kafka.states)
    assert kafka.states[-1].next_poll_at == first.cursor.head.next_poll_at
    second = poll(site, kafka, first.cursor)
    third = poll(site, kafka, second.cursor)
    assert [request.status for request in site.asked("/feed.xml")] == [200, 304, 304]
    assert len(kafka.states) == recorded
    assert 440 < wait_s(third) < 500  # 300 s, half as long again, and up to a tenth
    assert third.reached


def test_what_a_cursor_remembers_of_articles_is_not_kept_unpacked(site: LocalSite) -> None:
    cursor = poll(site, FakeKafka(), PackedCursor.new("s")).cursor
    assert cursor.state().seen
    assert not cursor.head.seen
    assert not cursor.recorded.seen


def test_what_the_server_asks_for_makes_the_wait_longer(site: LocalSite) -> None:
    feed = site.answers["/feed.xml"]
    site.answers["/feed.xml"] = Answer(feed.body, headers={"Cache-Control": "max-age=1800"})
    assert 1_790 < wait_s(poll(site, FakeKafka(), PackedCursor.new("s"))) < 1_990


def test_what_a_feed_says_of_its_interval_holds_while_it_is_not_modified(site: LocalSite) -> None:
    feed = site.answers["/feed.xml"]
    ttl = feed.body.replace(b"<channel>", b"<channel><ttl>60</ttl>")
    site.answers["/feed.xml"] = replace(feed, body=ttl)
    cursor = poll(site, FakeKafka(), PackedCursor.new("s")).cursor
    again = poll(site, FakeKafka(), cursor)
    assert [request.status for request in site.asked("/feed.xml")] == [200, 304]
    assert 3_590 < wait_s(again) < 3_970


def test_a_server_that_says_not_modified_for_ever_is_asked_for_all_of_it_once_a_day(
    site: LocalSite,
) -> None:
    cursor = poll(site, FakeKafka(), PackedCursor.new("s")).cursor
    site.publish(2, TEXT)
    site.feed(1, 2, etag='"1"')  # new, behind an ETag that is stuck
    cursor = poll(site, FakeKafka(), cursor).cursor
    a_day_ago = datetime.now(UTC) - timedelta(hours=24)
    cursor = cursor.with_head(cursor.head.model_copy(update={"full_at": a_day_ago}))
    cursor = poll(site, FakeKafka(), cursor).cursor
    poll(site, FakeKafka(), cursor)
    assert [request.status for request in site.asked("/feed.xml")] == [200, 304, 200, 304]
    assert cursor.state().seen.keys() == {"1", "2"}


def test_failures_add_up_are_recorded_when_they_are_a_trouble_and_end_with_a_success(
    site: LocalSite,
) -> None:
    kafka = FakeKafka()
    cursor = poll(site, kafka, PackedCursor.new("s")).cursor
    good = site.answers["/feed.xml"]
    recorded = len(kafka.states)
    site.answers["/feed.xml"] = Answer(status=404)
    failed = poll(site, kafka, cursor)
    assert (failed.cursor.head.failure_weight, failed.reached) == (1.0, True)
    assert wait_s(failed) > 590
    assert len(kafka.states) == recorded + 1
    failed = poll(site, kafka, failed.cursor)
    assert wait_s(failed) > 890
    assert len(kafka.states) == recorded + 1
    site.answers["/feed.xml"] = good
    again = poll(site, kafka, failed.cursor)
    assert again.cursor.head.failure_weight == 0
    assert len(kafka.states) == recorded + 2
    assert kafka.states[-1].seen.keys() == {"1"}


def test_a_server_that_is_not_there_is_told_from_one_that_answers(site: LocalSite) -> None:
    with LocalSite() as gone:
        pass
    assert not poll(gone, FakeKafka(), PackedCursor.new("s")).reached


def test_a_move_that_has_held_is_asked_directly_and_forgotten_when_it_fails(
    site: LocalSite,
) -> None:
    moved = PackedCursor.of(
        SourceState(
            source_id="s",
            url=f"{site.url}/old.xml",
            moved_to=f"{site.url}/feed.xml",
            moved_since=datetime.now(UTC) - timedelta(days=8),
            moved_polls=500,
        )
    )
    cursor = poll(site, FakeKafka(), moved, "old.xml").cursor
    assert site.asked("/old.xml") == []
    site.answers["/feed.xml"] = Answer(status=404)
    cursor = poll(site, FakeKafka(), cursor, "old.xml").cursor
    poll(site, FakeKafka(), cursor, "old.xml")
    assert len(site.asked("/old.xml")) == 1
