"""One polite fetch: what came back is a value, also when nothing did."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Literal

import httpx
from prometheus_client import Histogram

from services.ingest.core.addresses import Network
from services.ingest.core.answer_headers import usable_etag, usable_last_modified
from services.ingest.core.answers import Answer, Fetched, FetchFailed
from services.ingest.core.inflate import ACCEPT_ENCODING
from services.ingest.core.politeness import Manners
from services.ingest.edges.archive import Archive, Exchange
from services.ingest.edges.connections import Connections, Resolve, resolve
from services.ingest.edges.exchange import Question, Redirect, Step, exchange
from services.ingest.edges.failures import failure
from services.ingest.edges.robots import Robots
from services.ingest.edges.room import Clock, Room, Rooms
from services.ingest.edges.turns import Host, HostBusyError, Hosts
from services.ingest.edges.web_address import BadUrlError, web_address

MAX_REDIRECTS = 5
MAX_PAGE_BYTES = 4_000_000
"""Of a page the beginning is read: the article is there, and more is not looked at anyway."""

USUAL_MANNERS = Manners()

Kind = Literal["feed", "page", "robots"]

FETCH_SECONDS = Histogram(
    "rasid_fetch_duration_seconds",
    "From asking to the last byte, without waiting for a turn",
    ["kind"],
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20),
)


@dataclass(frozen=True, slots=True)
class FetchRules:
    """How to ask. ``user_agent`` is ``Product/version`` and how to reach us.

    ``concurrency`` is for all hosts together, ``min_gap_s`` from one request to the next at one
    host. ``allowed`` are networks that may be asked though they are not public.
    """

    user_agent: str
    timeout_s: float = 20
    max_body_bytes: int = 10_000_000
    concurrency: int = 32
    min_gap_s: float = 0.5
    allowed: tuple[Network, ...] = ()


@dataclass(slots=True)
class _Errand:
    """A fetch under way: what is asked at every address, and how much of the deadline is left."""

    kind: Kind
    question: Question
    manners: Manners
    left_s: float


class Fetcher:
    """The connections to all sources, a few at a time to each host."""

    def __init__(
        self, rules: FetchRules, resolve: Resolve = resolve, archive: Archive | None = None
    ) -> None:
        self._rules = rules
        self._archive = archive
        self._headers = {
            "User-Agent": rules.user_agent,
            "Accept": "*/*",
            "Accept-Encoding": ACCEPT_ENCODING,
        }
        self._connections = Connections(rules.allowed, resolve)
        self._hosts = Hosts()
        self._rooms = Rooms()
        self._slots = asyncio.Semaphore(rules.concurrency)
        self._robots = Robots(rules.user_agent.partition("/")[0], self._fetch_robots)

    async def close(self) -> None:
        """Close all connections."""
        await self._connections.close()
        self._rooms.close()

    def room(self) -> AbstractAsyncContextManager[Room]:
        """Return room for one body: whoever reads what is fetched, does both inside."""
        return self._rooms.one()

    async def fetch(
        self,
        url: str,
        kind: Kind,
        etag: str | None = None,
        last_modified: str | None = None,
        manners: Manners = USUAL_MANNERS,
        room: Room | None = None,
    ) -> Answer:
        """Return what ``url`` holds now; NotModified only where a validator was given.

        Never raises for anything that a server can do. Waiting for a turn at the host, or for room,
        is not part of the deadline, redirects and the body are. Without ``room`` the body counts
        only while it arrives: for files that are small.
        """
        validators = {
            "If-None-Match": usable_etag(etag),
            "If-Modified-Since": usable_last_modified(last_modified, datetime.now(UTC)),
        }
        sent = {name: value for name, value in validators.items() if value}
        async with nullcontext(room) if room else self.room() as place:
            question = self._question(kind, self._headers | sent, place)
            errand = _Errand(kind, question, manners, self._rules.timeout_s)
            try:
                return await self._follow(web_address(url), errand)
            except BadUrlError as error:
                return failure(error)
            finally:
                FETCH_SECONDS.labels(kind).observe(self._rules.timeout_s - errand.left_s)

    def _question(self, kind: Kind, headers: Mapping[str, str], room: Room) -> Question:
        is_page, most = kind == "page", self._rules.max_body_bytes
        return Question(
            headers=headers,
            max_body_bytes=min(most, MAX_PAGE_BYTES) if is_page else most,
            takes_part=not is_page,
            takes_beginning=is_page,
            room=room,
        )

    async def _follow(self, url: httpx.URL, errand: _Errand) -> Answer:
        """Go from redirect to redirect; each is a question of its own, with every check."""
        visited = {url}
        all_permanent = True
        while len(visited) <= MAX_REDIRECTS + 1:
            step = await self._step(url, errand)
            if isinstance(step, FetchFailed):
                return step
            if not isinstance(step, Redirect):
                moved = len(visited) > 1 and all_permanent
                return replace(step, moved_to=str(url)) if moved else step
            url = step.to
            all_permanent = all_permanent and step.permanent
            if url in visited:
                return FetchFailed("too-many-redirects", f"back to {url}")
            visited.add(url)
        return FetchFailed("too-many-redirects", f"more than {MAX_REDIRECTS} redirects")

    async def _step(self, url: httpx.URL, errand: _Errand) -> Step:
        """Ask ``url`` if its site lets us, when it is our turn there."""
        manners = errand.manners
        gap_s = self._rules.min_gap_s if manners.min_gap_s is None else manners.min_gap_s
        if errand.kind != "robots":
            rules = await self._robots.rules(f"{url.scheme}://{url.netloc.decode('ascii')}")
            if isinstance(rules, FetchFailed):
                return rules
            if not rules.allow(str(url)):
                return FetchFailed("robots", f"robots.txt does not allow {url}")
            gap_s = max(gap_s, rules.crawl_delay_s)
        try:
            # The slot is taken last: who waits for a host holds none.
            turn = self._hosts.turn(url.host, gap_s, manners.max_concurrency)
            async with turn as host, self._slots:
                return await self._ask(url, errand, host)
        except HostBusyError as busy:
            return FetchFailed("throttled", str(busy), busy.retry_after_s)

    async def _ask(self, url: httpx.URL, errand: _Errand, host: Host) -> Step:
        step: Step
        clock = Clock()
        try:
            async with errand.question.room.timeout(errand.left_s) as clock:
                step = await exchange(self._connections, url, errand.question)
        except TimeoutError:
            step = FetchFailed("timeout", f"no complete answer in {self._rules.timeout_s:g} s")
        except Exception as error:
            step = failure(error)
        took_s = clock.seconds
        errand.left_s -= took_s
        host.answered(took_s)
        if isinstance(step, FetchFailed) and step.asks_for_pause:
            host.refused(step.retry_after_s)
        if self._archive is not None and isinstance(step, Fetched):
            sent = tuple(errand.question.headers.items())
            now = datetime.now(UTC)
            await self._archive.keep(
                Exchange(step.url, sent, HTTPStatus.OK, step.headers, step.body, now)
            )
        return step

    async def _fetch_robots(self, url: str) -> Answer:
        return await self.fetch(url, "robots")


@asynccontextmanager
async def open_fetcher(
    rules: FetchRules, resolve: Resolve = resolve, archive: Archive | None = None
) -> AsyncIterator[Fetcher]:
    """Yield a Fetcher whose connections are closed afterwards."""
    fetcher = Fetcher(rules, resolve, archive)
    try:
        yield fetcher
    finally:
        await fetcher.close()
