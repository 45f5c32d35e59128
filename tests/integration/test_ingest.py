"""ingest as a process, on a local site and a real Kafka."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local.config import StackConfig
from services.contract.articles import RawArticle, document_version
from services.ingest.edges.cursors import read_states
from services.ingest.schedule import POLLS_PER_HOST
from services.runtime.settings import Settings
from tests.local_site import Answer, LocalSite
from tests.processes import ServiceProcess
from tests.raw_topic import published
from tests.servers import frozen
from tests.support import eventually

TEXT = "عقد المجلس البلدي في طرابلس جلسة عادية ناقش فيها أعضاؤه صيانة الطرق قبل موسم الأمطار."


@pytest.fixture
def site() -> Iterator[LocalSite]:
    with LocalSite() as site:
        yield site


def ingest_process(
    site: LocalSite, environ: dict[str, str], folder: Path, interval_s: float = 1, **more: str
) -> ServiceProcess:
    sources = folder / "sources.yaml"
    sources.write_text(
        "sources:\n"
        f"  - {{id: local, name: موقع محلي, url: '{site.url}/feed.xml', language: ar,"
        f" poll_min_s: {interval_s}, poll_max_s: {interval_s}}}\n"
    )
    return ServiceProcess("ingest", environ | {"RASID_INGEST_SOURCES": str(sources)} | more, folder)


def published_at_least(settings: Settings, count: int) -> list[RawArticle]:
    def enough() -> list[RawArticle]:
        articles = published(settings)
        return articles if len(articles) >= count else []

    return eventually(enough, what=f"{count} articles on the topic")


def test_what_a_feed_lists_is_on_the_topic_as_readers_see_it(
    site: LocalSite, settings: Settings, settings_environ: dict[str, str], tmp_path: Path
) -> None:
    for number in range(5):
        site.publish(number, f"{TEXT} الخبر {number}.")
    site.feed(*range(5), etag='"1"')
    with ingest_process(site, settings_environ, tmp_path) as ingest:
        articles = published_at_least(settings, 5)
        assert {a.title for a in articles} == {f"خبر رقم {number}" for number in range(5)}
        assert {a.text for a in articles} == {f"{TEXT} الخبر {number}." for number in range(5)}
        assert {a.published_at.isoformat() for a in articles if a.published_at} == {
            f"2020-11-22T08:00:0{number}+00:00" for number in range(5)
        }
        assert {(a.text_origin, a.mode, a.revision) for a in articles} == {("page", "live", 1)}
        eventually(lambda: ingest.metric("rasid_articles_total", fate="done") == 5)
        # From now on the server says 304 and no page is read again.
        eventually(lambda: [r.status for r in site.asked("/feed.xml")][-2:] == [304, 304])
        assert all(len(site.asked(f"/news/{number}")) == 1 for number in range(5))
        assert ingest.metric("rasid_source_polls_total", outcome="not-modified") >= 1
        assert ingest.terminate() == 0
    assert len(published(settings)) == 5


def test_a_changed_article_is_a_newer_revision_and_an_unchanged_one_is_not_published(
    site: LocalSite, settings: Settings, settings_environ: dict[str, str], tmp_path: Path
) -> None:
    site.publish(1, TEXT)
    site.publish(2, TEXT + " ثان.")
    site.feed(1, 2)
    with ingest_process(site, settings_environ, tmp_path) as ingest:
        published_at_least(settings, 2)
        site.publish(1, TEXT + " تصحيح.")
        site.feed(1, 2, note="محدث")  # both items change, one page does
        articles = published_at_least(settings, 3)
        eventually(lambda: ingest.metric("rasid_articles_total", reason="unchanged") == 1)
        assert ingest.metric("rasid_articles_total", reason="revised") == 1
    first, second = (a for a in articles if a.url.endswith("/1"))
    assert (first.revision, second.revision) == (1, 2)
    assert first.article_id == second.article_id
    assert first.first_seen_at == second.first_seen_at
    assert document_version(first.fetched_at) < document_version(second.fetched_at)
    assert len(published(settings)) == 3


def test_nothing_is_published_again_after_a_restart(
    site: LocalSite, settings: Settings, settings_environ: dict[str, str], tmp_path: Path
) -> None:
    site.publish(1, TEXT)
    site.feed(1, etag='"1"')
    with ingest_process(site, settings_environ, tmp_path) as ingest:
        published_at_least(settings, 1)
        eventually(lambda: read_states(settings).get("local"))
        assert ingest.terminate() == 0  # killed, it would be waited for by its group
    site.requests.clear()
    with ingest_process(site, settings_environ, tmp_path):
        eventually(lambda: len(site.asked("/feed.xml")) >= 2)
    assert {request.status for request in site.asked("/feed.xml")} == {304}
    assert site.asked("/news/1") == []
    assert len(published(settings)) == 1


def test_killed_between_articles_and_cursor_the_same_revisions_come_once_more(
    site: LocalSite, settings: Settings, settings_environ: dict[str, str], tmp_path: Path
) -> None:
    for number in range(40):
        site.publish(number, f"{TEXT} الخبر {number}.")
    site.feed(*range(40))
    for _ in range(3):
        with ingest_process(site, settings_environ, tmp_path):
            count = len(published(settings))
            eventually(lambda count=count: len(published(settings)) > count or count >= 40)
            # The context ends with SIGKILL, at whatever point the poll is.
    with ingest_process(site, settings_environ, tmp_path) as ingest:
        eventually(lambda: ingest.metric("rasid_source_polls_total", outcome="unchanged") >= 1)
    articles = published(settings)
    assert len({a.article_id for a in articles}) == 40
    assert {a.revision for a in articles} == {1}
    assert len(read_states(settings)["local"].seen) == 40


def test_a_page_that_fails_becomes_the_feeds_text_or_is_tried_again(
    site: LocalSite, settings: Settings, settings_environ: dict[str, str], tmp_path: Path
) -> None:
    site.publish(1, TEXT)
    site.feed(1, 2, etag='"1"')  # 2 is not there, and the feed has no text of it
    with ingest_process(site, settings_environ, tmp_path) as ingest:
        published_at_least(settings, 1)
        eventually(lambda: len(site.asked("/news/2")) >= 2)
        site.publish(2, TEXT + " ثان.")
        articles = published_at_least(settings, 2)
        assert {a.text_origin for a in articles} == {"page"}
        site.feed(1, 2, 3, note="نص قصير من الخلاصة.", etag='"2"')
        by_url = {a.url: a for a in published_at_least(settings, 3)}
        third = by_url[f"{site.url}/news/3"]
        assert (third.text, third.text_origin) == ("نص قصير من الخلاصة.", "feed")
        assert ingest.metric("rasid_articles_total", fate="dead") == 0


def test_a_broken_feed_harms_no_other_source_and_comes_back_by_itself(
    site: LocalSite, settings: Settings, settings_environ: dict[str, str], tmp_path: Path
) -> None:
    site.publish(1, TEXT)
    site.answers["/feed.xml"] = Answer(b"<html>maintenance</html>")
    with ingest_process(site, settings_environ, tmp_path) as ingest:
        eventually(lambda: ingest.metric("rasid_source_polls_total", outcome="not-a-feed") >= 1)
        site.answers["/feed.xml"] = Answer(status=503)
        eventually(lambda: ingest.metric("rasid_source_polls_total", outcome="http-5xx") >= 1)
        site.feed(1)
        assert published_at_least(settings, 1)
        assert ingest.health("ready") == 200


def test_it_stops_in_time_while_a_page_does_not_answer(
    site: LocalSite, settings: Settings, settings_environ: dict[str, str], tmp_path: Path
) -> None:
    site.answers["/news/1"] = Answer(b"late", delay_s=15)
    site.feed(1)
    with ingest_process(site, settings_environ, tmp_path) as ingest:
        eventually(lambda: site.asked("/news/1"))
        started = time.monotonic()
        assert ingest.terminate(timeout_s=10) == 0
        assert time.monotonic() - started < 10
    state = read_states(settings)["local"]
    assert (state.waiting.keys(), state.seen) == ({"1"}, {})  # seen coming, not read


def test_without_kafka_it_is_not_ready_and_stops_all_the_same(
    site: LocalSite, settings_environ: dict[str, str], tmp_path: Path
) -> None:
    environ = settings_environ | {"RASID_KAFKA_BOOTSTRAP": "127.0.0.1:1"}
    ingest = ingest_process(site, environ, tmp_path)
    ingest.start()
    eventually(lambda: ingest.health("live") == 200)
    assert ingest.health("ready") == 503
    assert ingest.terminate() == 0


def test_it_is_ready_only_while_kafka_answers_though_there_is_no_news(
    site: LocalSite,
    stack: StackConfig,
    settings_environ: dict[str, str],
    tmp_path: Path,
) -> None:
    site.publish(1, TEXT)
    site.feed(1, etag='"1"')
    with ingest_process(site, settings_environ, tmp_path) as ingest:
        eventually(lambda: ingest.metric("rasid_source_polls_total", outcome="not-modified") >= 1)
        with frozen(stack, "kafka"):
            eventually(lambda: ingest.health("ready") == 503)
            # Nobody can say whether the source is still ours: it is left alone.
            eventually(lambda: ingest.metric("rasid_sources_scheduled") == 0)
        eventually(lambda: ingest.health("ready") == 200)
        polls = len(site.asked("/feed.xml"))
        eventually(lambda: len(site.asked("/feed.xml")) > polls)


def test_it_stops_in_time_while_news_of_ten_sources_wait_for_kafka(
    site: LocalSite, stack: StackConfig, settings_environ: dict[str, str], tmp_path: Path
) -> None:
    site.feed()
    ingest = ingest_process(site, settings_environ, tmp_path)
    every = "name: موقع, language: ar, poll_min_s: 1, poll_max_s: 1"
    listed = "".join(
        f"  - {{id: s{number}, url: '{site.url}/feed.xml#{number}', {every}}}\n"
        for number in range(10)
    )
    (tmp_path / "sources.yaml").write_text(f"sources:\n{listed}")
    with ingest:
        eventually(lambda: len(site.asked("/feed.xml")) >= 10)
        with frozen(stack, "kafka"):
            site.publish(1, TEXT)
            site.feed(1)
            asked = len(site.asked("/feed.xml"))
            # All have it, or so long after it was frozen that the group does not confirm us.
            eventually(
                lambda: (
                    len(site.asked("/feed.xml")) >= asked + POLLS_PER_HOST
                    or ingest.metric("rasid_sources_scheduled") == 0
                )
            )
            started = time.monotonic()
            assert ingest.terminate(timeout_s=10) == 0, ingest.tail()
            assert time.monotonic() - started < 10


@pytest.mark.parametrize(
    ("catalogue", "message"),
    [
        ("sources:\n  - {id: a, nam: A}\n", "sources.yaml:2: nam: no such key; did you mean name?"),
        ("sources: [", "sources.yaml:1: not YAML"),
    ],
    ids=["unknown key", "not YAML"],
)
def test_a_wrong_catalogue_ends_it_with_the_line(
    catalogue: str, message: str, site: LocalSite, tmp_path: Path
) -> None:
    ingest = ingest_process(site, {}, tmp_path)
    (tmp_path / "sources.yaml").write_text(catalogue)
    ingest.start()
    assert ingest.process is not None
    assert ingest.process.wait(30) == 78
    assert message in ingest.tail()
