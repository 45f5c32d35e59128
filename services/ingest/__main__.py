"""Composition root of ingest: ``python -m services.ingest``."""

import asyncio
import sys
import time
from collections.abc import Callable
from functools import partial

from services.contract.access import ACCESS
from services.ingest.catalogue import Catalogue
from services.ingest.config import IngestSettings
from services.ingest.core.packed import PackedCursor
from services.ingest.edges.archive import Archive
from services.ingest.edges.cursors import read_cursors
from services.ingest.edges.fence import Fence
from services.ingest.edges.http import open_fetcher
from services.ingest.edges.membership import Membership
from services.ingest.edges.memory import keep_little_memory
from services.ingest.edges.probe import start_probe
from services.ingest.edges.publisher import Publisher
from services.ingest.edges.requests import start_listening
from services.ingest.edges.shelf import Shelf
from services.ingest.pipeline import Pipeline
from services.ingest.retries import Retries
from services.ingest.rules import fetch_rules
from services.ingest.schedule import Schedule
from services.ingest.share import LocalShare
from services.runtime.kafka import ensure_topics
from services.runtime.service import Service, run_service


def run(service: Service[IngestSettings]) -> None:
    """Poll this instance's share of the sources until told to stop."""
    keep_little_memory()
    catalogue = Catalogue(service.settings.sources)
    service.health.unavailable("kafka", "connecting")
    ensure_topics(service.settings, ACCESS["ingest"].topics, give_up=service.stop.is_set)
    if service.stop.is_set():
        return
    service.health.available("kafka")
    service.health.available("service")
    start_probe(service.settings, service.health, service.stop)
    asyncio.run(poll_until_stopped(service, catalogue))


async def poll_until_stopped(service: Service[IngestSettings], catalogue: Catalogue) -> None:
    """Poll what is ours of ``catalogue`` and return when everything is closed."""
    settings, stop = service.settings, service.stop
    rules = fetch_rules(settings)
    fence = Fence(time.monotonic)
    membership = Membership(settings, service.health, fence)
    publisher = Publisher(settings, fence.writing)
    archive = Archive(settings.archive, rules.user_agent) if settings.archive else None
    shelf = Shelf()
    loop = asyncio.get_running_loop()

    def read(partitions: frozenset[int]) -> dict[str, PackedCursor]:
        return read_cursors(settings, partitions, give_up=stop.is_set, keep=shelf.put)

    try:
        async with open_fetcher(rules, archive=archive) as fetcher:
            pipeline = Pipeline(fetcher, publisher, service.health, shelf.put)
            retries = Retries(pipeline, shelf.put)
            schedule = Schedule(retries.poll_source, settings.concurrency, service.health)
            share = LocalShare(schedule, read, catalogue.sources)
            stop.subscribe(lambda: _soon(loop, schedule.stop))
            ask = partial(retries.ask, poll_soon=schedule.poll_soon)
            start_listening(settings, lambda request: _soon(loop, partial(ask, request)), stop)
            async with membership.held_by(share, schedule.stop), asyncio.TaskGroup() as beside:
                following = beside.create_task(catalogue.follow(share.use))
                await schedule.run()
                following.cancel()
    finally:
        # Ends what threads may still wait for, which would hold up the end of the loop. Not in a
        # thread of its own: they may have taken all there are.
        publisher.close()
        if archive:
            archive.close()


def _soon(loop: asyncio.AbstractEventLoop, action: Callable[[], None]) -> None:
    loop.call_soon_threadsafe(action)  # from the thread that takes signals


if __name__ == "__main__":
    sys.exit(run_service("ingest", IngestSettings, run))
