"""A JSON Feed's text to its items: versions 1 and 1.1 (https://jsonfeed.org/version/1.1)."""

import json
from collections.abc import Sequence
from html import escape
from typing import Any
from zoneinfo import ZoneInfo

from services.ingest.core.dates import read_date
from services.ingest.core.items import (
    MAX_ITEMS,
    FeedError,
    FeedItem,
    Listing,
    absolute,
    newest_part,
    plain,
    with_unique_keys,
)

MAX_CONTAINERS = 300_000
"""Objects and lists in one feed: each takes 20 to 30 times the memory that it takes in the text."""

_CONTROL_AND_SURROGATES = {*range(9), 11, 12, *range(14, 32), *range(0xD800, 0xE000)}
_REPAIR = dict.fromkeys(_CONTROL_AND_SURROGATES)


def parse_json_feed(text: str, url: str, zone: ZoneInfo) -> Listing:
    """Return what the feed that was fetched from ``url`` lists; raise FeedError if it is none.

    An item that is no object, or says nothing, is passed over.
    """
    if text.count("{") + text.count("[") > MAX_CONTAINERS:
        raise FeedError(f"more than {MAX_CONTAINERS} objects and lists")
    try:
        feed = json.loads(text, strict=False)
    except (ValueError, RecursionError) as error:
        raise FeedError(f"no JSON: {error}") from error
    version = _text(feed, "version")
    if "jsonfeed.org/version/" not in version or not isinstance(feed.get("items"), list):
        raise FeedError("JSON, but no JSON Feed")
    listed = [item for item in feed["items"] if isinstance(item, dict)]

    def item_of(item: dict[str, Any]) -> FeedItem:
        return _item(item, url, zone)

    part: Sequence[dict[str, Any]] = listed
    if len(listed) > MAX_ITEMS:
        part = newest_part(listed[:MAX_ITEMS], listed[-MAX_ITEMS:], item_of)
    items = map(item_of, part)
    return Listing(
        items=with_unique_keys(item for item in items if item.key or item.link or item.title),
        left_out=len(listed) - len(part),
    )


def _item(item: dict[str, Any], url: str, zone: ZoneInfo) -> FeedItem:
    link = _text(item, "url") or _text(item, "external_url")
    authors = item.get("authors")
    author = authors[0] if isinstance(authors, list) and authors else item.get("author")
    tags = item.get("tags")
    return FeedItem(
        key=_text(item, "id"),
        title=plain(_text(item, "title")),
        link=absolute(url, link) if link else "",
        content_html=_text(item, "content_html")
        or escape(_text(item, "content_text") or _text(item, "summary")),
        byline=_text(author, "name") or None,
        section=plain(_text({"tag": tags[0]}, "tag")) or None
        if isinstance(tags, list) and tags
        else None,
        published=read_date(_text(item, "date_published"), zone),
        updated=read_date(_text(item, "date_modified"), zone),
    )


def _text(value: Any, name: str) -> str:
    """Return the text or number called ``name`` in an object, "" if there is none."""
    found = value.get(name) if isinstance(value, dict) else None
    if isinstance(found, bool) or not isinstance(found, str | int | float):
        return ""
    return str(found).translate(_REPAIR).strip()
