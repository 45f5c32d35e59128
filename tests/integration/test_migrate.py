"""``rasid index migrate`` on the real servers, while articles come in and the old index grows."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from elasticsearch import Elasticsearch

from services.contract.topics import ENRICHED, namespaced
from services.contract.wire import encode
from services.index.config import IndexSettings, alias
from services.index.edges import kafka
from services.index.edges.elasticsearch import load_definition, send_bulk
from services.index.edges.indices import index_name, write_alias
from services.index.edges.kafka import EnrichedArticles
from services.index.pipeline import Index
from services.index.write import Writer
from services.runtime.elasticsearch import make_client
from services.runtime.health import Health
from services.runtime.kafka import make_producer
from services.runtime.service import EXIT_CONFIGURATION
from services.runtime.settings import Settings
from tests.enriched_topic import publish_articles, revision_of
from tests.migrating_process import MID_COPY
from tests.processes import ServiceProcess, rasid
from tests.support import eventually

OLD = "v0"
ARTICLES = 500
MOMENTS = [
    *["position:", "create:", "documents from", MID_COPY, " written"],
    *["catch up:", "compare:", "swap:", "Start index"],
]
SMALL_BATCHES = {"RASID_INDEX_BATCH_DOCUMENTS": "50"}


@pytest.fixture
def client(settings: Settings) -> Iterator[Elasticsearch]:
    with make_client(settings) as client:
        yield client


class NoLetters:
    def send(self, letters: Any) -> list[Any]:
        assert not letters
        return []


def create_old(client: Elasticsearch, settings: Settings) -> None:
    """Make the index of a build before this one, whose mapping lacks and has a field."""
    name = alias(settings)
    definition = load_definition()
    mappings = definition["mappings"]
    mappings["_meta"] = {"rasid_mapping": f"articles-{OLD}", "digest": "of another build"}
    mappings["properties"]["headline"] = {"type": "keyword"}
    client.indices.create(
        index=index_name(name, OLD),
        settings=definition["settings"],
        mappings=mappings,
        aliases={name: {}, write_alias(name, OLD): {}},
    )


@contextmanager
def old_service(
    client: Elasticsearch, settings_environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """The index service of the build before, in a thread: its group, its index."""
    settings = IndexSettings(
        kafka_bootstrap=settings_environ["RASID_KAFKA_BOOTSTRAP"],
        namespace=settings_environ["RASID_NAMESPACE"],
    )
    with monkeypatch.context() as other_build:
        other_build.setattr(kafka, "GROUP", f"index-{OLD}")
        source = EnrichedArticles(settings)
    stop, health = threading.Event(), Health(600)
    name = write_alias(alias(settings), OLD)
    writer = Writer(lambda body: send_bulk(client, name, body), health, stop, lambda: 0.5, 10**6)
    service = threading.Thread(
        target=Index(source, writer, NoLetters(), health, stop).run, daemon=True
    )
    service.start()
    try:
        yield
    finally:
        stop.set()
        service.join(10)
        source.close()


@contextmanager
def coming_in(settings: Settings, first: int) -> Iterator[list[int]]:
    """Publish articles until the end, new ones and new revisions; yield their numbers so far."""
    published: list[int] = []
    stop = threading.Event()
    producer, topic = make_producer(settings), namespaced(ENRICHED.name, settings.namespace)

    def publish() -> None:
        for number in count(first):
            if stop.wait(0.05):
                return
            for article in (revision_of(number, 1), revision_of(number - first, 2)):
                key = article.article.article_id.encode()
                producer.send(topic, encode(article), key=key).get(timeout=30)
            published.append(number)

    thread = threading.Thread(target=publish, daemon=True)
    thread.start()
    try:
        yield published
    finally:
        stop.set()
        thread.join(30)
        producer.close()


def revisions(client: Elasticsearch, index: str) -> dict[str, int]:
    client.indices.refresh(index=index)
    found = client.search(index=index, size=10_000, source_includes=["revision"])
    return {hit["_id"]: hit["_source"]["revision"] for hit in found["hits"]["hits"]}


def searched(client: Elasticsearch, settings: Settings) -> list[str]:
    return list(client.indices.get_alias(name=alias(settings)))


def killed_at(moment: str, environ: dict[str, str]) -> int:
    """Run the migration until it is killed at ``moment``; return how it ended."""
    return subprocess.run(
        [sys.executable, "-m", "tests.migrating_process", moment],
        env={**os.environ, **environ},
        timeout=300,
        check=False,
    ).returncode


@pytest.mark.timeout(900)
def test_killed_at_every_step_and_run_again_it_ends_with_nothing_lost_while_articles_come_in(
    settings_environ: dict[str, str],
    settings: Settings,
    client: Elasticsearch,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    name = alias(settings)
    old, new = index_name(name, OLD), index_name(name)
    environ = settings_environ | SMALL_BATCHES
    create_old(client, settings)
    publish_articles(settings, [revision_of(number, 1) for number in range(ARTICLES)])
    expected = {revision_of(n, 1).article.article_id: 1 for n in range(ARTICLES)}
    with old_service(client, settings_environ, monkeypatch):
        eventually(lambda: len(revisions(client, old)) == ARTICLES, 60, every_s=0.5)
        with coming_in(settings, ARTICLES) as published:
            for moment in MOMENTS:
                assert searched(client, settings) == [old]
                assert killed_at(moment, environ) == -signal.SIGKILL, moment
            done = rasid("index", "migrate", environ=environ, timeout_s=300)
            assert done.returncode == 0, done.stderr.decode()
            assert searched(client, settings) == [new]
            with ServiceProcess("index", settings_environ, tmp_path):
                so_far = len(published)
                eventually(lambda: len(published) > so_far + 10)
        for number in published:
            expected[revision_of(number, 1).article.article_id] = 1
        for number in published:
            expected[revision_of(number - ARTICLES, 1).article.article_id] = 2
        eventually(lambda: revisions(client, old) == expected, 60, every_s=0.5)
    with ServiceProcess("index", settings_environ, tmp_path):
        eventually(lambda: revisions(client, new) == expected, 60, every_s=0.5)

    back = rasid("index", "migrate", "--rollback", environ=environ)
    assert (back.returncode, searched(client, settings)) == (0, [old]), back.stderr.decode()
    again = rasid("index", "migrate", environ=environ, timeout_s=300)
    assert (again.returncode, searched(client, settings)) == (0, [new]), again.stderr.decode()


def test_a_service_that_does_not_know_the_mapping_names_the_command_and_the_command_the_article(
    settings_environ: dict[str, str],
    settings: Settings,
    client: Elasticsearch,
    tmp_path: Path,
) -> None:
    create_old(client, settings)
    index = ServiceProcess("index", settings_environ, tmp_path)
    index.start()
    eventually(lambda: index.returncode is not None)
    assert index.returncode == EXIT_CONFIGURATION
    assert "rasid index migrate" in index.tail()
    assert f"articles-{OLD}" in index.tail()


def test_the_first_index_is_made_and_searched_and_there_is_nothing_before_it(
    settings_environ: dict[str, str], settings: Settings, client: Elasticsearch
) -> None:
    first = rasid("index", "migrate", environ=settings_environ)
    assert (first.returncode, searched(client, settings)) == (0, [index_name(alias(settings))])
    again = rasid("index", "migrate", environ=settings_environ)
    assert (again.returncode, b"nothing to do" in again.stdout) == (0, True)
    back = rasid("index", "migrate", "--rollback", environ=settings_environ)
    assert (back.returncode, b"no index of an older mapping" in back.stderr) == (1, True)
