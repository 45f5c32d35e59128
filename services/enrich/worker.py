"""The life of the Faust app in a process of ours: started, watched, drained and stopped."""

import asyncio
import logging
import tempfile
from pathlib import Path
from typing import Any

import structlog

from services.enrich.app import EnrichApp, build_app
from services.enrich.config import EnrichSettings
from services.enrich.enrichment import Models
from services.runtime.health import Health
from services.runtime.service import EXIT_NO_PROGRESS, Service

_CHECK_S = 2.0
_ANSWER_S = 10.0  # how long the broker may take to say where a topic ends
_DRAIN_S = 4.0
_STOP_S = 3.0

log = structlog.get_logger()


async def work(service: Service[EnrichSettings], models: Models) -> None:
    """Run until the service is asked to stop. Raises SystemExit(75) if Faust gave up."""
    # aiokafka logs thirty lines a second while a broker is away, and Faust whole messages when one
    # cannot be sent; both are logged here, once each time we look.
    for chatty in ("aiokafka", "faust.topics"):
        logging.getLogger(chatty).setLevel(logging.CRITICAL)
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()

    def stop() -> None:
        loop.call_soon_threadsafe(stopping.set)

    service.stop.subscribe(stop)
    with tempfile.TemporaryDirectory(prefix="rasid-enrich-") as folder:
        app = build_app(service.settings, models, Path(folder))
        await app.faust.start()
        watch = asyncio.ensure_future(_watch(app, service.health))
        asked = asyncio.ensure_future(stopping.wait())
        try:
            await asyncio.wait({watch, asked}, return_when=asyncio.FIRST_COMPLETED)
            if watch.done():  # or cancelled: by Faust, whose threads end in the middle of an answer
                log.error("faust gave up", error=repr(app.faust.crash_reason))
                raise SystemExit(EXIT_NO_PROGRESS)
        finally:
            watch.cancel()
            asked.cancel()
            await _stop(app)


async def _watch(app: EnrichApp, health: Health) -> None:
    """Report lag and progress; return when Faust has crashed.

    Progress is that messages were settled since the last look, or that there is none to settle: the
    broker has to answer for either, so an unreachable one is noticed without traffic too.
    """
    settled = -1
    while not (app.faust.crashed or app.faust.should_stop):
        try:
            lag = await asyncio.wait_for(_lag(app), _ANSWER_S)
        except Exception as error:
            health.unavailable("kafka", repr(error))
            log.warning("kafka does not answer", error=repr(error))
        else:
            if lag is None:
                health.unavailable("kafka", "no partitions assigned yet")
            else:
                health.available("kafka")
                health.available("service")
                if lag == 0 or app.in_flight.settled != settled:
                    health.progress()
        settled = app.in_flight.settled
        await asyncio.sleep(_CHECK_S if app.assigned.is_set() else 0.2)


async def _lag(app: EnrichApp) -> int | None:
    """Return the records not yet acknowledged in all partitions; None before they are assigned."""
    consumer: Any = app.faust.consumer  # what it takes for committed has no public name
    partitions = consumer.assignment() if app.assigned.is_set() else set()
    if not app.assigned.is_set():
        return None
    if not partitions:
        return 0  # more workers than partitions: this one waits for another to leave
    ends = await consumer.highwaters(*partitions)
    beginnings = await consumer.earliest_offsets(*partitions)
    total = 0
    for partition in partitions:
        # Not Faust's position: that is how far was read, and what was read may be stuck.
        settled = app.in_flight.position(partition)
        if settled is None:
            settled = consumer._committed_offset[partition]
        total += app.lag.show(
            partition.topic,
            partition.partition,
            end=ends[partition],
            settled=max(settled or 0, beginnings[partition]),
        )
    return total


async def _stop(app: EnrichApp) -> None:
    """Let what was read be confirmed, commit it, and stop. Each step has its time."""
    app.draining.set()
    for step, seconds in (
        (app.in_flight.wait_below(1), _DRAIN_S),
        (app.faust.consumer.commit(), 1.0),
        (app.faust.stop(), _STOP_S),
    ):
        try:
            await asyncio.wait_for(step, seconds)
        except Exception as error:
            log.warning("stopping goes on", error=repr(error))
