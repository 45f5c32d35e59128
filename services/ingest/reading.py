"""From an item of a feed to what its page says, and what that means for the source's cursor."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import structlog

from services.contract.articles import SourceState
from services.ingest.core.answers import Fetched, FetchFailed, NotModified
from services.ingest.core.appointments import short_validator, validators
from services.ingest.core.article import FetchedPage, build_article
from services.ingest.core.attempts import failed_attempt
from services.ingest.core.canonical_url import UrlError
from services.ingest.core.changes import (
    Due,
    GiveUp,
    Outcome,
    Postpone,
    Reading,
    Retry,
    Unmodified,
    failed,
    may_use_feed_text,
)
from services.ingest.core.charset import decode
from services.ingest.core.compare import compare
from services.ingest.core.extract import EMPTY, extract, may_be_page
from services.ingest.core.page_dates import without_clocks
from services.ingest.core.sources import Source
from services.ingest.core.wording import title_digest, word
from services.ingest.edges.http import Fetcher
from services.ingest.metrics import PAGES
from services.runtime.health import Health

Result = Reading | Retry | GiveUp | Postpone | Unmodified
"""What was read of an item, or what is to be done about one that gave nothing."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads the pages of items."""

    fetcher: Fetcher
    health: Health

    async def read_items(
        self, source: Source, state: SourceState, due: Sequence[Due]
    ) -> list[Result]:
        """Return what was found of each item; one that fails does not touch the others."""
        return await asyncio.gather(*(self._read(source, state, one) for one in due))

    async def _read(self, source: Source, state: SourceState, due: Due) -> Result:
        try:
            async with self.fetcher.room() as room:
                known = validators(due.validator)
                answer = await self.fetcher.fetch(
                    due.item.link, "page", *known, source.manners, room
                )
                self.health.progress()
                if isinstance(answer, NotModified):
                    return Unmodified(due.item.key)
                fetched = answer if isinstance(answer, Fetched) else None
                reading = await room.read(understand, source, due, fetched)
        except UrlError:
            return _without_text(due, state, "bad-url")
        except Exception:
            # A page that breaks a parser must not stop the source. It is a bug: say so.
            log.exception("page not readable", source_id=source.id, url=due.item.link)
            return _without_text(due, state, "unreadable")
        article = reading.article
        if article.text_origin == "page":
            return reading
        reason = answer.reason if isinstance(answer, FetchFailed) else "no-text"
        attempt = failed_attempt(due.item.key, state, reason, current_time())
        if may_use_feed_text(due, state, attempt, page_answered=article.charset is not None):
            return replace(reading, attempt=attempt)
        return failed(due, attempt, reason)


def decide(
    results: Sequence[Result], state: SourceState, earlier: Sequence[Outcome]
) -> list[Outcome]:
    """Return what became of each item that was read.

    ``earlier`` is what became of the items before them in the same poll.
    """
    read = [result for result in results if isinstance(result, Reading)]
    dated = without_clocks([reading.article for reading in read])
    readings = [replace(one, article=article) for one, article in zip(read, dated, strict=True)]
    others = [result for result in results if not isinstance(result, Reading)]
    return [*compare(readings, state, earlier), *others]


def _without_text(due: Due, state: SourceState, reason: str) -> Result:
    return failed(due, failed_attempt(due.item.key, state, reason, current_time()), reason)


def understand(source: Source, due: Due, answer: Fetched | None) -> Reading:
    """Decode, extract and build: all that takes time and touches nothing. Raises UrlError."""
    item, page = due.item, read_page(source, answer) if answer else None
    digest = title_digest(page.page.title) if page and page.page.title else None
    if due.again and digest != due.page_title:
        item = replace(item, title="")  # the page's own title is the newer one
    article = build_article(source, item, page, current_time())
    worded = word(article.title, article.text)
    validator = short_validator(answer.etag, answer.last_modified) if answer else None
    return Reading(due, article, worded, digest, validator=validator)


def read_page(source: Source, answer: Fetched) -> FetchedPage | None:
    """Return what is on the page; None for a wall, which says neither where it is nor what."""
    text, charset = decode(answer.body, answer.content_type, source.encoding, source.language)
    is_page = may_be_page(answer.content_type)
    on_page = extract(text, source.zone) if is_page else EMPTY
    found = on_page.wall or ("article" if on_page.text else "no-text")
    PAGES.labels(found if is_page else "not-a-page").inc()
    return None if on_page.wall else FetchedPage(answer.url, charset, on_page)


def current_time() -> datetime:
    """Return the time in whole milliseconds: what versions of documents are made of."""
    now = datetime.now(UTC)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)
