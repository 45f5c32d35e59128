"""A process that polls one source without a pause, to be killed: started by forking, in 50 ms.

It runs what ingest runs for a source, cursor to cursor; what it leaves out is the wait between
polls, and the time that starting Python takes.
"""

import asyncio
import multiprocessing
from collections.abc import Mapping
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from typing import Self

from services.contract.topics import SOURCES
from services.ingest.config import IngestSettings
from services.ingest.core.packed import PackedCursor
from services.ingest.core.sources import Source
from services.ingest.edges.cursors import read_cursors
from services.ingest.edges.http import open_fetcher
from services.ingest.edges.publisher import Publisher
from services.ingest.pipeline import Pipeline
from services.ingest.rules import fetch_rules
from services.runtime.health import Health
from services.runtime.settings import load
from tests.support import PATIENCE_S

_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["tests.polling_process"])


class PollingProcess:
    """Polls from ``__enter__``, which returns when the cursor is read, to SIGKILL."""

    def __init__(self, source: Source, environ: Mapping[str, str]) -> None:
        self._polled, theirs = _FORKS.Pipe(duplex=False)
        self._process: ForkServerProcess = _FORKS.Process(
            target=_poll_for_ever, args=(source, dict(environ), theirs), daemon=True
        )

    def __enter__(self) -> Self:
        self._process.start()
        self._polled.recv()
        return self

    def __exit__(self, *exception: object) -> None:
        self._process.kill()
        self._process.join()

    def wait_polled(self, polls: int) -> None:
        """Return after so many more polls."""
        for _ in range(polls):
            assert self._polled.poll(PATIENCE_S), "no poll"
            self._polled.recv()


def _poll_for_ever(source: Source, environ: Mapping[str, str], polled: Connection) -> None:
    settings = load(IngestSettings, environ)
    cursors = read_cursors(settings, range(SOURCES.partitions))
    cursor = cursors.get(source.id) or PackedCursor.new(source.id)
    asyncio.run(_polls(source, cursor, settings, polled))


async def _polls(
    source: Source, cursor: PackedCursor, settings: IngestSettings, polled: Connection
) -> None:
    publisher = Publisher(settings)
    async with open_fetcher(fetch_rules(settings)) as fetcher:
        pipeline = Pipeline(fetcher, publisher, Health(60))
        polled.send(None)
        while True:
            cursor = (await pipeline.poll_source(source, cursor)).cursor
            polled.send(None)
