"""A page's text to the articles that it links to, by the source's CSS selector."""

import re
from collections.abc import Iterator
from itertools import islice

from lxml import html
from lxml.etree import LxmlError

from services.ingest.core.items import (
    MAX_ITEMS,
    FeedError,
    FeedItem,
    Listing,
    absolute,
    with_unique_keys,
)
from services.ingest.core.xml import bounded

MIN_TITLE_WORDS = 3
"""A link with fewer ("Read more") is no headline; the article's own page has the title then."""

_FEED_TYPES = ("application/rss+xml", "application/atom+xml", "application/feed+json", "text/xml")
_FEED_WORDS = re.compile(r"(?:^|[/._?=-])(?:rss2?|feeds?|atom)(?:[/._?&=-]|$)", re.IGNORECASE)
_HEADLINE_LINK = "h1 a[href], h2 a[href], h3 a[href], h4 a[href]"


def parse_page(text: str, url: str, selector: str) -> Listing:
    """Return the articles that the page links to, in its order.

    ``selector`` finds links, or elements in each of which one is found: that of the headline.
    Raises FeedError if it finds none.
    """
    page, base = _parse(text, url)
    matched = page.cssselect(selector)
    titles: dict[str, str] = {}  # by address: the image links to the article, too
    for link in islice(_links(matched), MAX_ITEMS):
        address = absolute(base, str(link.get("href", "")).strip()).partition("#")[0]
        if address.startswith(("http://", "https://")) and address != url:
            titles[address] = max(titles.get(address, ""), _title(link), key=len)
    if not titles:
        raise FeedError(f"{selector!r} finds no link")
    items = [FeedItem(key=link, title=title, link=link) for link, title in titles.items()]
    return Listing(items=with_unique_keys(items), left_out=max(0, len(matched) - MAX_ITEMS))


def feed_links(text: str, url: str) -> list[str]:
    """Return the addresses that the page names as feeds, then those that look like some."""
    page, base = _parse(text, url)
    named = [
        link
        for link in page.cssselect('link[rel~="alternate"][href]')
        if str(link.get("type", "")).strip().lower() in _FEED_TYPES
    ]
    linked = [a for a in page.cssselect("a[href]") if _FEED_WORDS.search(str(a.get("href")))]
    return [absolute(base, str(link.get("href")).strip()) for link in (*named, *linked)]


def _parse(text: str, url: str) -> tuple[html.HtmlElement, str]:
    """Return the page and the address that its links start from; raise FeedError."""
    try:
        page = html.document_fromstring(bounded(text).encode("utf-8", "replace"), parser=_PARSER)
    except (LxmlError, ValueError) as error:
        raise FeedError(f"no page: {error}") from error
    base = page.find(".//base[@href]")
    return page, url if base is None else absolute(url, str(base.get("href")))


_PARSER = html.HTMLParser(encoding="utf-8", no_network=True)


def _links(matched: list[html.HtmlElement]) -> Iterator[html.HtmlElement]:
    for element in matched:
        if element.tag == "a":
            yield element
        else:
            yield from islice(element.cssselect(_HEADLINE_LINK) or element.cssselect("a[href]"), 1)


def _title(link: html.HtmlElement) -> str:
    title = " ".join(link.text_content().split())
    cut_off = title.endswith(("...", "…"))
    return "" if cut_off or len(title.split()) < MIN_TITLE_WORDS else title
