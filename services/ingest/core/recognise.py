"""What a text that was fetched is, whatever the catalogue calls it."""

import re
from typing import NamedTuple

from services.ingest.core.sources import Kind

_HEAD_CHARS = 4_000
_JSON_FEED = re.compile(r'"version"\s*:\s*"https?:\\?/\\?/jsonfeed\.org\\?/version\\?/([\d.]+)"')
_FIRST_TAG = re.compile(
    r"<(?:!doctype\s+|[\w.-]+:)?(rss|feed|rdf|urlset|sitemapindex|html)\b([^>]*)", re.IGNORECASE
)
_VERSION = re.compile(r"\bversion\s*=\s*[\"']([\d.]{1,8})[\"']")


class Form(NamedTuple):
    """The kind of source that reads it, and its name for a person."""

    kind: Kind
    name: str


def recognise(text: str) -> Form | None:
    """Return what ``text`` begins as, None if it is nothing that is known."""
    head = text[:_HEAD_CHARS].lstrip()
    if head.startswith("{"):
        found = _JSON_FEED.search(head)
        return Form("feed", f"JSON Feed {found.group(1)}") if found else None
    first = _FIRST_TAG.search(head)
    if first is None:
        return None
    match first.group(1).lower():
        case "rss":
            version = _VERSION.search(first.group(2))
            return Form("feed", f"RSS {version.group(1)}" if version else "RSS")
        case "rdf":
            return Form("feed", "RSS 1.0")
        case "feed":
            return Form("feed", "Atom")
        case "urlset":
            is_news = "sitemap-news" in first.group(2)
            return Form("sitemap", "sitemap of news" if is_news else "sitemap")
        case "sitemapindex":
            return Form("sitemap", "index of sitemaps")
    return Form("listing", "page")
