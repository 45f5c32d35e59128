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
class Fetched:
    """A complete answer. ``url`` is where it was found in the end, ``body`` is decompressed."""

    url: str
    body: bytes
    content_type: str | None
    etag: str | None
    last_modified: str | None


@dataclass(frozen=True, slots=True)
class NotModified:
    """The server says that what the validators stand for is still current."""


@dataclass(frozen=True, slots=True)
class FetchFailed:
    """No usable answer.

    ``reason`` is one of a bounded set: ``timeout``, ``connect``, ``protocol``, ``too-large``,
    ``too-many-redirects``, ``bad-url``, ``http-4xx``, ``http-5xx``, ``http-other``; ``detail`` is
    for a person.
    """

    reason: str
    detail: str


class Fetcher:
    """The connections to all sources, a few at a time to each host."""

    def __init__(self, user_agent: str, timeout_s: float, max_body_bytes: int) -> None:
        self._timeout_s = timeout_s
        self._max_body_bytes = max_body_bytes
        self._client = httpx.AsyncClient(
            http2=True,
            follow_redirects=True,
            max_redirects=MAX_REDIRECTS,
            timeout=httpx.Timeout(timeout_s, connect=min(10.0, timeout_s)),
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=100),
            headers={"User-Agent": user_agent, "Accept": "*/*"},
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
    ) -> Fetched | NotModified | FetchFailed:
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

    async def _get(self, url: str, headers: dict[str, str]) -> Fetched | NotModified | FetchFailed:
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


def _reason(status: int) -> str:
    return {4: "http-4xx", 5: "http-5xx"}.get(status // 100, "http-other")


@asynccontextmanager
async def open_fetcher(
    user_agent: str, timeout_s: float, max_body_bytes: int
) -> AsyncIterator[Fetcher]:
    """Yield a Fetcher whose connections are closed afterwards."""
    fetcher = Fetcher(user_agent, timeout_s, max_body_bytes)
    try:
        yield fetcher
    finally:
        await fetcher.close()
