"""Files to articles: what ``rasid import`` reads, and how it reaches Kafka.

Nothing is inferred that the file does not say. Importing a file twice gives the same documents:
a text without an address is identified by what it says.
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Annotated, BinaryIO, Literal, TypeVar

from pydantic import Field, ValidationError

from services.contract.articles import (
    MAX_TEXT_CHARS,
    Message,
    PagePlace,
    RawArticle,
    article_id,
)
from services.contract.wire import MAX_MESSAGE_BYTES, decode
from services.ingest.core import charset
from services.ingest.core.article import MAX_TITLE_CHARS, content_hash, repair
from services.ingest.core.canonical_url import UrlError, accept_canonical, canonicalise
from services.ingest.core.dates import Moment, believable, read_date
from services.ingest.core.extract import extract
from services.ingest.core.sources import DEFAULT_ZONE
from services.ingest.web_archives import ArchivedPage, ArchiveError, archived_pages

Format = Literal["text", "html", "jsonl", "warc"]

FORMATS: dict[str, Format] = {
    ".txt": "text",
    ".html": "html",
    ".htm": "html",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".warc": "warc",
    ".warc.gz": "warc",
}
STANDARD_INPUT = Path("-")
SOURCE_ID = "import"
MAX_HEADLINE_CHARS = 300
"""A longer first line of a text is a paragraph: the title is its beginning."""
TITLE_OF_PARAGRAPH_CHARS = 120
MAX_FILE_BYTES = 50_000_000
BATCH = 200
_STRAY_WORD = re.compile(r"[A-Za-z]{1,20}")
"""What copying from a page leaves before the title, if the title is in Arabic script."""
_ARABIC = re.compile("[\u0621-\u064a]")

T = TypeVar("T")


class ImportedText(Message):
    """A line of JSONL that says no more than what a text is: the rest is optional."""

    title: Annotated[str, Field(max_length=MAX_TITLE_CHARS)] = ""
    text: Annotated[str, Field(min_length=1)]
    url: str | None = None
    published_at: str | None = None
    language: str | None = None
    source_id: Annotated[str, Field(min_length=1)] = SOURCE_ID


@dataclass(frozen=True, slots=True)
class Rejected:
    """Something that is no article. ``place`` is the file, with the line where it has lines."""

    place: str
    reason: str


@dataclass(frozen=True, slots=True)
class Ignored:
    """A file of a folder that is of no known kind, or an archived page without an article."""

    place: str
    reason: str = f"not one of {', '.join(FORMATS)}"


@dataclass(frozen=True, slots=True)
class Settled:
    """A page of a site that was imported before, or that its live source knows."""

    place: str


Imported = RawArticle | Rejected | Ignored | Settled


def read_paths(
    paths: Iterable[Path], stdin: BinaryIO, stdin_format: Format, now: Callable[[], datetime]
) -> Iterator[Imported]:
    """Yield what ``paths`` hold, in order, folders sorted and with their subfolders.

    ``-`` is standard input. JSONL is streamed, so memory does not grow with its length.
    """
    for path in paths:
        if path == STANDARD_INPUT:
            yield from _read_stream("standard input", stdin, stdin_format, now)
        elif path.is_dir():
            files = sorted(file for file in path.rglob("*") if file.is_file())
            for file in files:
                if format_of(file) is not None:
                    yield from _read_file(file, now)
                else:
                    yield Ignored(str(file))
        else:
            yield from _read_file(path, now)


def format_of(path: Path) -> Format | None:
    """Return the kind of a file by its name, None for an unknown one."""
    name = path.name.lower().removesuffix(".open")  # an archive whose writer was killed
    return next((form for suffix, form in FORMATS.items() if name.endswith(suffix)), None)


def batches(items: Iterable[T], size: int = BATCH) -> Iterator[list[T]]:
    """Yield ``items`` in lists of ``size``."""
    iterator = iter(items)
    while batch := list(islice(iterator, size)):
        yield batch


def _read_file(path: Path, now: Callable[[], datetime]) -> Iterator[Imported]:
    try:
        with path.open("rb") as stream:
            form = format_of(path)
            if form is None:
                yield Rejected(str(path), f"unknown kind of file; known: {', '.join(FORMATS)}")
            else:
                yield from _read_stream(str(path), stream, form, now)
    except OSError as error:
        yield Rejected(str(path), error.strerror or str(error))


def _read_stream(
    place: str, stream: BinaryIO, form: Format, now: Callable[[], datetime]
) -> Iterator[Imported]:
    if form == "jsonl":
        yield from _read_lines(place, stream, now)
        return
    if form == "warc":
        yield from _read_archive(place, stream, now)
        return
    body = stream.read(MAX_FILE_BYTES + 1)
    if len(body) > MAX_FILE_BYTES:
        yield Rejected(place, f"larger than {MAX_FILE_BYTES} bytes")
        return
    # The language is not known; Arabic is what an old file without a declaration most likely is.
    text, encoding = charset.decode(body, None, None, "ar")
    try:
        article = _from_text(text, now()) if form == "text" else _from_html(text, now())
    except ValueError as error:
        yield Rejected(place, str(error))
    else:
        yield article.model_copy(update={"charset": encoding})


def _read_lines(
    place: str, stream: BinaryIO, now: Callable[[], datetime]
) -> Iterator[RawArticle | Rejected]:
    number = 0
    while line := stream.readline(MAX_MESSAGE_BYTES + 1):
        number += 1
        if len(line) > MAX_MESSAGE_BYTES and not line.endswith(b"\n"):
            while (rest := stream.readline(MAX_MESSAGE_BYTES)) and not rest.endswith(b"\n"):
                pass
            yield Rejected(f"{place}:{number}", f"longer than {MAX_MESSAGE_BYTES} bytes")
            continue
        line = line.removeprefix(b"\xef\xbb\xbf").strip()
        if not line:
            continue
        try:
            yield _from_json(line, now())
        except ValueError as error:
            yield Rejected(f"{place}:{number}", str(error))


def _read_archive(place: str, stream: BinaryIO, now: Callable[[], datetime]) -> Iterator[Imported]:
    try:
        for page in archived_pages(stream):
            if page is not None:
                yield _from_archive(f"{place}: {page.url}", page, now())
    except ArchiveError as error:
        yield Rejected(place, str(error))


def _from_archive(place: str, archived: ArchivedPage, now: datetime) -> RawArticle | Ignored:
    text, encoding = charset.decode(archived.body, archived.content_type, None, "ar")
    # When it was fetched: an archived wording must not win over one that came later.
    fetched_at = min(archived.fetched_at or now, now)
    try:
        article = _from_html(text, fetched_at, archived.url)
    except ValueError as error:
        return Ignored(place, str(error))
    return article.model_copy(update={"charset": encoding})


def _from_text(text: str, now: datetime) -> RawArticle:
    lines = [" ".join(line.split()) for line in repair(text).splitlines()]
    lines = list(filter(None, lines))
    if not lines:
        raise ValueError("empty")
    while len(lines) > 1 and _STRAY_WORD.fullmatch(lines[0]) and _ARABIC.search(lines[1]):
        del lines[0]
    if len(lines[0]) > MAX_HEADLINE_CHARS:
        return _article(_beginning(lines[0]), "\n".join(lines), now)
    return _article(lines[0], "\n".join(lines[1:]) or lines[0], now)


def _beginning(paragraph: str) -> str:
    """Return the first words of ``paragraph``, as many as fit a title, with an ellipsis."""
    cut = paragraph[:TITLE_OF_PARAGRAPH_CHARS]
    return cut[: cut.rfind(" ")].rstrip(" ،,؛;:") + "…" if " " in cut else cut + "…"


def _from_html(markup: str, now: datetime, url: str | None = None) -> RawArticle:
    """Return the article on a page that was read at ``now``, if it is known: from ``url``."""
    page = extract(markup, DEFAULT_ZONE)
    if not page.text:
        raise ValueError(f"no article on the page ({page.wall or 'no-text'})")
    if url:
        url = accept_canonical(page.canonical_link, url)
    elif _is_web_address(page.canonical_link):
        url = page.canonical_link
    article = _article(page.title, page.text, now, url=url)
    dated = _dated(article, page.published, now, page.published_place)
    return dated.model_copy(
        update={"byline": page.byline, "section": page.section, "image_url": page.image_url}
    )


def _from_json(line: bytes, now: datetime) -> RawArticle:
    """Return the article of one line: a whole RawArticle, or an ImportedText."""
    try:
        fields = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"not JSON: {error}") from error
    if not isinstance(fields, dict):
        raise ValueError("not a JSON object")
    if "article_id" in fields:
        article: RawArticle = decode(line, RawArticle)
        # A later revision may have another address than the article was first published under.
        if article.revision == 1 and article.article_id != article_id(article.canonical_url):
            raise ValueError("article_id: is not that of canonical_url")
        # Its own fetched_at: an archived wording must not win over one that came later.
        return article.model_copy(update={"mode": "backfill"})
    repaired = {key: repair(v) if isinstance(v, str) else v for key, v in fields.items()}
    try:
        given = ImportedText.model_validate(repaired)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        raise ValueError(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from error
    published = read_date(given.published_at, DEFAULT_ZONE)
    if given.published_at and not published:
        raise ValueError(f"published_at: {given.published_at[:50]!r} is not an ISO 8601 date")
    title = given.title or _beginning(given.text)
    article = _article(title, given.text, now, given.url, given.source_id)
    hinted = article.model_copy(update={"language_hint": given.language})
    return _dated(hinted, published, now)


def _article(
    title: str, text: str, now: datetime, url: str | None = None, source_id: str = SOURCE_ID
) -> RawArticle:
    title, text = repair(title)[:MAX_TITLE_CHARS], repair(text)
    said = hashlib.sha256(f"{title}\n{text}".encode()).hexdigest()
    canonical_url = canonicalise(url) if url else f"urn:rasid:text:{said}"
    return RawArticle(
        article_id=article_id(canonical_url),
        canonical_url=canonical_url,
        url=url or canonical_url,
        source_id=source_id,
        title=title,
        text=text[:MAX_TEXT_CHARS],
        text_origin="import",
        first_seen_at=now,
        fetched_at=now,
        content_hash=content_hash(title, text),
        mode="backfill",
        truncated=len(text) > MAX_TEXT_CHARS,
    )


def _dated(
    article: RawArticle, published: Moment | None, now: datetime, place: PagePlace | None = None
) -> RawArticle:
    if published is None or not believable(published, now):
        return article
    changes = {
        "published_at": published.at,
        "published_origin": "page",
        "published_place": place,
        "published_precision": published.precision,
    }
    return article.model_copy(update=changes)


def _is_web_address(url: str | None) -> bool:
    try:
        return bool(url and canonicalise(url))
    except UrlError:
        return False


def current_time() -> datetime:
    """Return the time in whole milliseconds, as versions of documents have it."""
    now = datetime.now(UTC)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)
