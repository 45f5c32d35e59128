"""index on a real Kafka and an Elasticsearch that has a bad day."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from services.contract.articles import document_version
from services.runtime.dead_letters import read_dead_letters
from services.runtime.service import EXIT_NO_PROGRESS, EXIT_STOPPED
from services.runtime.settings import Settings
from tests.enriched_topic import publish_articles, revision_of
from tests.fake_elasticsearch import FakeElasticsearch, Faults
from tests.processes import ServiceProcess
from tests.support import enriched_article, eventually, free_port


@contextmanager
def fake(port: int = 0, seed: int = 0, faults: Faults | None = None) -> Iterator[FakeElasticsearch]:
    server = FakeElasticsearch(port, seed, faults)
    try:
        yield server
    finally:
        server.stop()


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_document_is_settled_whatever_the_answers_and_the_counters_add_up(
    seed: int, settings_environ: dict[str, str], settings: Settings, tmp_path: Path
) -> None:
    messages = [revision_of(number, revision) for number in range(400) for revision in (1, 2)]
    random.Random(seed).shuffle(messages)
    publish_articles(settings, messages)
    rejected = {revision_of(number, 1).article.article_id for number in range(0, 400, 50)}
    faults = Faults(items=0.2, requests=0.2, refused=dict.fromkeys(rejected, 400))
    with fake(seed=seed, faults=faults) as server:
        environ = settings_environ | {
            "RASID_ELASTICSEARCH_URL": server.url,
            "RASID_INDEX_BATCH_DOCUMENTS": "20",
        }
        with ServiceProcess("index", environ, tmp_path) as index:
            eventually(lambda: index.metric("rasid_articles_total") >= len(messages))
            assert index.metric("rasid_articles_total") == len(messages)
            by_fate = {
                fate: index.metric("rasid_articles_total", fate=fate)
                for fate in ("done", "skipped", "dead")
            }
            by_outcome = {
                outcome: index.metric("rasid_bulk_items_total", outcome=outcome)
                for outcome in ("indexed", "stale", "dead")
            }
            assert index.terminate() == EXIT_STOPPED
    letters = [stored.letter for stored in read_dead_letters(settings, "index")]
    assert list(by_fate.values()) == list(by_outcome.values())
    assert len(letters) == by_fate["dead"]
    assert rejected == {letter.key.decode() for letter in letters if letter.reason == "rejected"}  # type: ignore[union-attr]
    failed = {(letter.topic, letter.partition, letter.offset) for letter in letters}
    assert len(failed) == len(letters), "no message is a dead letter twice"
    lost = {letter.key.decode() for letter in letters}  # type: ignore[union-attr]
    for message in messages:
        article = message.article
        if article.article_id not in lost:
            version, document = server.documents[article.article_id]
            assert version >= document_version(article.fetched_at)
            assert document["revision"] == 2
    met = {429, 503, 500, "cut", "reset"} & server.answers.keys()
    assert len(met) >= 4, "it was a bad day"


def test_while_elasticsearch_is_away_it_waits_unready_and_goes_on_by_itself(
    settings_environ: dict[str, str], settings: Settings, tmp_path: Path
) -> None:
    port = free_port()
    environ = settings_environ | {"RASID_ELASTICSEARCH_URL": f"http://127.0.0.1:{port}"}
    with fake(port) as server, ServiceProcess("index", environ, tmp_path) as index:
        publish_articles(settings, [enriched_article(1)])
        eventually(lambda: len(server.documents) == 1)
        server.stop()
        publish_articles(settings, [enriched_article(number) for number in range(2, 500)])
        eventually(lambda: index.health("ready") == 503, what="not ready")
        assert index.health("live") == 200
        with fake(port) as back:
            back.index = server.index
            eventually(lambda: len(back.documents) == 498)
            eventually(lambda: index.health("ready") == 200, what="ready again")
            eventually(lambda: index.metric("rasid_articles_total", fate="done") == 499)
            assert index.terminate() == EXIT_STOPPED


@pytest.mark.parametrize("silent", [True, False], ids=["silent", "refusing"])
def test_asked_to_stop_while_elasticsearch_does_not_take_a_batch_it_stops_in_time(
    silent: bool, settings_environ: dict[str, str], settings: Settings, tmp_path: Path
) -> None:
    faults = Faults(silent=True) if silent else Faults(requests=1.0)
    publish_articles(settings, [enriched_article(number) for number in range(5)])
    with fake(faults=faults) as server:
        environ = settings_environ | {"RASID_ELASTICSEARCH_URL": server.url}
        with ServiceProcess("index", environ, tmp_path) as index:
            eventually(lambda: "partitions assigned" in index.log.read_text())
            eventually(lambda: index.metric("rasid_consumer_lag_records") == 5)
            assert index.terminate(timeout_s=10) == EXIT_STOPPED
    with fake() as server:
        environ = settings_environ | {"RASID_ELASTICSEARCH_URL": server.url}
        with ServiceProcess("index", environ, tmp_path):
            eventually(lambda: len(server.documents) == 5, what="nothing in flight is lost")


def test_without_progress_for_its_deadline_it_exits_to_be_started_again(
    settings_environ: dict[str, str], settings: Settings, tmp_path: Path
) -> None:
    publish_articles(settings, [enriched_article(1)])
    with fake(faults=Faults(silent=True)) as server:
        environ = settings_environ | {
            "RASID_ELASTICSEARCH_URL": server.url,
            "RASID_INDEX_PROGRESS_DEADLINE_S": "10",
        }
        with ServiceProcess("index", environ, tmp_path) as index:
            eventually(lambda: index.returncode is not None)
            assert index.returncode == EXIT_NO_PROGRESS


def test_an_idle_service_whose_kafka_answers_makes_progress(
    settings_environ: dict[str, str], tmp_path: Path
) -> None:
    with fake() as server:
        environ = settings_environ | {
            "RASID_ELASTICSEARCH_URL": server.url,
            "RASID_INDEX_PROGRESS_DEADLINE_S": "10",
        }
        with ServiceProcess("index", environ, tmp_path) as index:
            started = index.metric("rasid_last_progress_timestamp_seconds")
            eventually(
                lambda: index.metric("rasid_last_progress_timestamp_seconds") > started + 12, 40
            )
            assert index.returncode is None
