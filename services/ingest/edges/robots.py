"""Each site's robots.txt, asked for once in a while, and once when many want it."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable

from services.ingest.core.answers import Answer, FetchFailed
from services.ingest.core.robots import RobotsFile, RobotsRules, learn, read_robots

MAX_KEPT_BYTES = 16_000_000
SITE_BYTES = 1_000
"""What remembering a site takes besides its file."""

LONG_BYTES = 4_000
"""A longer file is read in a thread: a hostile one takes a second."""

Ask = Callable[[str], Awaitable[Answer]]
"""Fetches a robots.txt, without asking whether that is allowed."""


class _Site:
    def __init__(self) -> None:
        self.lock = asyncio.Lock()
        self.file: RobotsFile | None = None

    def fresh_file(self) -> RobotsFile | None:
        fresh = self.file and time.monotonic() < self.file.fresh_until
        return self.file if fresh else None

    def size(self) -> int:
        content = self.file and self.file.content
        return SITE_BYTES + (len(content) if isinstance(content, bytes) else 0)


class Robots:
    """The rules of sites for ``agent``, the product in our User-Agent."""

    def __init__(self, agent: str, ask: Ask) -> None:
        self._agent = agent
        self._ask = ask
        self._sites: OrderedDict[str, _Site] = OrderedDict()

    async def rules(self, origin: str) -> RobotsRules | FetchFailed:
        """Return the rules of ``origin``, or why they cannot be known: then nothing is allowed."""
        file = await self._file(origin)
        if isinstance(file.content, FetchFailed):
            return file.content
        if len(file.content) > LONG_BYTES:
            return await asyncio.to_thread(read_robots, file.content, self._agent)
        return read_robots(file.content, self._agent)

    async def _file(self, origin: str) -> RobotsFile:
        site = self._sites.get(origin) or self._sites.setdefault(origin, _Site())
        self._sites.move_to_end(origin)
        if file := site.fresh_file():
            return file
        async with site.lock:
            if file := site.fresh_file():  # who waited for another's question has its answer
                return file
            answer = await self._ask(f"{origin}/robots.txt")
            site.file = learn(answer, site.file, time.monotonic())
            self._forget_some()
            return site.file

    def _forget_some(self) -> None:
        """Forget the sites that were asked longest ago if the files take too much memory."""
        kept_bytes = sum(site.size() for site in self._sites.values())
        while kept_bytes > MAX_KEPT_BYTES:
            _, site = self._sites.popitem(last=False)
            kept_bytes -= site.size()
