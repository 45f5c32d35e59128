"""Polls that begin with what a person asked for: to try again what was given up.

A request is known to every instance and done by the one that has the source. Its cursor says which
request was done last, so that a kill or another owner neither loses one nor does it twice.
"""

from collections.abc import Callable
from datetime import datetime

import structlog

from services.contract.articles import RetryRequest
from services.contract.wire import ContractError
from services.ingest.core.packed import Keep, PackedCursor
from services.ingest.core.retrying import given_up, is_asked, retried
from services.ingest.core.sources import Source
from services.ingest.metrics import ITEMS
from services.ingest.pipeline import Pipeline
from services.ingest.reading import current_time
from services.ingest.schedule import Polled

log = structlog.get_logger()


class Retries:
    """The requests so far, and the polls that heed them. For the thread of the event loop."""

    def __init__(self, pipeline: Pipeline, keep: Keep = bytes) -> None:
        self._pipeline = pipeline
        self._keep = keep
        self._asked: dict[str, datetime] = {}
        self._counted: dict[str, datetime] = {}

    def ask(self, request: RetryRequest, poll_soon: Callable[[str], None]) -> None:
        """Begin the next poll of a source with this request, or repeat the one under way.

        A source of another instance is none of ours until that is gone.
        """
        self._asked[request.source_id] = request.asked_at
        poll_soon(request.source_id)

    async def poll_source(self, source: Source, packed: PackedCursor) -> Polled:
        """Poll as the pipeline does, after what was asked for."""
        while True:
            polled = await self._pipeline.poll_source(source, await self._heed(source, packed))
            if not self._is_asked(source, polled.cursor):
                return polled
            packed = polled.cursor

    def _is_asked(self, source: Source, packed: PackedCursor) -> bool:
        asked_at = self._asked.get(source.id)
        return asked_at is not None and is_asked(packed.head, asked_at)

    async def _heed(self, source: Source, packed: PackedCursor) -> PackedCursor:
        if not self._is_asked(source, packed):
            return packed
        asked_at = self._asked[source.id]
        try:
            state = packed.state()
        except ContractError:
            return packed.with_head(packed.head.model_copy(update={"retried_at": asked_at}))
        after = retried(state, asked_at, current_time())
        await self._pipeline.record(source, state, after)
        self._count(source, asked_at, sum(key not in state.seen for key in given_up(state)))
        return PackedCursor.of(after, packed.recorded, self._keep)

    def _count(self, source: Source, asked_at: datetime, dead: int) -> None:
        """Count once what is tried again: an outage takes a poll back, and it is repeated."""
        if self._counted.get(source.id) != asked_at:
            self._counted[source.id] = asked_at
            ITEMS.labels(source.id, "retried").inc(dead)
            log.info("tried again", source_id=source.id, items=dead)
