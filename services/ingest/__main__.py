"""Composition root of ingest: ``python -m services.ingest``."""

import asyncio
import sys
import time
from collections.abc import Callable

import structlog
from kafka.errors import KafkaError

from services.contract.articles import SourceState
from services.ingest.config import IngestSettings
from services.ingest.core.sources import Source, SourcesError, load_sources
from services.ingest.edges.archive import Archive
from services.ingest.edges.cursors import read_states
from services.ingest.edges.http import open_fetcher
from services.ingest.edges.probe import start_probe
from services.ingest.edges.publisher import Publisher
from services.ingest.pipeline import Pipeline
from services.ingest.rules import fetch_rules
from services.ingest.schedule import Schedule
from services.runtime.kafka import ensure_topics
from services.runtime.service import Service, run_service
from services.runtime.settings import ConfigurationError

_READ_AGAIN_S = 1.0

log = structlog.get_logger()


def run(service: Service[IngestSettings]) -> None:
    """Poll the sources until told to stop."""
    sources = _sources(service.settings)
    service.health.unavailable("kafka", "connecting")
    ensure_topics(service.settings, give_up=service.stop.is_set)
    states = _states(service)
    if service.stop.is_set():
        return
    service.health.available("kafka")
    service.health.available("service")
    start_probe(service.settings, service.health, service.stop)
    log.info("polling", sources=len(sources), with_cursor=len(states))
    asyncio.run(poll_until_stopped(service, sources, states))


async def poll_until_stopped(
    service: Service[IngestSettings], sources: list[Source], states: dict[str, SourceState]
) -> None:
    """Poll ``sources``, going on from ``states``, and return when everything is closed."""
    settings = service.settings
    rules = fetch_rules(settings)
    publisher = Publisher(settings)
    archive = Archive(settings.archive, rules.user_agent) if settings.archive else None
    loop = asyncio.get_running_loop()
    try:
        async with open_fetcher(rules, archive=archive) as fetcher:
            pipeline = Pipeline(fetcher, publisher, service.health)
            schedule = Schedule(pipeline.poll_source, settings.concurrency, service.health)
            service.stop.subscribe(lambda: _soon(loop, schedule.stop))
            await schedule.run(sources, states)
    finally:
        # Ends what threads may still wait for, which would hold up the end of the loop. Not in a
        # thread of its own: they may have taken all there are.
        publisher.close()
        if archive:
            archive.close()


def _soon(loop: asyncio.AbstractEventLoop, action: Callable[[], None]) -> None:
    loop.call_soon_threadsafe(action)  # from the handler of a signal


def _sources(settings: IngestSettings) -> list[Source]:
    path = settings.sources
    try:
        every = load_sources(path.read_text(encoding="utf-8"), str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"RASID_INGEST_SOURCES={path}: {error}") from error
    except SourcesError as error:
        raise ConfigurationError(str(error)) from error
    return [source for source in every if source.enabled]


def _states(service: Service[IngestSettings]) -> dict[str, SourceState]:
    while not service.stop.is_set():
        try:
            return read_states(service.settings)
        except KafkaError as error:
            log.warning("cursors not readable; trying again", error=str(error))
            time.sleep(_READ_AGAIN_S)
    return {}


if __name__ == "__main__":
    sys.exit(run_service("ingest", IngestSettings, run))
