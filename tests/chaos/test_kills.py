"""Servers and services die in the middle of the work and come back: nothing is lost."""

import os
import signal
from pathlib import Path

import pytest
from elasticsearch import ApiError, Elasticsearch
from elasticsearch import ConnectionError as NotReachable

from deploy.local import stack as local_stack
from deploy.local.config import StackConfig
from deploy.local.run import Running, services
from deploy.local.services import SERVICES, service_environ
from tests.generated_site import GeneratedSite
from tests.support import eventually, free_port

ARTICLES = 2_000
SOURCES = 20


def kill(name: str, config: StackConfig, running: Running) -> None:
    """SIGKILL a server or a service with all it started; its supervisor starts it again."""
    servers = [server.process for server in local_stack.status(config).servers]
    processes = [*servers, *running.supervisor.states()]
    pid = next(process.pid for process in processes if process and process.name == name)
    assert pid is not None
    os.killpg(pid, signal.SIGKILL)


def titles(client: Elasticsearch, alias: str) -> dict[str, str]:
    """Return the title of every document by its URL; empty while the index cannot answer."""
    try:
        client.indices.refresh(index=alias)
        answer = client.search(
            index=alias, size=ARTICLES * 2, source_includes=["canonical_url", "title"], sort="_doc"
        )
    except (ApiError, NotReachable):
        return {}
    hits = [hit["_source"] for hit in answer["hits"]["hits"]]
    found = {hit["canonical_url"]: hit["title"] for hit in hits}
    assert len(found) == len(hits), "an article is there twice"
    return found


@pytest.mark.parametrize("victims", ["enrich kafka ingest", "index elasticsearch"])
@pytest.mark.timeout(1_000)
def test_all_articles_arrive_in_their_newest_wording_whatever_is_killed(
    victims: str, stack: StackConfig, settings_environ: dict[str, str], tmp_path: Path
) -> None:
    alias = f"{settings_environ['RASID_NAMESPACE']}-news-articles"
    ports = {f"RASID_{name.upper()}_HTTP_PORT": str(free_port()) for name in SERVICES}
    with (
        GeneratedSite(sources=SOURCES, items=ARTICLES // SOURCES) as site,
        Elasticsearch(stack.elasticsearch_address, request_timeout=20) as client,
    ):
        sources = site.write_sources(tmp_path / "sources.yaml", poll_s=5)
        variables = {**settings_environ, **ports, "RASID_INGEST_SOURCES": str(sources)}
        with services(stack, service_environ(stack, os.environ, **variables)) as running:
            for already, victim in enumerate(victims.split(), start=1):
                there = already * ARTICLES // 10
                eventually(lambda: len(titles(client, alias)) >= there)  # noqa: B023 - used at once
                site.correct(every=4)
                kill(victim, stack, running)
            eventually(lambda: titles(client, alias) == site.titles, 600, every_s=1)
