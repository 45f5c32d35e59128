"""Dead letters of both services, replayed through enrich and index on the real servers."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from elasticsearch import Elasticsearch

from services.contract.dead_letters import DeadLetter
from services.contract.topics import ENRICHED, RAW, Topic, dead_letters, namespaced
from services.contract.wire import encode
from services.index.config import alias
from services.runtime.dead_letters import DeadLetterProducer
from services.runtime.elasticsearch import make_client
from services.runtime.kafka import ensure_topics
from services.runtime.settings import Settings
from tests.processes import ServiceProcess, rasid
from tests.support import enriched_article, eventually, raw_article

BAD = b'{"schema": 99}'


@pytest.fixture
def services(settings_environ: dict[str, str], tmp_path: Path) -> Iterator[list[ServiceProcess]]:
    with ExitStack() as stack:
        processes = [ServiceProcess(n, settings_environ, tmp_path) for n in ("enrich", "index")]
        yield [stack.enter_context(process) for process in processes]


@pytest.fixture
def elasticsearch(settings: Settings) -> Iterator[Elasticsearch]:
    with make_client(settings) as client:
        yield client


def leave_letters(settings: Settings, service: str, origin: Topic, values: list[bytes]) -> None:
    """Write dead letters as an older build would have, that could use none of ``values``."""
    producer = DeadLetterProducer(settings, dead_letters(service))
    letters = [
        DeadLetter(
            value=value,
            key=b"key",
            service=service,
            stage="decode",
            reason="bug",
            error="KeyError('an older build')",
            failed_at=datetime(2020, 11, 26, tzinfo=UTC),
            attempts=1,
            topic=namespaced(origin.name, settings.namespace),
            partition=0,
            offset=number,
        )
        for number, value in enumerate(values)
    ]
    assert not producer.send(letters)
    producer.close()


def listed(environ: dict[str, str]) -> dict[str, dict[str, Any]]:
    done = rasid("dead-letters", "list", "--json", environ=environ)
    assert done.returncode == 0, done.stderr.decode()
    return {fact["id"]: fact for fact in map(json.loads, done.stdout.splitlines())}


def replay(environ: dict[str, str], *arguments: str) -> str:
    done = rasid("dead-letters", "replay", *arguments, environ=environ)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode().strip()


def versions(client: Elasticsearch, settings: Settings) -> dict[str, int]:
    """Return the version of every document, by article id."""
    client.indices.refresh(index=alias(settings))
    found = client.search(index=alias(settings), size=100, version=True)
    return {hit["_id"]: hit["_version"] for hit in found["hits"]["hits"]}


def settled(services: list[ServiceProcess]) -> list[float]:
    return [service.metric("rasid_articles_total") for service in services]


def test_what_is_good_now_becomes_a_document_and_what_is_not_a_new_letter_however_often(
    settings_environ: dict[str, str],
    settings: Settings,
    elasticsearch: Elasticsearch,
    services: list[ServiceProcess],
) -> None:
    ensure_topics(settings)
    raw, enriched = raw_article(1), enriched_article(2)
    leave_letters(settings, "enrich", RAW, [encode(raw), BAD])
    leave_letters(settings, "index", ENRICHED, [encode(enriched), BAD])

    assert replay(settings_environ) == "4 messages sent again."
    # enrich: one good and one bad; index: what enrich made of the good one, one good, one bad.
    eventually(lambda: settled(services) == [2, 3], 60, what="all settled")
    documents = versions(elasticsearch, settings)
    assert documents.keys() == {raw.article_id, enriched.article.article_id}
    letters = listed(settings_environ)
    again = {fact["id"]: fact for fact in letters.values() if not fact["replayed"]}
    assert len(letters) == 6
    assert {(i.partition(":")[0], f["attempts"], f["reason"]) for i, f in again.items()} == {
        ("enrich", 2, "newer-schema"),
        ("index", 2, "newer-schema"),
    }

    for good in ("enrich:0", "index:0"):  # by its ID, a letter is sent again as often as one likes
        assert replay(settings_environ, good) == "1 message sent again."
    eventually(lambda: settled(services) == [3, 5], 60, what="the same articles again")
    assert versions(elasticsearch, settings) == documents
    assert listed(settings_environ).keys() == letters.keys()

    assert replay(settings_environ) == "2 messages sent again."
    eventually(lambda: settled(services) == [4, 6], 60, what="the bad ones again")
    worst = [fact for fact in listed(settings_environ).values() if not fact["replayed"]]
    assert [fact["attempts"] for fact in worst] == [3, 3]
    assert versions(elasticsearch, settings) == documents
