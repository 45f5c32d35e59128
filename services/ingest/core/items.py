"""What every kind of source comes to: a listing of items, each with a key of its own."""

import hashlib
import html
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar
from urllib.parse import urljoin

from services.ingest.core.dates import Moment, is_made_up

MAX_KEY_BYTES = 120
"""A longer key, as JSON writes it, is replaced by its hash."""

MAX_ITEMS = 5_000
"""Items read of one source at one poll: what its cursor can hold in one message."""

MAX_TITLE_CHARS = 10_000

T = TypeVar("T")

_TAG = re.compile(r"<[^>]{1,500}>")
_TOO_LONG_NUMBER = re.compile(r"&#\d{8,};?")
_VERSION = re.compile(r"(?<=.)#\d{1,3}$")


class FeedError(ValueError):
    """What was fetched is not what the source's kind says."""


@dataclass(frozen=True, slots=True)
class FeedItem:
    """One item as the source gives it. ``content_html`` is the longest text of it there is."""

    key: str
    title: str
    link: str
    content_html: str = ""
    byline: str | None = None
    section: str | None = None
    published: Moment | None = None
    updated: Moment | None = None


@dataclass(frozen=True, slots=True)
class Child:
    """A sitemap that an index names, and when it says that it changed."""

    url: str
    modified: datetime | None


@dataclass(frozen=True, slots=True)
class Listing:
    """What a source shows at one poll, in its order, keys unique.

    ``update_interval_s`` is how often it says that it changes, ``more`` are the sitemaps to be read
    with it, ``left_out`` counts the items beyond what one poll reads.
    """

    items: tuple[FeedItem, ...]
    update_interval_s: float | None = None
    more: tuple[Child, ...] = ()
    left_out: int = 0


def newest_part(
    first: Sequence[T], last: Sequence[T], item_of: Callable[[T], FeedItem]
) -> Sequence[T]:
    """Return the ``first`` entries of a listing that is too long, or its ``last`` if it ends new.

    A listing mostly begins with the newest; one that grows at its end would show the oldest for
    ever.
    """
    ends = [item_of(entry) for entry in (first[0], last[-1])]
    dates = [end.published or end.updated for end in ends]
    began, ended = (moment.at if moment else None for moment in dates)
    return last if began and ended and began < ended else first


def absolute(base: str, link: str) -> str:
    """Return ``link`` as seen from ``base``; as it is if it is no address: fetching it says so."""
    try:
        return urljoin(base, link)
    except ValueError:
        return link


def plain(text: str) -> str:
    """Return a title as text: many are HTML although they should not be."""
    text = text[:MAX_TITLE_CHARS]
    text = _TOO_LONG_NUMBER.sub("", _TAG.sub(" ", text) if "<" in text else text)
    return " ".join(html.unescape(text).split())  # which raises for a number without end


def with_unique_keys(items: Iterable[FeedItem]) -> tuple[FeedItem, ...]:
    """Give each item a key of its own: its guid; if that is missing or repeated, more of it.

    Then its link is part of the key, if need be its title, and what it says at last. The number of
    a version that is part of a guid (``...#1``) is not.
    """
    items = [replace(item, key=_VERSION.sub("", item.key)) for item in items]
    times = [Counter(_key(item, parts) for item in items) for parts in (1, 2, 3)]
    keyed: dict[str, FeedItem] = {}
    for item in items:
        keys = ((_key(item, parts), times[parts - 1]) for parts in (1, 2, 3))
        key = next((key for key, of_key in keys if key and of_key[key] == 1), _key(item, 4))
        if len(json.dumps(key, ensure_ascii=False).encode()) > MAX_KEY_BYTES:
            key = hashlib.sha256(key.encode()).hexdigest()
        keyed.setdefault(key, replace(item, key=key))  # the same item twice: the newer comes first
    return tuple(keyed.values())


def _key(item: FeedItem, parts: int) -> str:
    """Return the first ``parts`` of what tells ``item`` from others; "" if it has none of them."""
    key = (item.key, item.link, item.title, item.content_html)[:parts]
    return "|".join(key) if any(key) else ""


def without_made_up_dates(items: tuple[FeedItem, ...]) -> tuple[FeedItem, ...]:
    """Return ``items`` without dates that all of them share: then the feed was made, not they."""
    if is_made_up([item.published for item in items]):
        items = tuple(replace(item, published=None) for item in items)
    if is_made_up([item.updated for item in items]):
        items = tuple(replace(item, updated=None) for item in items)
    return items
