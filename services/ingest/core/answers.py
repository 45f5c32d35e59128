"""What may come of asking a server for something: a value in every case."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

Weight = Literal["hard", "soft", "temporary"]
"""How much a failure says about the source: will not get better by itself; may; will."""

Reason = Literal[
    "bad-url",
    "gone",
    "not-a-feed",
    "forbidden-address",
    "http-4xx",
    "http-other",
    "protocol",
    "robots",
    "tls",
    "too-large",
    "too-many-redirects",
    "unreadable",
    "connect",
    "disconnected",
    "http-5xx",
    "resolve",
    "throttled",
    "timeout",
]

WEIGHTS: Mapping[Reason, Weight] = {
    "bad-url": "hard",  # no address of the web, also as the target of a redirect
    "gone": "hard",  # 404 and 410
    "not-a-feed": "hard",  # an answer, but not of the kind that was asked for
    "forbidden-address": "soft",  # not an address of the public internet, or not a port of the web
    "http-4xx": "soft",  # but 404, 410 and 429
    "http-other": "soft",  # a status that is no answer to a GET
    "protocol": "soft",  # not HTTP, or not encoded as it says
    "robots": "soft",  # robots.txt forbids it
    "tls": "soft",  # no trusted encrypted connection: mostly an expired certificate
    "too-large": "soft",  # the body after decompression, or the headers
    "too-many-redirects": "soft",  # or a circle of them
    "unreadable": "soft",  # it broke a parser, which is a bug of ours
    "connect": "temporary",  # nobody answers at the address
    "disconnected": "temporary",  # the connection broke before the answer was complete
    "http-5xx": "temporary",
    "resolve": "temporary",  # the name has no address
    "throttled": "temporary",  # 429, or the host asked before to be left alone for now
    "timeout": "temporary",
}
"""Why there is no usable answer. ``resolve``, ``connect``, ``disconnected`` and ``timeout`` are
what a network outage of our own looks like, at every source at once."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """A complete answer. ``url`` is where it was found in the end, ``body`` is decompressed.

    ``etag`` and ``last_modified`` are what to send the next time; a senseless date is left out, and
    so are both where the body is cut short, so that it is read again. ``fresh_for_s`` is for how
    long the server says that it will not change, None if it does not say. ``moved_to`` is the
    address to ask from now on if every redirect on the way was a permanent one. ``headers`` are
    as they came, for the archive.
    """

    url: str
    body: bytes
    content_type: str | None
    etag: str | None
    last_modified: str | None
    fresh_for_s: float | None = None
    moved_to: str | None = None
    headers: tuple[tuple[str, str], ...] = field(default=(), compare=False, repr=False)


class Validators(NamedTuple):
    """What stands for a listing as it was read; None where nothing does."""

    etag: str | None = None
    last_modified: str | None = None
    body_hash: str | None = None


UNREAD = Validators()._asdict()
"""The validators of a cursor whose source is to show all that it lists."""


@dataclass(frozen=True, slots=True)
class NotModified:
    """What the validators stand for is still current. The fields are those of Fetched."""

    fresh_for_s: float | None = None
    moved_to: str | None = None


@dataclass(frozen=True, slots=True)
class FetchFailed:
    """No usable answer, and why; ``detail`` is for a person.

    ``retry_after_s``: for how long the server, or its host, wants to be left alone; None if it does
    not say.
    """

    reason: Reason
    detail: str
    retry_after_s: float | None = None

    @property
    def weight(self) -> Weight:
        """How much this says about the source."""
        return WEIGHTS[self.reason]

    @property
    def asks_for_pause(self) -> bool:
        """Whether the server wants fewer requests, or none for a while."""
        return self.reason == "throttled" or self.retry_after_s is not None


Answer = Fetched | NotModified | FetchFailed
