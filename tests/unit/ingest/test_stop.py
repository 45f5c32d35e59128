"""Stopping while Kafka is away, whatever threads wait for it."""

import asyncio
import socket
import threading
import time
from collections.abc import Iterator

import pytest

from services.contract.articles import SourceState
from services.ingest.__main__ import poll_until_stopped
from services.ingest.config import IngestSettings
from services.ingest.core.addresses import parse_networks
from services.ingest.core.sources import Source
from services.runtime.health import Health
from services.runtime.service import STOP_DEADLINE_S, Service, StopSignal
from tests.local_site import LOCALHOST, LocalSite
from tests.support import eventually, free_port

SOURCES = 10


@pytest.fixture(params=["refuses", "is silent"])
def kafka_away(request: pytest.FixtureRequest) -> Iterator[str]:
    """Yield an address where nobody listens, or somebody who never answers."""
    if request.param == "refuses":
        yield f"127.0.0.1:{free_port()}"
        return
    with socket.create_server(("127.0.0.1", 0)) as silent:
        yield f"127.0.0.1:{silent.getsockname()[1]}"


def test_it_stops_in_time_while_ten_sources_wait_for_kafka(kafka_away: str) -> None:
    stop, health = StopSignal(), Health(60)
    settings = IngestSettings(
        kafka_bootstrap=kafka_away, allow_addresses=parse_networks(LOCALHOST), host_gap_s=0
    )
    service = Service(settings, health, stop)
    with LocalSite() as site:
        site.publish(1, "عقد المجلس البلدي جلسة عادية ناقش فيها صيانة الطرق قبل موسم الأمطار.")
        site.feed(1)
        sources = [
            Source(id=f"s{number}", name="مصدر", url=f"{site.url}/feed.xml", language="ar")
            for number in range(SOURCES)
        ]
        states: dict[str, SourceState] = {}
        running = threading.Thread(
            target=lambda: asyncio.run(poll_until_stopped(service, sources, states)), daemon=True
        )
        running.start()
        eventually(
            lambda: len(site.asked("/feed.xml")) == SOURCES and "publishing" in health.missing()
        )
        started = time.monotonic()
        stop.request()
        running.join(STOP_DEADLINE_S)
        assert not running.is_alive(), f"not stopped in {STOP_DEADLINE_S} s"
        assert time.monotonic() - started < STOP_DEADLINE_S
