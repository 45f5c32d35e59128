"""WARC files to the articles of their pages, one record in memory at a time."""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import BinaryIO

from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed
from warcio.recordloader import ArcWarcRecord

from services.ingest.core.extract import may_be_page

MAX_PAGE_BYTES = 10_000_000
_OK = "200"


@dataclass(frozen=True, slots=True)
class ArchivedPage:
    """A page that was answered with 200. ``fetched_at`` is None where the record does not say."""

    url: str
    content_type: str | None
    body: bytes
    fetched_at: datetime | None


class ArchiveError(ValueError):
    """The rest of the file cannot be read."""


def archived_pages(stream: BinaryIO) -> Iterator[ArchivedPage | None]:
    """Yield each answer of a WARC file, None for one that is no page; raise ArchiveError."""
    try:
        for record in ArchiveIterator(stream):
            if record.rec_type == "response":
                yield _page(record)
    except (ArchiveLoadFailed, EOFError, zlib.error, ValueError, AttributeError) as error:
        raise ArchiveError(f"no WARC from here on: {error}") from error


def _page(record: ArcWarcRecord) -> ArchivedPage | None:
    http = record.http_headers
    url = record.rec_headers.get_header("WARC-Target-URI") or ""
    if http is None or http.get_statuscode() != _OK:
        return None
    content_type = http.get_header("Content-Type")
    if not may_be_page(content_type) or "xml" in (content_type or "").replace("xhtml+xml", ""):
        return None
    body = record.content_stream().read(MAX_PAGE_BYTES)
    date = record.rec_headers.get_header("WARC-Date")
    return ArchivedPage(url, content_type, body, _instant(date))


def _instant(date: str | None) -> datetime | None:
    try:
        written = datetime.fromisoformat(date or "")
    except ValueError:
        return None
    return written if written.tzinfo else written.replace(tzinfo=UTC)
