"""index as a process, on a real Kafka and a real Elasticsearch."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from elasticsearch import Elasticsearch

from services.contract.articles import DateMention, EnrichedArticle
from services.contract.wire import encode
from services.index.config import alias
from services.index.edges.indices import ensure_index, index_name
from services.runtime.dead_letters import StoredDeadLetter, read_dead_letters
from services.runtime.elasticsearch import make_client
from services.runtime.service import EXIT_CONFIGURATION, EXIT_STOPPED
from services.runtime.settings import Settings
from tests.enriched_topic import publish, publish_articles, revision_of
from tests.processes import ServiceProcess
from tests.support import enriched_article, eventually, raw_article

SMALL_BATCHES = {"RASID_INDEX_BATCH_DOCUMENTS": "50"}


@pytest.fixture
def elasticsearch(settings: Settings) -> Iterator[Elasticsearch]:
    with make_client(settings) as client:
        yield client


def revisions(client: Elasticsearch, settings: Settings) -> dict[str, int]:
    """Return the revision of every document, by article id."""
    client.indices.refresh(index=alias(settings))
    found = client.search(index=alias(settings), size=10_000, source=["revision"])
    return {hit["_id"]: hit["_source"]["revision"] for hit in found["hits"]["hits"]}


def fates(index: ServiceProcess) -> int:
    return int(index.metric("rasid_articles_total"))


def dead(settings: Settings) -> list[StoredDeadLetter]:
    return list(read_dead_letters(settings, "index"))


def with_reversed_dates(number: int) -> EnrichedArticle:
    """Return an article that the contract allows and the mapping does not."""
    mention = DateMention.model_validate(
        {"start": 0, "end": 1, "text": "x", "value": None, "from": "2020-12-01",
         "to": "2020-11-01", "grain": "day", "kind": "range"},
        strict=False,
    )  # fmt: skip
    return enriched_article(number, dates=(mention,))


def test_killed_in_the_middle_it_leaves_every_document_at_its_newest_revision(
    settings_environ: dict[str, str],
    settings: Settings,
    elasticsearch: Elasticsearch,
    tmp_path: Path,
) -> None:
    newest = {number: random.Random(number).randint(1, 3) for number in range(2_000)}
    messages = [
        revision_of(number, revision)
        for number, last in newest.items()
        for revision in range(1, last + 1)
    ]
    expected = {revision_of(n, 1).article.article_id: last for n, last in newest.items()}
    random.Random(0).shuffle(messages)  # also the revisions of one article among themselves
    publish_articles(settings, messages)
    index = ServiceProcess("index", settings_environ | SMALL_BATCHES, tmp_path)
    with index:
        eventually(lambda: fates(index) > 500, every_s=0.02)
        seen = fates(index)
    assert seen < len(messages), "killed too late"
    index = ServiceProcess("index", settings_environ, tmp_path)
    with index:
        eventually(lambda: revisions(elasticsearch, settings) == expected, every_s=1)
        eventually(lambda: index.metric("rasid_consumer_lag_records") == 0)
        assert fates(index) < len(messages), "what was committed is not read again"
        assert index.terminate() == EXIT_STOPPED
    assert not dead(settings)


def test_an_older_fetch_is_stale_and_the_same_fetch_overwrites(
    settings_environ: dict[str, str],
    settings: Settings,
    elasticsearch: Elasticsearch,
    tmp_path: Path,
) -> None:
    publish_articles(settings, [revision_of(1, 2), revision_of(1, 1), revision_of(1, 2)])
    with ServiceProcess("index", settings_environ, tmp_path) as index:
        eventually(lambda: fates(index) == 3)
        assert index.metric("rasid_articles_total", fate="skipped", reason="stale") == 1
        assert index.metric("rasid_articles_total", fate="done", reason="indexed") == 2
    assert revisions(elasticsearch, settings) == {revision_of(1, 1).article.article_id: 2}


def test_each_poison_message_is_one_dead_letter_and_all_around_it_arrives(
    settings_environ: dict[str, str],
    settings: Settings,
    elasticsearch: Elasticsearch,
    tmp_path: Path,
) -> None:
    good = encode(enriched_article(1))
    before_1970 = raw_article(90, fetched_at=datetime(1969, 12, 31, tzinfo=UTC))
    poison: dict[str, tuple[bytes | None, str, str]] = {
        "garbage": (b"\x00\xfe\xff{{{", "decode", "not-json"),
        "no value": (None, "decode", "not-json"),
        "a list": (b"[1,2]", "decode", "not-an-object"),
        "wrong type": (good.replace(b'"revision":1', b'"revision":"1"'), "decode", "invalid-field"),
        "schema 2": (good.replace(b'"schema":1', b'"schema":2'), "decode", "newer-schema"),
        "5 MB": (good[:-1] + b',"new":"' + b"x" * 5_000_000 + b'"}', "decode", "too-large"),
        "deep": (b"[" * 200_000, "decode", "not-json"),
        "surrogate": (good.replace(b'"title":"', b'"title":"\\ud800'), "decode", "not-json"),
        "long id": (encode(enriched_article(raw=raw_article(article_id="i" * 600))), "index",
                    "rejected"),
        "before 1970": (encode(enriched_article(raw=before_1970)), "index", "rejected"),
        "reversed dates": (encode(with_reversed_dates(91)), "index", "rejected"),
    }  # fmt: skip
    healthy = [(f"good-{n}", encode(enriched_article(n))) for n in range(100, 140)]
    messages = healthy + [(name, value) for name, (value, _, _) in poison.items()]
    random.Random(1).shuffle(messages)
    publish(settings, messages)
    with ServiceProcess("index", settings_environ, tmp_path) as index:
        eventually(lambda: fates(index) == len(messages))
        assert index.metric("rasid_articles_total", fate="dead") == len(poison)
        assert index.metric("rasid_dead_letters_total", service="index") == len(poison)
    assert len(revisions(elasticsearch, settings)) == len(healthy)
    letters = {stored.letter.key.decode(): stored.letter for stored in dead(settings)}  # type: ignore[union-attr]
    assert {name: (d.value, d.stage, d.reason) for name, d in letters.items()} == poison
    assert "document_parsing_exception" in letters["reversed dates"].error
    assert "version" in letters["before 1970"].error


def has_partitions(process: ServiceProcess) -> bool:
    assigned = [line for line in process.log_lines() if line["event"] == "partitions assigned"]
    return bool(assigned and assigned[-1]["partitions"])


def test_two_processes_share_the_work_and_one_takes_over_when_the_other_dies(
    settings_environ: dict[str, str],
    settings: Settings,
    elasticsearch: Elasticsearch,
    tmp_path: Path,
) -> None:
    articles = [enriched_article(number) for number in range(3_000)]
    publish_articles(settings, articles[:1_000])
    environ = settings_environ | SMALL_BATCHES
    with (
        ServiceProcess("index", environ, tmp_path) as first,
        ServiceProcess("index", environ, tmp_path) as second,
    ):
        eventually(lambda: has_partitions(second), what="the second gets partitions")
        publish_articles(settings, articles[1_000:2_000])
        eventually(lambda: fates(second) > 0, what="the second gets messages")
        assert first.terminate() == EXIT_STOPPED
        publish_articles(settings, articles[2_000:])
        eventually(lambda: len(revisions(elasticsearch, settings)) == len(articles))
        eventually(lambda: second.metric("rasid_consumer_lag_records") == 0)


def test_a_read_only_index_is_waited_for_longer_than_any_deadline_and_nothing_is_given_up(
    settings_environ: dict[str, str],
    settings: Settings,
    elasticsearch: Elasticsearch,
    tmp_path: Path,
) -> None:
    environ = settings_environ | {"RASID_INDEX_PROGRESS_DEADLINE_S": "10"}
    with ServiceProcess("index", environ, tmp_path) as index:
        elasticsearch.indices.add_block(index=alias(settings), block="write")
        publish_articles(settings, [enriched_article(number) for number in range(100)])
        eventually(lambda: index.health("ready") == 503, what="not ready")
        blocked = index.metric("rasid_last_progress_timestamp_seconds")
        eventually(lambda: index.metric("rasid_last_progress_timestamp_seconds") > blocked + 12)
        elasticsearch.indices.put_settings(index=alias(settings), settings={"blocks.write": None})
        eventually(lambda: index.metric("rasid_articles_total", fate="done") == 100)
        eventually(lambda: index.health("ready") == 200, what="ready again")
        assert index.terminate() == EXIT_STOPPED
    assert not dead(settings)


def test_a_foreign_index_under_its_name_is_refused_at_start(
    settings_environ: dict[str, str],
    settings: Settings,
    elasticsearch: Elasticsearch,
    tmp_path: Path,
) -> None:
    elasticsearch.indices.create(index=alias(settings))
    index = ServiceProcess("index", settings_environ, tmp_path)
    index.start()
    eventually(lambda: index.returncode is not None)
    assert index.returncode == EXIT_CONFIGURATION
    assert alias(settings) in index.tail()
    assert "this is an index, not an alias" in index.tail()
    assert "--reset-offsets --to-earliest" in index.tail(), "what to do is said"


def test_the_index_is_made_once_and_left_alone(
    settings: Settings, elasticsearch: Elasticsearch
) -> None:
    name = alias(settings)
    ensure_index(elasticsearch, name)
    elasticsearch.index(index=name, id="1", document={"title": "خبر"}, refresh=True)
    ensure_index(elasticsearch, name)
    assert elasticsearch.count(index=name)["count"] == 1
    assert list(elasticsearch.indices.get_alias(name=name)) == [index_name(name)]
