"""Stopping while Kafka is away, whatever threads wait for it."""

import asyncio
import socket
import time
from collections.abc import Iterator

import pytest

from services.ingest import schedule as schedule_module
from services.ingest.config import IngestSettings
from services.ingest.core.packed import PackedCursor
from services.ingest.core.sources import Source
from services.ingest.edges.http import open_fetcher
from services.ingest.edges.publisher import Publisher
from services.ingest.pipeline import Pipeline
from services.ingest.schedule import Schedule
from services.runtime.health import Health
from services.runtime.service import STOP_DEADLINE_S
from tests.local_site import LOCAL, LocalSite
from tests.support import eventually, free_port

pytestmark = pytest.mark.slow

SOURCES = 10


@pytest.fixture(params=["refuses", "is silent"])
def kafka_away(request: pytest.FixtureRequest) -> Iterator[str]:
    """Yield an address where nobody listens, or somebody who never answers."""
    if request.param == "refuses":
        yield f"127.0.0.1:{free_port()}"
        return
    with socket.create_server(("127.0.0.1", 0)) as silent:
        yield f"127.0.0.1:{silent.getsockname()[1]}"


def test_it_stops_in_time_while_ten_sources_wait_for_kafka(
    kafka_away: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schedule_module, "POLLS_PER_HOST", SOURCES)
    health = Health(60)
    publisher = Publisher(IngestSettings(kafka_bootstrap=kafka_away))
    with LocalSite() as site:
        site.publish(1, "عقد المجلس البلدي جلسة عادية ناقش فيها صيانة الطرق قبل موسم الأمطار.")
        site.feed(1)
        sources = [
            Source(id=f"s{number}", name="مصدر", url=f"{site.url}/feed.xml", language="ar")
            for number in range(SOURCES)
        ]

        async def poll_until_stopped() -> float:
            async with open_fetcher(LOCAL) as fetcher:
                schedule = Schedule(Pipeline(fetcher, publisher, health).poll_source, 32, health)
                schedule.add((source, PackedCursor.new(source.id)) for source in sources)
                running = asyncio.create_task(schedule.run())
                await asyncio.to_thread(
                    eventually,
                    lambda: (
                        len(site.asked("/feed.xml")) == SOURCES and "publishing" in health.missing()
                    ),
                )
                started = time.monotonic()
                schedule.stop()
                await running
            publisher.close()
            return started

        assert time.monotonic() - asyncio.run(poll_until_stopped()) < STOP_DEADLINE_S
