"""Two instances share the sources: none is polled by both, none is left, no cursor is lost."""

import os
import signal
import time
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

import pytest

from services.ingest.edges.cursors import read_cursors
from services.ingest.edges.fence import LEASE_S, partition_of
from services.ingest.edges.membership import SESSION_S
from services.ingest.edges.publisher import CURSOR_DELIVERY_S
from services.runtime.settings import Settings
from tests.generated_site import GeneratedSite
from tests.processes import ServiceProcess
from tests.raw_topic import published
from tests.support import eventually

SOURCES, ITEMS = 24, 3
HAND_OVER_S = 15


@pytest.fixture
def site() -> Iterator[GeneratedSite]:
    with GeneratedSite(SOURCES, ITEMS) as site:
        yield site


@pytest.fixture
def environ(
    site: GeneratedSite, settings_environ: dict[str, str], tmp_path: Path
) -> dict[str, str]:
    sources = site.write_sources(tmp_path / "sources.yaml", poll_s=1)
    return settings_environ | {"RASID_INGEST_SOURCES": str(sources)}


def instance(name: str, environ: dict[str, str], folder: Path) -> ServiceProcess:
    return ServiceProcess("ingest", environ | {"RASID_INGEST_CONTACT": name}, folder)


def polled_by(site: GeneratedSite, source: int) -> list[str]:
    """Return who polled a source, in order, each run of polls by the same instance once."""
    agents = [request.headers["User-Agent"] for request in site.asked(f"/{source}/feed.xml")]
    return [agent.rpartition("+")[2].rstrip(")") for agent, _ in groupby(agents)]


def recorded(settings: Settings) -> int:
    """Return how many articles the cursors say are published: some only say what is to be read."""
    return sum(len(cursor.state().seen) for cursor in read_cursors(settings, range(12)).values())


def owned(process: ServiceProcess) -> float:
    return process.metric("rasid_sources_scheduled")


def test_a_second_instance_takes_a_part_and_inherits_the_rest_when_the_first_is_killed(
    site: GeneratedSite, settings: Settings, environ: dict[str, str], tmp_path: Path
) -> None:
    with instance("first", environ, tmp_path) as first:
        eventually(lambda: owned(first) == SOURCES)
        eventually(lambda: all(polled_by(site, source) for source in range(SOURCES)))
        with instance("second", environ, tmp_path) as second:
            eventually(lambda: owned(first) > 0 and owned(second) > 0, HAND_OVER_S, what="both")
            eventually(lambda: owned(first) + owned(second) == SOURCES, HAND_OVER_S, what="split")
            eventually(
                lambda: (
                    sum(polled_by(site, n) == ["first", "second"] for n in range(SOURCES))
                    == owned(second)
                )
            )
            site.correct(every=2)
            first.kill()
            eventually(lambda: owned(second) == SOURCES, HAND_OVER_S, what="inherited")
            eventually(lambda: len(published(settings)) >= SOURCES * (ITEMS + 2))
            assert {tuple(polled_by(site, n)) for n in range(SOURCES)} == {("first", "second")}
    articles = published(settings)
    assert {a.url: a.title for a in articles} == site.titles
    assert {(a.article_id, a.revision) for a in articles} == {
        (a.article_id, revision)
        for a in articles
        for revision in ((1, 2) if a.title.startswith("تصحيح") else (1,))
    } | {(a.article_id, 1) for a in articles}


def test_a_process_that_slept_too_long_neither_polls_nor_writes_over_its_successor(
    site: GeneratedSite, settings: Settings, environ: dict[str, str], tmp_path: Path
) -> None:
    with (
        instance("sleeper", environ, tmp_path) as sleeper,
        instance("other", environ, tmp_path) as other,
    ):
        eventually(lambda: owned(sleeper) and owned(sleeper) + owned(other) == SOURCES)
        eventually(lambda: recorded(settings) == SOURCES * ITEMS, every_s=1)
        assert sleeper.process is not None
        os.kill(sleeper.process.pid, signal.SIGSTOP)
        try:
            eventually(lambda: owned(other) == SOURCES, HAND_OVER_S, what="inherited")
            site.correct(every=1)
            revised = 2 * SOURCES * ITEMS
            eventually(lambda: len(published(settings)) >= revised, what="revisions")
            inherited_at = time.monotonic()
        finally:
            os.kill(sleeper.process.pid, signal.SIGCONT)
        eventually(lambda: owned(sleeper) and owned(sleeper) + owned(other) == SOURCES)
    cursors = read_cursors(settings, range(12))
    seen = [entry for cursor in cursors.values() for entry in cursor.state().seen.values()]
    assert {entry.revision for entry in seen} == {2}
    assert len(published(settings)) == revised
    for source in range(SOURCES):
        late = [r for r in site.asked(f"/{source}/feed.xml") if r.at < inherited_at]
        agents = [agent for agent, _ in groupby(r.headers["User-Agent"] for r in late)]
        assert len(agents) == len(set(agents)), source


def test_a_cursor_lies_in_the_partition_that_decides_who_polls_its_source(
    site: GeneratedSite, settings: Settings, environ: dict[str, str], tmp_path: Path
) -> None:
    with instance("only", environ, tmp_path):
        eventually(lambda: len(read_cursors(settings, range(12))) == SOURCES)
    for number in range(12):
        there = read_cursors(settings, [number])
        assert {partition_of(source_id) for source_id in there} <= {number}


def test_what_was_confirmed_and_then_written_arrives_before_the_session_is_over() -> None:
    assert LEASE_S + CURSOR_DELIVERY_S < SESSION_S
