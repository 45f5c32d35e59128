"""The bytes of a source to its listing, whichever kind it is."""

import zlib
from dataclasses import replace
from datetime import datetime

from services.contract.articles import Charset
from services.ingest.core.feed import parse_feed
from services.ingest.core.items import FeedError, Listing, without_made_up_dates
from services.ingest.core.json_feed import parse_json_feed
from services.ingest.core.mixed_charset import decode_mixed
from services.ingest.core.page_links import parse_page
from services.ingest.core.sitemap import parse_sitemap, parse_whole_sitemap
from services.ingest.core.sources import Source

MAX_UNPACKED_BYTES = 10_000_000
"""What is read of a file that is itself packed (sitemap.xml.gz)."""

MAX_WIDE_CHARS = 4_000_000
"""Of a text with one emoji or more, which makes every character take four bytes of memory."""

_GZIP = b"\x1f\x8b"
_WBITS_GZIP = 31


def read_listing(
    source: Source, body: bytes, content_type: str | None, url: str, now: datetime
) -> Listing:
    """Return what ``source`` lists, its answer having come from ``url``; raise FeedError."""
    text, _ = read_text(source, body, content_type)
    listing = _parse(source, text, url, now)
    return replace(listing, items=without_made_up_dates(listing.items))


def _parse(source: Source, text: str, url: str, now: datetime) -> Listing:
    match source.kind:
        case "sitemap":
            return parse_sitemap(text, url, source.zone, now)
        case "listing":
            return parse_page(text, url, source.selector or "a")
        case "feed" if text.lstrip().startswith("{"):
            return parse_json_feed(text, url, source.zone)
        case "feed":
            return parse_feed(text, url, source.zone)


def read_whole_sitemap(source: Source, body: bytes, content_type: str | None, url: str) -> Listing:
    """Return all that a sitemap lists, also what is no news any more; raise FeedError."""
    text, _ = read_text(source, body, content_type)
    listing = parse_whole_sitemap(text, url, source.zone)
    return replace(listing, items=without_made_up_dates(listing.items))


def read_text(source: Source, body: bytes, content_type: str | None) -> tuple[str, Charset]:
    """Return the text of a body, which may be a packed file, and how it was read."""
    unpacked = _unpacked(body)
    text, charset = decode_mixed(unpacked, content_type, source.encoding, source.language)
    is_wide = len(text) > MAX_WIDE_CHARS and max(text) > "\uffff"
    return text[:MAX_WIDE_CHARS] if is_wide else text, charset


def _unpacked(body: bytes) -> bytes:
    """Return what a gzip file holds, as far as it can be read; anything else as it is."""
    if not body.startswith(_GZIP):
        return body
    try:
        return zlib.decompressobj(_WBITS_GZIP).decompress(body, MAX_UNPACKED_BYTES)
    except zlib.error as error:
        raise FeedError(f"no gzip: {error}") from error
