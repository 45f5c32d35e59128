"""``rasid index verify`` on the real servers finds what somebody did to the index."""

import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from elasticsearch import ConflictError, Elasticsearch

from services.contract.wire import encode
from services.index.config import alias
from services.runtime.elasticsearch import make_client
from services.runtime.settings import Settings
from tests.enriched_topic import publish, publish_articles, revision_of
from tests.processes import ServiceProcess, rasid
from tests.support import enriched_article, eventually, raw_article

ARTICLES = 60


@pytest.fixture
def client(settings: Settings) -> Iterator[Elasticsearch]:
    with make_client(settings) as client:
        yield client


def test_what_is_missing_older_and_stray_is_named_and_what_is_dead_or_to_come_is_not(
    settings_environ: dict[str, str],
    settings: Settings,
    client: Elasticsearch,
    tmp_path: Path,
) -> None:
    publish_articles(settings, [revision_of(number, 1) for number in range(ARTICLES)])
    too_long = encode(enriched_article(raw=raw_article(article_id="i" * 600)))
    publish(settings, [("dead", too_long), ("garbage", b"{")])
    with ServiceProcess("index", settings_environ, tmp_path) as index:
        eventually(lambda: index.metric("rasid_articles_total") == ARTICLES + 2)
        eventually(lambda: index.metric("rasid_consumer_lag_records") == 0)
        index.terminate()
    publish_articles(settings, [revision_of(1, 2), revision_of(ARTICLES, 1)])

    good = rasid("index", "verify", environ=settings_environ)
    assert good.returncode == 0, good.stderr.decode()
    assert b"2 that index has still to write, 2 dead" in good.stdout.replace(b"\n", b" ")

    name = alias(settings)
    ids = [revision_of(number, 1).article.article_id for number in range(ARTICLES)]
    whole = client.get(index=name, id=ids[3])["_source"]
    client.delete(index=name, id=ids[2], version=2**60, version_type="external")
    client.index(index=name, id="stray", document=whole)
    client.indices.put_settings(index=name, settings={"gc_deletes": "0s"})
    client.delete(index=name, id=ids[4])

    def written_as_older() -> bool:  # when Elasticsearch has forgotten what was deleted
        client.indices.refresh(index=name)
        with suppress(ConflictError):
            client.index(index=name, id=ids[4], document=whole, version=1, version_type="external")
            return True
        return False

    eventually(written_as_older)
    bad = rasid("index", "verify", "--json", environ=settings_environ)
    found = json.loads(bad.stdout)
    assert bad.returncode == 1
    assert (found["missing"], found["older"], found["stray"]) == ([ids[2]], [ids[4]], ["stray"])
    assert (found["good"], found["pending"], found["dead"], found["lost"]) == (False, 2, 2, [])
    (row,) = found["rows"]
    counts = {"kafka": ARTICLES - 1, "index": ARTICLES - 1, "missing": 1, "older": 1, "stray": 1}
    assert row == {"day": "2020-11-25", "source": "sample"} | counts
