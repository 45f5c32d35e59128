"""One poll: what is published, what is recorded, and in which order."""

import asyncio
import re
from collections.abc import Iterator, Sequence
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from prometheus_client import REGISTRY

from services.contract.articles import BackOff, RawArticle, SourceState
from services.contract.wire import ContractError
from services.ingest import listings
from services.ingest import pipeline as pipeline_module
from services.ingest.core import kinds
from services.ingest.core.attempts import MAX_ATTEMPTS
from services.ingest.core.feed import parse_feed
from services.ingest.core.items import Listing
from services.ingest.core.kinds import read_listing
from services.ingest.core.packed import PackedCursor
from services.ingest.core.sources import Source
from services.ingest.edges.http import open_fetcher
from services.ingest.edges.publisher import PublishError
from services.ingest.metrics import PAGES, forget_source
from services.ingest.pipeline import CHUNK, Pipeline
from services.ingest.schedule import Schedule
from services.runtime.health import Health
from tests.local_site import LOCAL, Answer, LocalSite
from tests.support import eventually

UNCHANGED = "rasid_source_polls_total"
TEXT = "عقد المجلس البلدي في طرابلس جلسة عادية ناقش فيها أعضاؤه خطة صيانة الطرق قبل موسم الأمطار."


class FakeKafka:
    """Keeps what is published in order; refuses the first ``refusals`` writes."""

    def __init__(self, refusals: int = 0) -> None:
        self.written: list[RawArticle | SourceState] = []
        self.refusals = refusals

    def publish_articles(self, articles: Sequence[RawArticle]) -> None:
        self._write(*articles)

    def publish_state(self, state: SourceState) -> None:
        self._write(state)

    def _write(self, *messages: RawArticle | SourceState) -> None:
        if self.refusals:
            self.refusals -= 1
            raise PublishError("no broker")
        self.written += messages


@pytest.fixture
def site() -> Iterator[LocalSite]:
    with LocalSite() as site:
        yield site


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline_module, "PUBLISH_AGAIN_S", 0)


def source(site: LocalSite, id: str = "s", path: str = "feed.xml") -> Source:  # noqa: A002
    return Source(id=id, name="مصدر", url=f"{site.url}/{path}", language="ar")


def poll(
    site: LocalSite,
    kafka: FakeKafka,
    state: SourceState | None = None,
    health: Health | None = None,
) -> SourceState:
    async def once() -> SourceState:
        async with open_fetcher(LOCAL) as fetcher:
            pipeline = Pipeline(fetcher, kafka, health or Health(60))
            cursor = PackedCursor.of(state) if state else PackedCursor.new("s")
            return (await pipeline.poll_source(source(site), cursor)).cursor.state()

    return asyncio.run(once())


@pytest.mark.slow
def test_the_cursor_is_recorded_before_reading_before_and_after_publishing(site: LocalSite) -> None:
    for number in (1, 2, 3):
        site.publish(number, TEXT)
    site.feed(1, 2, 3)
    kafka = FakeKafka()
    state = poll(site, kafka)
    sighted, intended, *articles, after = kafka.written
    assert isinstance(sighted, SourceState)
    assert isinstance(intended, SourceState)
    assert [type(article) for article in articles] == [RawArticle] * 3
    assert (sighted.waiting.keys(), sighted.seen) == ({"1", "2", "3"}, {})
    assert (intended.unconfirmed.keys(), intended.totals) == ({"1", "2", "3"}, None)
    assert after == state.model_copy(update={"polled_at": after.polled_at})
    assert state.seen.keys() == {"1", "2", "3"}
    assert (state.unconfirmed, state.totals) == ({}, {"published": 3})


@pytest.mark.slow
def test_a_long_feed_is_published_and_recorded_in_chunks(site: LocalSite) -> None:
    count = 2 * CHUNK + 1
    for number in range(count):
        site.publish(number, f"{TEXT} {number}.")
    site.feed(*range(count), etag='"1"')
    kafka = FakeKafka()
    state = poll(site, kafka)
    kinds = [[RawArticle] * CHUNK, [RawArticle] * CHUNK, [RawArticle]]
    expected = [kind for chunk in kinds for kind in (SourceState, *chunk, SourceState)]
    assert [type(message) for message in kafka.written] == [SourceState, *expected]
    _, *cursors = (message for message in kafka.written if isinstance(message, SourceState))
    cursors = cursors[1::2]  # what became of each chunk; before it what is intended
    assert [len(cursor.seen) for cursor in cursors] == [CHUNK, 2 * CHUNK, count]
    # Only when all is read may the server say that nothing changed.
    assert [cursor.etag for cursor in cursors] == [None, None, '"1"']
    after_a_kill, again = cursors[0], FakeKafka()
    assert poll(site, again, after_a_kill).seen.keys() == state.seen.keys()
    assert sum(isinstance(message, RawArticle) for message in again.written) == CHUNK + 1


@pytest.mark.slow
def test_a_longer_cursor_is_written_less_often(site: LocalSite) -> None:
    site.publish(0, TEXT)
    site.feed(0)
    state = poll(site, FakeKafka())
    old = {f"old {number}": state.seen["0"] for number in range(8 * CHUNK - 1)}
    state = state.model_copy(update={"seen": state.seen | old})
    for number in range(1, 3 * CHUNK + 1):
        site.publish(number, f"{TEXT} {number}.")
    site.feed(*range(3 * CHUNK + 1))
    kafka = FakeKafka()
    poll(site, kafka, state)
    assert len(articles_of(kafka)) == 3 * CHUNK
    assert len(cursors_of(kafka)) == 1 + 2 * 2  # of a hundred and of fifty
    # Nothing is on the topic that no cursor before it said.
    intended = [cursor.unconfirmed.keys() for cursor in cursors_of(kafka)]
    assert [len(keys) for keys in intended] == [0, 2 * CHUNK, 0, CHUNK, 0]


def articles_of(kafka: FakeKafka) -> list[RawArticle]:
    return [message for message in kafka.written if isinstance(message, RawArticle)]


def cursors_of(kafka: FakeKafka) -> list[SourceState]:
    return [message for message in kafka.written if isinstance(message, SourceState)]


def test_killed_before_the_confirmation_was_recorded_the_same_version_comes_again(
    site: LocalSite,
) -> None:
    site.publish(1, TEXT)
    site.feed(1, etag='"1"')
    kafka, again = FakeKafka(), FakeKafka()
    poll(site, kafka)
    intended = cursors_of(kafka)[1]
    state = poll(site, again, intended)
    (first,), (second,) = articles_of(kafka), articles_of(again)
    assert (second.article_id, second.revision) == (first.article_id, 1)
    assert (second.content_hash, second.fetched_at > first.fetched_at) == (first.content_hash, True)
    assert (state.totals, state.unconfirmed) == ({"published": 1}, {})


def test_what_changed_before_the_confirmation_was_recorded_is_another_revision(
    site: LocalSite,
) -> None:
    site.publish(1, TEXT)
    site.feed(1, etag='"1"')
    kafka, again = FakeKafka(), FakeKafka()
    poll(site, kafka)
    site.publish(1, TEXT + " تصحيح.")
    state = poll(site, again, cursors_of(kafka)[1])
    assert [(a.revision, a.change) for a in articles_of(again)] == [(2, "body")]
    assert state.totals == {"published": 1}


def test_an_item_that_left_the_feed_while_we_were_killed_is_published(site: LocalSite) -> None:
    site.publish(1, TEXT)
    site.feed(1)
    kafka, again = FakeKafka(), FakeKafka()
    poll(site, kafka)
    site.feed()
    state = poll(site, again, cursors_of(kafka)[0])
    assert [a.title for a in articles_of(again)] == ["خبر رقم 1"]
    assert state.totals == {"published": 1}


def test_an_article_is_read_again_though_nothing_says_that_it_changed(site: LocalSite) -> None:
    site.publish(1, TEXT)
    site.feed(1, etag='"1"')
    feed = site.answers["/feed.xml"]
    undated = re.sub(b"<pubDate>.*?</pubDate>", b"", feed.body)
    site.answers["/feed.xml"] = Answer(undated, headers=feed.headers)
    state = poll(site, FakeKafka())
    waiting = state.waiting["1"].model_copy(update={"due_at": state.seen["1"].first_seen_at})
    state = state.model_copy(update={"waiting": {"1": waiting}})
    site.publish(1, TEXT + " تصحيح.")
    kafka = FakeKafka()
    poll(site, kafka, state)
    assert site.asked("/feed.xml")[-1].status == 304
    assert [(a.revision, a.change) for a in articles_of(kafka)] == [(2, "body")]


def with_etag(site: LocalSite, path: str, etag: str) -> None:
    page = site.answers[path]
    site.answers[path] = Answer(page.body, headers={**page.headers, "ETag": etag})


def appointed(state: SourceState) -> SourceState:
    """Return the cursor as if it were time to read everything again."""
    now = {
        key: entry.model_copy(update={"due_at": state.seen[key].first_seen_at})
        for key, entry in state.waiting.items()
    }
    return state.model_copy(update={"waiting": now})


def test_an_article_that_its_site_says_is_the_same_is_not_read_again(site: LocalSite) -> None:
    site.publish(1, TEXT)
    with_etag(site, "/news/1", 'W/"one"')
    site.feed(1, etag='"1"')
    feed = site.answers["/feed.xml"]
    undated = re.sub(b"<pubDate>.*?</pubDate>", b"", feed.body)
    site.answers["/feed.xml"] = Answer(undated, headers=feed.headers)
    first = poll(site, FakeKafka())
    kafka = FakeKafka()
    state = poll(site, kafka, appointed(first))
    assert site.asked("/news/1")[-1].status == 304
    assert (articles_of(kafka), state.totals) == ([], {"published": 1, "unchanged": 1})
    assert state.waiting == first.waiting  # the reading after a day is the next one again
    # What the site says is another page is read, and what it says then is kept in turn.
    site.publish(1, TEXT + " تصحيح.")
    with_etag(site, "/news/1", '"two"')
    state = poll(site, kafka, appointed(state))
    assert [(a.revision, a.change) for a in articles_of(kafka)] == [(2, "body")]
    assert [entry.validator for entry in state.waiting.values()] == ['"two"']


def test_an_article_that_the_feed_says_has_changed_is_read_whatever_its_site_says(
    site: LocalSite,
) -> None:
    site.publish(1, TEXT)
    with_etag(site, "/news/1", '"stuck"')
    site.feed(1)
    state = poll(site, FakeKafka())
    site.publish(1, TEXT + " تصحيح.")
    with_etag(site, "/news/1", '"stuck"')
    site.feed(1, note="تصحيح")
    kafka = FakeKafka()
    poll(site, kafka, state)
    assert [(a.revision, a.change) for a in articles_of(kafka)] == [(2, "body")]


@pytest.mark.slow
def test_the_counts_come_to_what_was_shown(site: LocalSite) -> None:
    for number in range(1, 7):
        site.publish(number, f"{TEXT} {number}.")
    site.publish(7, f"{TEXT} 6.")  # the sixth once more, under its title
    same_title = "خبر رقم 6 من أخبار المدينة"
    for number in (6, 7):
        page = site.answers[f"/news/{number}"]
        body = page.body.replace(f"خبر رقم {number}".encode(), same_title.encode())
        site.answers[f"/news/{number}"] = Answer(body, headers=page.headers)
    site.feed(*range(1, 9))  # 8 is not there
    feed = site.answers["/feed.xml"]
    body = feed.body
    for number in (6, 7):
        body = body.replace(f"خبر رقم {number}<".encode(), f"{same_title}<".encode())
    site.answers["/feed.xml"] = Answer(
        body.replace("خبر رقم 8".encode(), b""), headers=feed.headers
    )
    state = None
    for _ in range(MAX_ATTEMPTS):
        state = poll(site, FakeKafka(), state)
    assert state
    assert state.totals == {"published": 6, "duplicate": 1, "dead": 1}
    assert sum(map(sum, (day.values() for day in (state.daily or {}).values()))) == 8


def test_an_item_that_leaves_the_feed_untried_is_counted_everywhere(site: LocalSite) -> None:
    def counted() -> dict[str, float]:
        return {
            name: REGISTRY.get_sample_value(
                "rasid_source_items_total", {"source": "s", "outcome": name}
            )
            or 0
            for name in ("published", "dead")
        }

    before = counted()
    site.publish(1, TEXT)
    site.feed(1, 8)  # 8 is not there
    feed = site.answers["/feed.xml"]
    untitled = feed.body.replace("خبر رقم 8".encode(), b"")
    site.answers["/feed.xml"] = Answer(untitled, headers=feed.headers)
    state = poll(site, FakeKafka())
    assert state.pending
    site.feed(1)
    state = poll(site, FakeKafka(), state.model_copy(update={"waiting": {}}))
    assert state.totals == {"published": 1, "dead": 1}
    assert {name: count - before[name] for name, count in counted().items()} == state.totals


def test_a_source_says_since_when_it_is_silent_also_after_a_restart(site: LocalSite) -> None:
    def last_article() -> float | None:
        name = "rasid_source_last_article_timestamp_seconds"
        return REGISTRY.get_sample_value(name, {"source": "s"})

    site.publish(1, TEXT)
    site.feed(1)
    state = poll(site, FakeKafka())
    (seen,) = state.seen.values()
    forget_source("s")
    poll(site, FakeKafka(), state)
    assert last_article() == seen.first_seen_at.timestamp()


def test_items_of_one_address_are_one_article_across_chunks(site: LocalSite) -> None:
    for number in range(CHUNK + 1):
        site.publish(number, f"{TEXT} {number}.")
    site.feed(*range(CHUNK + 1))
    feed = site.answers["/feed.xml"]
    last = f"{site.url}/news/{CHUNK}<".encode()
    body = feed.body.replace(last, f"{site.url}/news/0<".encode())
    site.answers["/feed.xml"] = Answer(body, headers=feed.headers)
    kafka = FakeKafka()
    poll(site, kafka)
    articles = [message for message in kafka.written if isinstance(message, RawArticle)]
    assert len(articles) == CHUNK
    assert {article.revision for article in articles} == {1}


def test_a_teaser_is_published_while_the_page_is_down_and_the_page_when_it_is_back(
    site: LocalSite,
) -> None:
    site.answers["/news/1"] = Answer(status=503)
    site.feed(1, note="موجز الخبر كما في الخلاصة.", etag='"1"')
    kafka = FakeKafka()
    state = rested(poll(site, kafka))
    state = rested(poll(site, kafka, state))
    site.publish(1, TEXT)
    state = poll(site, kafka, state)
    articles = [message for message in kafka.written if isinstance(message, RawArticle)]
    told = [(a.text_origin, a.revision, a.text) for a in articles]
    assert told == [("feed", 1, "موجز الخبر كما في الخلاصة."), ("page", 2, TEXT)]
    assert (state.etag, state.pending) == ('"1"', {})


def rested(state: SourceState) -> SourceState:
    """Return the cursor as if all that rests had rested long enough."""
    assert state.backing_off
    over = {
        key: BackOff(since=rest.since, until=rest.since) for key, rest in state.backing_off.items()
    }
    return state.model_copy(update={"backing_off": over})


@pytest.mark.slow
def test_a_page_that_never_comes_is_not_asked_for_for_ever(site: LocalSite) -> None:
    site.feed(1, note="موجز الخبر كما في الخلاصة.", etag='"1"')
    kafka, state = FakeKafka(), None
    for _ in range(MAX_ATTEMPTS + 2):
        state = poll(site, kafka, state)
    assert len(site.asked("/news/1")) == MAX_ATTEMPTS
    assert sum(isinstance(message, RawArticle) for message in kafka.written) == 1
    assert [request.status for request in site.asked("/feed.xml")][-2:] == [304, 304]


HOSTILE_FEEDS = [
    Answer(b"<rss><item><title>&#55357;&#56832; &#55357;</title></item></rss>"),
    Answer(b"<rss>\x80\xff</rss>", headers={"Content-Type": "text/xml; charset=punycode"}),
]


@pytest.mark.slow
@pytest.mark.parametrize("hostile", HOSTILE_FEEDS, ids=["halves of characters", "punycode"])
def test_a_hostile_source_ends_no_other(site: LocalSite, hostile: Answer) -> None:
    site.answers["/hostile.xml"] = hostile
    poll_two(site, FakeKafka())


@pytest.mark.slow
def test_a_source_that_breaks_the_reader_ends_no_other(
    site: LocalSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.answers["/hostile.xml"] = Answer(b"<rss>bug</rss>")

    def parse(text: str, url: str, zone: ZoneInfo) -> Listing:
        if "bug" in text:
            raise ZeroDivisionError
        return parse_feed(text, url, zone)

    monkeypatch.setattr(kinds, "parse_feed", parse)
    before = polls_unreadable()
    poll_two(site, FakeKafka())
    assert polls_unreadable() > before


@pytest.mark.slow
def test_a_source_that_the_contract_cannot_hold_ends_no_other(site: LocalSite) -> None:
    site.feed(2)
    site.publish(2, TEXT)
    site.answers["/hostile.xml"] = site.answers["/feed.xml"]

    class Kafka(FakeKafka):
        def publish_state(self, state: SourceState) -> None:
            if state.source_id == "hostile":
                raise ContractError("too-large", "message", "5 MB")
            super().publish_state(state)

    before = polls_unreadable()
    poll_two(site, Kafka())
    assert polls_unreadable() > before


def polls_unreadable() -> float:
    labels = {"source": "hostile", "outcome": "unreadable"}
    return REGISTRY.get_sample_value("rasid_source_polls_total", labels) or 0


def poll_two(site: LocalSite, kafka: FakeKafka) -> None:
    """Poll a hostile source and a good one until each was polled twice and the good one is out."""
    site.publish(1, TEXT)
    site.feed(1)

    def polled() -> bool:
        return all(len(site.asked(path)) >= 3 for path in ("/hostile.xml", "/feed.xml"))

    async def run() -> None:
        async with open_fetcher(LOCAL) as fetcher:
            schedule = Schedule(Pipeline(fetcher, kafka, Health(60)).poll_source, 8, Health(60))
            sources = [
                source(site, name, path).model_copy(update={"poll_min_s": 0.05, "poll_max_s": 0.05})
                for name, path in (("hostile", "hostile.xml"), ("good", "feed.xml"))
            ]
            schedule.add((source, PackedCursor.new(source.id)) for source in sources)
            running = asyncio.create_task(schedule.run())
            await asyncio.to_thread(eventually, lambda: running.done() or polled(), 10)
            schedule.stop()
            await running

    asyncio.run(run())
    assert polled()
    published = [message for message in kafka.written if isinstance(message, RawArticle)]
    assert "good" in {article.source_id for article in published}


def test_nothing_new_writes_nothing(site: LocalSite) -> None:
    site.publish(1, TEXT)
    site.feed(1)
    state = poll(site, FakeKafka())
    again = FakeKafka()
    assert poll(site, again, state).seen.keys() == state.seen.keys()
    assert again.written == []
    assert len(site.asked("/news/1")) == 1


def test_while_kafka_refuses_it_tries_again_and_is_not_ready(site: LocalSite) -> None:
    site.publish(1, TEXT)
    site.feed(1)
    kafka, health = FakeKafka(refusals=3), Health(60)
    poll(site, kafka, health=health)
    kinds = [SourceState, SourceState, RawArticle, SourceState]
    assert [type(message) for message in kafka.written] == kinds
    assert "publishing" not in health.missing()


def test_one_sources_success_does_not_make_ready_while_another_waits(site: LocalSite) -> None:
    site.publish(1, TEXT)
    site.feed(1)
    stuck, fine, health = FakeKafka(refusals=1_000_000), FakeKafka(), Health(60)

    class Kafka(FakeKafka):
        def publish_articles(self, articles: Sequence[RawArticle]) -> None:
            (stuck if articles[0].source_id == "a" else fine).publish_articles(articles)

    async def both() -> None:
        async with open_fetcher(LOCAL) as fetcher:
            pipeline = Pipeline(fetcher, Kafka(), health)
            polls = [
                asyncio.create_task(
                    pipeline.poll_source(source(site, name), PackedCursor.new(name))
                )
                for name in ("a", "b")
            ]
            await polls[1]
            await asyncio.to_thread(eventually, lambda: stuck.refusals < 999_998)
            assert "publishing" in health.missing()
            stuck.refusals = 0
            await polls[0]

    asyncio.run(both())
    assert "publishing" not in health.missing()


@pytest.mark.parametrize(
    "page",
    [
        Answer(status=500),
        Answer(b"<div>" * 50_000),
        Answer(b"\xff\xfe\x00", headers={"Content-Type": "text/html; charset=idna"}),
        Answer(status=302, headers={"Location": "http://[bad"}),
        Answer(b"%PDF-1.7 \0\1\2", headers={"Content-Type": "application/pdf"}),
        Answer(b"<title>Just a moment...</title><p>Checking.</p>"),
    ],
    ids=["error", "deep nesting", "garbage", "bad redirect", "another kind of file", "a wall"],
)
def test_a_bad_page_harms_no_other_and_the_feed_stands_in(site: LocalSite, page: Answer) -> None:
    site.publish(1, TEXT)
    site.answers["/news/2"] = page
    site.publish(3, TEXT)
    site.feed(1, 2, 3, note="موجز الخبر كما في الخلاصة.")
    kafka = FakeKafka()
    poll(site, kafka)
    texts = {m.url[-1]: m.text for m in kafka.written if isinstance(m, RawArticle)}
    assert texts["1"] == texts["3"] == TEXT
    assert texts["2"] == "موجز الخبر كما في الخلاصة."


def test_behind_a_wall_the_feed_stands_in_until_the_page_can_be_read(site: LocalSite) -> None:
    site.answers["/news/1"] = Answer(b"<title>Just a moment...</title><p>Checking.</p>")
    site.feed(1, note="موجز الخبر كما في الخلاصة.")
    kafka = FakeKafka()
    walls = PAGES.labels("challenge")._value.get()
    state = poll(site, kafka)
    assert PAGES.labels("challenge")._value.get() == walls + 1
    site.publish(1, TEXT)
    poll(site, kafka, state)
    read = [m for m in kafka.written if isinstance(m, RawArticle)]
    assert [(m.text_origin, m.revision) for m in read] == [("feed", 1), ("page", 2)]
    assert read[0].article_id == read[1].article_id


@pytest.mark.parametrize(
    "link", ["", "mailto:a@b.ly", "http://[bad/", "https://", r"http://a\@127.0.0.1/"]
)
def test_an_item_without_a_usable_address_harms_no_other(site: LocalSite, link: str) -> None:
    site.publish(1, TEXT)
    site.feed(1, 2)
    feed = site.answers["/feed.xml"]
    body = feed.body.replace(f"{site.url}/news/2".encode(), link.encode())
    site.answers["/feed.xml"] = Answer(body, headers=feed.headers)
    kafka = FakeKafka()
    state = poll(site, kafka)
    assert [m.url[-1] for m in kafka.written if isinstance(m, RawArticle)] == ["1"]
    assert state.pending == {"2": 1}


def test_a_failed_feed_keeps_the_cursor(site: LocalSite) -> None:
    site.publish(1, TEXT)
    site.feed(1, etag='"1"')
    state = poll(site, FakeKafka())
    site.answers["/feed.xml"] = Answer(status=502)
    kafka = FakeKafka()
    after = poll(site, kafka, state)
    assert (after.seen, after.etag, after.failures) == (state.seen, '"1"', 1)
    assert kafka.written == []


def test_a_new_body_behind_the_old_etag_is_new(site: LocalSite) -> None:
    site.publish(1, TEXT)
    site.publish(2, TEXT)
    site.feed(1, etag='"1"')
    state = poll(site, FakeKafka())
    site.feed(1, 2)  # the server no longer honours the validator
    feed = site.answers["/feed.xml"]
    site.answers["/feed.xml"] = Answer(feed.body, headers={"Etag": '"1"'})
    kafka = FakeKafka()
    poll(site, kafka, state)
    assert [m.url[-1] for m in kafka.written if isinstance(m, RawArticle)] == ["2"]


def test_the_same_bytes_are_not_read_again_but_once_a_day(
    site: LocalSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    readings = []
    monkeypatch.setattr(
        listings, "read_listing", lambda *asked: readings.append(asked) or read_listing(*asked)
    )
    site.publish(1, TEXT)
    site.feed(1)
    state = poll(site, FakeKafka())
    before = REGISTRY.get_sample_value(UNCHANGED, {"source": "s", "outcome": "unchanged"}) or 0
    again = poll(site, FakeKafka(), state)
    assert len(readings) == 1
    assert (
        REGISTRY.get_sample_value(UNCHANGED, {"source": "s", "outcome": "unchanged"}) == before + 1
    )
    assert (again.seen, again.body_hash, again.old_share) == (state.seen, state.body_hash, 1)
    long_ago = state.model_copy(update={"full_at": state.full_at - timedelta(days=1)})
    poll(site, FakeKafka(), long_ago)
    assert len(readings) == 2


def test_the_same_bytes_are_read_again_for_an_item_that_is_to_be_tried_again(
    site: LocalSite,
) -> None:
    site.answers["/news/1"] = Answer(b"", status=500)
    site.feed(1)
    state = poll(site, FakeKafka())
    assert (state.body_hash, list(state.pending)) == (None, ["1"])
    site.publish(1, TEXT)
    kafka = FakeKafka()
    poll(site, kafka, state.model_copy(update={"backing_off": {}}))
    assert [m.url[-1] for m in kafka.written if isinstance(m, RawArticle)] == ["1"]
