"""One question and one answer: a GET without redirects, everything of it bounded."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus

import httpcore
import httpx

from services.ingest.core.answer_headers import (
    fresh_for_s,
    retry_after_s,
    usable_etag,
    usable_last_modified,
)
from services.ingest.core.answers import Fetched, FetchFailed, NotModified, Reason
from services.ingest.core.inflate import TooLargeError, decoders, feed
from services.ingest.edges.connections import Connections
from services.ingest.edges.room import Room
from services.ingest.edges.web_address import web_address

MAX_HEADERS = 200
"""Their bytes are limited to 100 kB over HTTP/1.1 and 64 kB over HTTP/2 by what reads them."""

MAX_CONNECT_S = 10.0

DRAINED_BYTES = 16_384
"""Of a body that nobody wants, so that the connection can be used again."""

PACKED_PIECE_BYTES = 2_000
"""Unpacked at once, so that a packed body is seen to be large before it is."""

REDIRECTS = frozenset({301, 302, 303, 307, 308})
PERMANENT_REDIRECTS = frozenset({301, 308})
_ANSWERS = frozenset({200, 203})  # the second by a proxy


@dataclass(frozen=True, slots=True)
class Redirect:
    """The answer is elsewhere; ``permanent``: and will stay there."""

    to: httpx.URL
    permanent: bool


Step = Fetched | NotModified | FetchFailed | Redirect


@dataclass(frozen=True, slots=True)
class Question:
    """What is sent to every address on the way, and what is taken of the answer.

    With ``takes_part`` a body that is cut short is taken for what it is, without validators; with
    ``takes_beginning`` one that is too large is taken as far as it is not.
    """

    headers: Mapping[str, str]
    max_body_bytes: int
    takes_part: bool
    takes_beginning: bool
    room: Room

    @property
    def conditional(self) -> bool:
        """Whether a 304 can be the answer."""
        return not self.headers.keys().isdisjoint(("If-None-Match", "If-Modified-Since"))


async def exchange(connections: Connections, url: httpx.URL, question: Question) -> Step:
    """Ask ``url``. What it raises is what ``failures.py`` knows."""
    sent = [(b"Host", url.netloc), *_raw(question.headers)]
    target = httpcore.URL(
        scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
    )
    extensions = {"timeout": {"connect": MAX_CONNECT_S}}
    response = await connections.ask(
        httpcore.Request("GET", target, headers=sent, extensions=extensions)
    )
    try:
        return await _read(response, url, question)
    finally:
        await response.aclose()


async def _read(response: httpcore.Response, url: httpx.URL, question: Question) -> Step:
    now = datetime.now(UTC)
    headers = _headers(response)
    status = response.status
    if status in REDIRECTS and "location" in headers:
        to = web_address(headers["location"], base=url)
        await _drain(response)
        return Redirect(to, status in PERMANENT_REDIRECTS)
    if status not in _ANSWERS:
        await _drain(response)
    if status == HTTPStatus.NOT_MODIFIED and question.conditional:
        return NotModified(fresh_for_s(headers, now))
    if status not in _ANSWERS:
        return FetchFailed(_reason(status), f"HTTP {status}", retry_after_s(headers, now))
    encoding = headers.get("content-encoding", "")
    body, complete = await _body(response, encoding, question)
    if not complete and not (question.takes_part and body):
        return FetchFailed("protocol", f"{encoding} is cut short")
    return Fetched(
        url=str(url),
        body=body,
        content_type=headers.get("content-type"),
        etag=usable_etag(headers.get("etag")) if complete else None,
        last_modified=usable_last_modified(headers.get("last-modified"), now) if complete else None,
        fresh_for_s=fresh_for_s(headers, now) if complete else None,
        headers=tuple((_text(name), _text(value)) for name, value in response.headers),
    )


async def _drain(response: httpcore.Response) -> None:
    """Read the end of the answer, unless it is far: else the connection is closed."""
    left = DRAINED_BYTES
    async for chunk in response.aiter_stream():
        left -= len(chunk)
        if left < 0:
            return


async def _body(
    response: httpcore.Response, encoding: str, question: Question
) -> tuple[bytes, bool]:
    """Return the decompressed body and whether it is complete.

    Raises TooLargeError, whether it is so before or after decompression, and EncodingError.
    """
    chain = decoders(encoding, question.max_body_bytes)
    body = bytearray()
    sent_bytes = 0
    try:
        async for chunk in response.aiter_stream():
            sent_bytes += len(chunk)
            for piece in _pieces(chunk, PACKED_PIECE_BYTES if chain else len(chunk)):
                for made in feed(chain, piece):
                    body += made
                    if max(sent_bytes, len(body)) > question.max_body_bytes:
                        raise TooLargeError(f"more than {question.max_body_bytes} bytes")
                    await question.room.take(len(body))
    except TooLargeError:
        if not (question.takes_beginning and body):  # of a bomb there may be none
            raise
        return bytes(body[: question.max_body_bytes]), True
    complete = not sent_bytes or all(decoder.complete for decoder in chain)
    return bytes(body), complete


def _pieces(chunk: bytes, size: int) -> Iterator[bytes]:
    return (chunk[start : start + size] for start in range(0, len(chunk), size))


def _headers(response: httpcore.Response) -> dict[str, str]:
    """Return the headers by lower-case name; those that come several times joined by commas."""
    if len(response.headers) > MAX_HEADERS:
        raise TooLargeError(f"more than {MAX_HEADERS} headers")
    headers: dict[str, str] = {}
    for raw_name, raw_value in response.headers:
        name, value = _text(raw_name).lower(), _text(raw_value)
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return headers


def _text(raw: bytes) -> str:
    """Return a header as text. Some servers send addresses in plain UTF-8."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _raw(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.encode("ascii"), value.encode("ascii")) for name, value in headers.items()]


def _reason(status: int) -> Reason:
    match status:
        case 404 | 410:
            return "gone"
        case 429:
            return "throttled"
        case _ if 400 <= status < 500:
            return "http-4xx"
        case _ if status >= 500:
            return "http-5xx"
        case _:
            return "http-other"
