"""One poll: what is published, what is recorded, and in which order."""

import asyncio
from collections.abc import Iterator, Sequence

import pytest

from services.contract.articles import RawArticle, SourceState
from services.ingest import pipeline as pipeline_module
from services.ingest.core.sources import Source
from services.ingest.edges.http import open_fetcher
from services.ingest.edges.publisher import PublishError
from services.ingest.pipeline import Pipeline
from services.runtime.health import Health
from tests.local_site import Answer, LocalSite

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


def poll(
    site: LocalSite,
    kafka: FakeKafka,
    state: SourceState | None = None,
    health: Health | None = None,
) -> SourceState:
    source = Source(id="s", name="مصدر", url=f"{site.url}/feed.xml", language="ar")

    async def once() -> SourceState:
        async with open_fetcher("Rasid/test", 2, 1_000_000) as fetcher:
            pipeline = Pipeline(fetcher, kafka, health or Health(60))
            return await pipeline.poll_source(source, state or SourceState(source_id="s"))

    return asyncio.run(once())


def test_the_cursor_is_recorded_after_all_articles(site: LocalSite) -> None:
    for number in (1, 2, 3):
        site.publish(number, TEXT)
    site.feed(1, 2, 3)
    kafka = FakeKafka()
    state = poll(site, kafka)
    assert [type(message) for message in kafka.written] == [RawArticle] * 3 + [SourceState]
    assert state.seen.keys() == {"1", "2", "3"}


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
    assert [type(message) for message in kafka.written] == [RawArticle, SourceState]
    assert "kafka" not in health.missing()


@pytest.mark.parametrize(
    "page",
    [
        Answer(status=500),
        Answer(b"<div>" * 50_000),
        Answer(b"\xff\xfe\x00", headers={"Content-Type": "text/html; charset=idna"}),
        Answer(status=302, headers={"Location": "http://[bad"}),
        Answer(b"%PDF-1.7 \0\1\2", headers={"Content-Type": "application/pdf"}),
    ],
    ids=["error", "deep nesting", "garbage", "bad redirect", "another kind of file"],
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


@pytest.mark.parametrize("link", ["", "mailto:a@b.ly", "http://[bad/", "https://"])
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
