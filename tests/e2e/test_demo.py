"""`make demo EXIT=1` is the project's own acceptance test: it must say so itself."""

import os
import subprocess
from pathlib import Path

from elasticsearch import Elasticsearch

from deploy.demo.demo import NAMESPACE
from deploy.demo.expected import near_duplicates
from deploy.demo.newsroom import load
from deploy.local.config import StackConfig
from deploy.local.services import SERVICES, service_environ
from tests.support import free_port

ROOT = Path(__file__).parents[2]


def run_demo(stack: StackConfig, **variables: str) -> subprocess.CompletedProcess[str]:
    own = {name: value for name, value in os.environ.items() if not name.startswith("RASID_")}
    ports = {f"RASID_{name.upper()}_HTTP_PORT": str(free_port()) for name in SERVICES}
    return subprocess.run(
        ["make", "demo", "EXIT=1"],
        cwd=ROOT,
        env=service_environ(stack, own, **ports, **variables),
        capture_output=True,
        text=True,
        timeout=540,
        check=False,
    )


def test_the_demo_finds_every_article_in_its_newest_revision(stack: StackConfig) -> None:
    done = run_demo(stack)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "48 of 48 articles searchable" in done.stdout
    for language in ("ar", "en", "fr", "it", "tr"):
        assert f"│ {language} │" in done.stdout
    assert "The UN mission and its consultations: " in done.stdout
    assert "بعثة الأمم المتحدة ومشاوراتها: " in done.stdout
    assert_that_copies_of_one_text_are_one_story(stack)
    assert_that_the_spike_is_one_alert(stack)


def assert_that_copies_of_one_text_are_one_story(stack: StackConfig) -> None:
    """Three outlets, each with its feed and its wording, took over one text."""
    newsroom = load()
    with Elasticsearch(stack.elasticsearch_address) as client:
        found = client.search(
            index=f"{NAMESPACE}-news-articles",
            size=1_000,
            source_includes=["title", "source.id", "story_id"],
        )
    documents = [hit["_source"] for hit in found["hits"]["hits"]]
    (slugs,) = near_duplicates(newsroom)
    titles = {newsroom.articles[slug].last.title for slug in slugs}
    copies = [document for document in documents if document["title"] in titles]
    assert len(copies) == len({copy["source"]["id"] for copy in copies}) == 3
    (story,) = {copy["story_id"] for copy in copies}
    assert sum(document["story_id"] == story for document in documents) == 3


def assert_that_the_spike_is_one_alert(stack: StackConfig) -> None:
    with Elasticsearch(stack.elasticsearch_address) as client:
        found = client.search(index=f"{NAMESPACE}-news-alerts")
    (alert,) = [hit["_source"] for hit in found["hits"]["hits"]]
    assert alert["watch"]["id"] == "un-mission"
    assert alert["figures"]["stories"] >= 3
    assert alert["figures"]["sources"] >= 3
    assert not alert["figures"]["learning"]
    assert alert["state"]["published"]


def test_the_demo_names_a_wrong_variable_and_fails(stack: StackConfig) -> None:
    done = run_demo(stack, RASID_INGEST_CONCURENCY="3")
    assert done.returncode != 0
    assert "did you mean RASID_INGEST_CONCURRENCY" in done.stderr
