"""What was given up is tried again when a person asks for it: once, and counted so."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from prometheus_client import REGISTRY

from services.contract.articles import RetryRequest, SourceState
from services.ingest.core.attempts import MAX_ATTEMPTS
from services.ingest.core.packed import PackedCursor
from services.ingest.core.retrying import given_up
from services.ingest.core.sources import Source
from services.ingest.core.status import status_of
from services.ingest.edges.http import open_fetcher
from services.ingest.pipeline import Pipeline
from services.ingest.retries import Retries
from services.runtime.health import Health
from tests.local_site import LOCAL, Answer, LocalSite
from tests.unit.ingest.test_pipeline import TEXT, FakeKafka

ASKED_AT = datetime(2020, 11, 25, 12, tzinfo=UTC)


class Rasid:
    """Polls the feed of a site, from one cursor to the next."""

    def __init__(self, site: LocalSite, id_: str) -> None:
        self.source = Source(id=id_, name="مصدر", url=f"{site.url}/feed.xml", language="ar")
        self.kafka = FakeKafka()
        self.state = SourceState(source_id=id_)
        self.asked: list[datetime] = []

    def poll(self, times: int = 1) -> SourceState:
        asyncio.run(self._poll(times))
        return self.state

    async def _poll(self, times: int) -> None:
        async with open_fetcher(LOCAL) as fetcher:
            retries = Retries(Pipeline(fetcher, self.kafka, Health(60)))
            for asked_at in self.asked:
                request = RetryRequest(source_id=self.source.id, asked_at=asked_at)
                retries.ask(request, poll_soon=lambda _: None)
            for _ in range(times):
                cursor = PackedCursor.of(self.state)
                self.state = (await retries.poll_source(self.source, cursor)).cursor.state()


def untitled(*numbers: int) -> Answer:
    """Return a feed of items that are nothing without their pages."""
    items = "".join(
        f"<item><link>/news/{number}</link><guid>{number}</guid></item>" for number in numbers
    )
    body = f'<?xml version="1.0"?><rss version="2.0"><channel>{items}</channel></rss>'
    return Answer(body.encode(), headers={"Content-Type": "application/rss+xml", "ETag": '"1"'})


def retried_by_metric(source_id: str) -> float:
    labels = {"source": source_id, "outcome": "retried"}
    return REGISTRY.get_sample_value("rasid_source_items_total", labels) or 0


@pytest.fixture
def site() -> Iterator[LocalSite]:
    with LocalSite() as site:
        site.answers["/feed.xml"] = untitled(1, 2)
        yield site


def test_what_was_given_up_is_tried_again_once_it_is_asked_for(site: LocalSite) -> None:
    rasid = Rasid(site, "asked")
    state = rasid.poll(MAX_ATTEMPTS + 1)
    assert (given_up(state), state.totals) == (["1", "2"], {"dead": 2})
    assert rasid.poll().pending == state.pending  # left alone
    site.publish(1, TEXT)
    rasid.asked = [ASKED_AT]
    state = rasid.poll()
    assert (state.seen.keys(), state.pending) == ({"1"}, {"2": 2})
    assert state.totals == {"dead": 2, "retried": 2, "published": 1}
    assert state.retried_at == ASKED_AT
    state = rasid.poll(MAX_ATTEMPTS)
    assert (given_up(state), state.totals) == (
        ["2"],
        {"dead": 3, "retried": 2, "published": 1},
    )
    assert retried_by_metric("asked") == 2
    status = status_of(rasid.source, state, datetime.now(UTC))
    assert (status.today.items, status.given_up) == (2, ("2",))


def test_a_request_is_done_once_also_by_another_instance_and_a_later_one_again(
    site: LocalSite,
) -> None:
    rasid = Rasid(site, "twice")
    rasid.poll(MAX_ATTEMPTS)
    rasid.asked = [ASKED_AT]
    rasid.poll(MAX_ATTEMPTS)
    asked = len(site.asked("/news/1"))
    assert asked == 2 * MAX_ATTEMPTS - 1
    rasid.poll()  # whoever takes the source over hears of the request, too
    assert len(site.asked("/news/1")) == asked
    rasid.asked = [ASKED_AT, ASKED_AT + timedelta(seconds=1)]
    rasid.poll()
    assert len(site.asked("/news/1")) == asked + 1


def test_the_cursor_with_the_request_is_recorded_before_anything_is_read(site: LocalSite) -> None:
    rasid = Rasid(site, "recorded")
    rasid.poll(MAX_ATTEMPTS)
    rasid.asked, rasid.kafka = [ASKED_AT], FakeKafka()
    rasid.poll()
    first = rasid.kafka.written[0]
    assert isinstance(first, SourceState)
    assert (first.retried_at, first.pending, first.etag) == (ASKED_AT, {"1": 1, "2": 1}, None)
    assert first.totals == {"dead": 2, "retried": 2}


def test_what_has_left_the_feed_meanwhile_is_given_up_anew(site: LocalSite) -> None:
    rasid = Rasid(site, "left")
    rasid.poll(MAX_ATTEMPTS)
    site.answers["/feed.xml"] = untitled(2)
    rasid.asked = [ASKED_AT]
    assert rasid.poll().totals == {"dead": 3, "retried": 2}


def test_where_nothing_is_given_up_a_request_changes_nothing(site: LocalSite) -> None:
    rasid = Rasid(site, "nothing")
    site.publish(1, TEXT)
    site.publish(2, TEXT + " ثان.")
    before = rasid.poll()
    rasid.asked, rasid.kafka = [ASKED_AT], FakeKafka()
    after = rasid.poll()
    assert (after.seen, after.totals, after.etag) == (before.seen, before.totals, before.etag)
    assert rasid.kafka.written == []


def test_a_request_that_comes_during_a_poll_makes_another_one_follow(site: LocalSite) -> None:
    rasid = Rasid(site, "during")
    rasid.poll(MAX_ATTEMPTS)

    async def poll() -> None:
        async with open_fetcher(LOCAL) as fetcher:
            retries = Retries(Pipeline(fetcher, rasid.kafka, Health(60)))
            polling = asyncio.create_task(
                retries.poll_source(rasid.source, PackedCursor.of(rasid.state))
            )
            await asyncio.sleep(0)  # until it waits for the site
            request = RetryRequest(source_id="during", asked_at=ASKED_AT)
            retries.ask(request, poll_soon=lambda _: None)
            assert (await polling).cursor.head.retried_at == ASKED_AT

    asyncio.run(poll())
    assert [request.status for request in site.asked("/feed.xml")][-2:] == [304, 200]
