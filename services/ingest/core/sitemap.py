"""A sitemap's text to its items: plain, of news (Google's namespace), or an index of others.

https://www.sitemaps.org/protocol.html
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from operator import itemgetter
from zoneinfo import ZoneInfo

from lxml import etree

from services.ingest.core.dates import Moment, believable, read_date
from services.ingest.core.items import (
    Child,
    FeedError,
    FeedItem,
    Listing,
    absolute,
    plain,
    with_unique_keys,
)
from services.ingest.core.xml import parse_xml, split_tag, text_of

MAX_SITEMAP_ITEMS = 1_000
"""The newest of a sitemap that are read: what a sitemap of news may hold."""

MAX_CHILDREN = 5
"""The newest sitemaps of an index that are read at one poll."""

RECENT = timedelta(days=7)
"""An entry that is older than the newest of its sitemap by more than this is no news."""

_NO_ARTICLES = re.compile(
    r"(category|tag|taxonom\w+|author|user|page(?!-\d)|image|video)s?\b[^/]*\.xml"
)
_LONG_AGO = datetime(1, 1, 1, tzinfo=UTC)


def parse_sitemap(text: str, url: str, zone: ZoneInfo, now: datetime) -> Listing:
    """Return the news on the sitemap that was fetched from ``url``, the newest first.

    Raises FeedError if the text is no sitemap.
    """
    whole = parse_whole_sitemap(text, url, zone)
    if whole.more:
        return replace(whole, more=whole.more[:MAX_CHILDREN])
    return _of_late(whole.items, now)


def parse_whole_sitemap(text: str, url: str, zone: ZoneInfo) -> Listing:
    """Return all that the sitemap that was fetched from ``url`` lists, the newest first.

    Where some entries are marked as news, only they are items; keys are the addresses. Raises
    FeedError if the text is no sitemap.
    """
    root = parse_xml(text)
    match split_tag(str(root.tag))[1]:
        case "urlset":
            entries = [_item(entry, url, zone) for entry in _entries(root, "url")]
            news = [item for item, is_news in entries if is_news]
            items = [item for item in news or [item for item, _ in entries] if item.link]
            items.sort(key=_changed, reverse=True)  # stable: as listed where there are no times
            return Listing(tuple(items))
        case "sitemapindex":
            children = [_child(entry, url, zone) for entry in _entries(root, "sitemap")]
            return Listing((), more=_newest_first([child for child in children if child.url]))
        case other:
            raise FeedError(f"<{other}> begins no sitemap")


def _newest_first(children: list[Child]) -> tuple[Child, ...]:
    """Return the sitemaps that may list articles.

    Where an index gives no times, numbers in the names do: of pages or of months.
    """
    may = [child for child in children if not _NO_ARTICLES.search(child.url)] or children
    may.sort(key=lambda child: (child.modified or _LONG_AGO, _numbers(child.url)), reverse=True)
    return tuple(may)


def _numbers(url: str) -> list[int]:
    return [int(digits) for digits in re.findall(r"\d{1,18}", url)]


def _of_late(items: Sequence[FeedItem], now: datetime) -> Listing:
    """Leave out what is old news. One date of 2099 must not make all others old."""
    dated = [(_changed(item, now), item) for item in items]
    dated.sort(key=itemgetter(0), reverse=True)
    newest = dated[0][0] if dated else _LONG_AGO
    recent = [item for at, item in dated if at == _LONG_AGO or newest - at <= RECENT]
    kept = recent[:MAX_SITEMAP_ITEMS]
    return Listing(items=with_unique_keys(kept), left_out=len(items) - len(kept))


def _changed(item: FeedItem, now: datetime | None = None) -> datetime:
    """Return the latest that ``item`` says of itself, of what is believable where ``now`` is."""
    moments = [moment for moment in (item.published, item.updated) if moment]
    believed = [moment.at for moment in moments if now is None or believable(moment, now)]
    return max(believed, default=_LONG_AGO)


def _entries(root: etree._Element, name: str) -> Iterator[etree._Element]:
    return (e for e in root.iterchildren(etree.Element) if split_tag(str(e.tag))[1] == name)


def _item(entry: etree._Element, url: str, zone: ZoneInfo) -> tuple[FeedItem, bool]:
    facts = _facts(entry)
    link = facts.get("loc", "")
    item = FeedItem(
        key=link,
        title=plain(facts.get("title", "")),
        link=absolute(url, link) if link else "",
        published=_date(facts.get("publication_date"), zone),
        updated=_date(facts.get("lastmod"), zone),
    )
    return item, "publication_date" in facts


def _child(entry: etree._Element, url: str, zone: ZoneInfo) -> Child:
    facts = _facts(entry)
    link = facts.get("loc", "")
    modified = _date(facts.get("lastmod"), zone)
    return Child(absolute(url, link) if link else "", modified.at if modified else None)


def _facts(entry: etree._Element) -> dict[str, str]:
    """Return what an entry says by the elements' local names, those of <news:news> with it."""
    facts: dict[str, str] = {}
    for element in entry.iterchildren(etree.Element):
        namespace, name = split_tag(str(element.tag))
        if name == "news":
            facts |= {
                split_tag(str(part.tag))[1]: text_of(part)
                for part in element.iterchildren(etree.Element)
            }
        elif "image" not in namespace and "video" not in namespace:
            facts.setdefault(name, text_of(element))
    return facts


def _date(text: str | None, zone: ZoneInfo) -> Moment | None:
    return read_date(text[:100], zone) if text else None
