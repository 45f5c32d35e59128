"""Few large bodies are in memory at once, and who waits for a place loses nothing by it."""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import replace

from services.ingest.core.answers import Fetched
from services.ingest.edges.http import open_fetcher
from services.ingest.edges.room import LARGE_BODIES, LARGE_BYTES
from tests.hostile_site import HostileSite, answer
from tests.local_site import LOCAL

LARGE = answer(bytes(LARGE_BYTES + 1))
RULES = replace(LOCAL, timeout_s=0.5, max_body_bytes=LARGE_BYTES + 1)


def test_who_waits_for_room_does_not_run_out_of_time() -> None:
    async def wait() -> None:
        async with HostileSite({"/": LARGE}) as site, open_fetcher(RULES) as fetcher:
            async with AsyncExitStack() as held:
                for _ in range(LARGE_BODIES):
                    room = await held.enter_async_context(fetcher.room())
                    assert isinstance(
                        await fetcher.fetch(site.url("/"), "feed", room=room), Fetched
                    )
                waiting = asyncio.create_task(fetcher.fetch(site.url("/"), "feed"))
                done, _ = await asyncio.wait({waiting}, timeout=2 * RULES.timeout_s)
                assert not done
            assert isinstance(await waiting, Fetched)

    asyncio.run(wait())
