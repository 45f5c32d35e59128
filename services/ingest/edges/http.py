"""One polite GET: what came back is a value, also when nothing did."""

import asyncio
import time
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Literal
from urllib.parse import urlsplit

import httpx
from prometheus_client import Histogram

from services.ingest.core.answers import Answer, Fetched, FetchFailed, NotModified, Reason

MAX_REDIRECTS = 5
CONCURRENCY_PER_HOST = 2

Kind = Literal["feed", "page"]

FETCH_SECONDS = Histogram(
    "rasid_fetch_duration_seconds",
    "From asking to the last byte, without waiting for a turn",
    ["kind"],
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20),
)


@dataclass(frozen=True, slots=True)
class FetchRules:
    """How to ask. ``user_agent`` says who we are and how to reach us."""

    user_agent: str
    timeout_s: float = 20
    max_body_bytes: int = 10_000_000


class Fetcher:
    """The connections to all sources, a few at a time to each host."""

    def __init__(self, rules: FetchRules) -> None:
        self._timeout_s = rules.timeout_s
        self._max_body_bytes = rules.max_body_bytes
        self._client = httpx.AsyncClient(
            http2=True,
            follow_redirects=True,
            max_redirects=MAX_REDIRECTS,
            timeout=httpx.Timeout(rules.timeout_s, connect=min(10.0, rules.timeout_s)),
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=100),
            headers={"User-Agent": rules.user_agent, "Accept": "*/*"},
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),  # keeps none
        )
        self._turns: defaultdict[str, asyncio.Semaphore] = defaultdict(
            lambda: asyncio.Semaphore(CONCURRENCY_PER_HOST)
        )

    async def close(self) -> None:
        """Close all connections."""
        await self._client.aclose()

    async def fetch(
        self, url: str, kind: Kind, etag: str | None = None, last_modified: str | None = None
    ) -> Answer:
        """Return what ``url`` holds now; NotModified only where a validator was given.

        Never raises for anything that a server can do. Waiting for a turn at the host is not part
        of the deadline, redirects and the body are.
        """
        validators = {"If-None-Match": etag, "If-Modified-Since": last_modified}
        headers = {name: value for name, value in validators.items() if value}
        async with self._turns[_host(url)]:
            started = time.monotonic()
            try:
                async with asyncio.timeout(self._timeout_s):
                    return await self._get(url, headers)
            except (TimeoutError, httpx.TimeoutException):
                return FetchFailed("timeout", f"no complete answer within {self._timeout_s:g} s")
            except httpx.TooManyRedirects:
                return FetchFailed("too-many-redirects", f"more than {MAX_REDIRECTS} redirects")
            except (httpx.InvalidURL, httpx.UnsupportedProtocol, UnicodeError) as error:
                return FetchFailed("bad-url", str(error))
            except httpx.NetworkError as error:
                return FetchFailed("connect", str(error) or type(error).__name__)
            except (httpx.HTTPError, httpx.StreamError, ValueError) as error:
                return FetchFailed("protocol", str(error) or type(error).__name__)
            finally:
                FETCH_SECONDS.labels(kind).observe(time.monotonic() - started)

    async def _get(self, url: str, headers: dict[str, str]) -> Answer:
        async with self._client.stream("GET", url, headers=headers) as response:
            if response.status_code == httpx.codes.NOT_MODIFIED and headers:
                return NotModified()
            if response.status_code != httpx.codes.OK:
                return FetchFailed(_reason(response.status_code), f"HTTP {response.status_code}")
            body = bytearray()
            async for chunk in response.aiter_bytes():
                body += chunk
                if len(body) > self._max_body_bytes:
                    return FetchFailed("too-large", f"more than {self._max_body_bytes} bytes")
            return Fetched(
                url=str(response.url),
                body=bytes(body),
                content_type=response.headers.get("content-type"),
                etag=response.headers.get("etag"),
                last_modified=response.headers.get("last-modified"),
            )


def _host(url: str) -> str:
    try:
        return urlsplit(url).netloc
    except ValueError:
        return ""  # no address: not worth a turn of its own


def _reason(status: int) -> Reason:
    if status in (httpx.codes.NOT_FOUND, httpx.codes.GONE):
        return "gone"
    if status == httpx.codes.TOO_MANY_REQUESTS:
        return "throttled"
    by_class: dict[int, Reason] = {4: "http-4xx", 5: "http-5xx"}
    return by_class.get(status // 100, "http-other")


@asynccontextmanager
async def open_fetcher(rules: FetchRules) -> AsyncIterator[Fetcher]:
    """Yield a Fetcher whose connections are closed afterwards."""
    fetcher = Fetcher(rules)
    try:
        yield fetcher
    finally:
        await fetcher.close()
