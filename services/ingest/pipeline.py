"""One poll of one source, from the feed to the cursor."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import Protocol

import structlog

from services.contract.articles import RawArticle, SourceState
from services.contract.wire import ContractError
from services.ingest.core import changes
from services.ingest.core.answers import Fetched, FetchFailed, NotModified
from services.ingest.core.article import FetchedPage, build_article
from services.ingest.core.canonical_url import UrlError
from services.ingest.core.charset import decode
from services.ingest.core.extract import EMPTY, extract, may_be_page
from services.ingest.core.items import FeedError, FeedItem
from services.ingest.core.sources import Source
from services.ingest.edges.http import Fetcher
from services.ingest.edges.publisher import PublishError
from services.ingest.listings import Validators, list_items
from services.ingest.metrics import LAST_SUCCESS, PAGES, POLLS, count_fate
from services.runtime.health import Health

PUBLISH_AGAIN_S = 1.0

CHUNK = 50
"""Items that are read, published and recorded together: what a kill repeats at most."""

log = structlog.get_logger()


class ArticlePublisher(Protocol):
    """What a poll needs of Kafka: both return when all is confirmed, or raise PublishError.

    ContractError is for what the contract does not allow, which no other attempt would change.
    """

    def publish_articles(self, articles: Sequence[RawArticle]) -> None: ...  # noqa: D102

    def publish_state(self, state: SourceState) -> None: ...  # noqa: D102


class Pipeline:
    """The connections that polls share."""

    def __init__(self, fetcher: Fetcher, publisher: ArticlePublisher, health: Health) -> None:
        self._fetcher = fetcher
        self._publisher = publisher
        self._health = health
        self._unconfirmed: set[str] = set()  # sources that wait for Kafka

    async def poll_source(self, source: Source, state: SourceState) -> SourceState:
        """Read what is new at ``source``, publish it, and return the cursor after it.

        The cursor is recorded after the articles are confirmed, a chunk at a time, so being killed
        at any point repeats a chunk under the same ids and revisions and loses none. Raises nothing
        for what a source does.
        """
        answer = await self._fetcher.fetch(
            source.url, "feed", state.etag, state.last_modified, source.manners
        )
        match answer:
            case FetchFailed():
                return self._no_feed(source, state, answer.reason, answer.detail)
            case NotModified():
                return self._polled(source, state, "not-modified")
        try:
            listing, validators = await list_items(self._fetcher, source, answer)
        except FeedError as error:
            return self._no_feed(source, state, "not-a-feed", str(error))
        except Exception as error:
            # A feed that breaks a parser must not stop the others. It is a bug: say so.
            log.exception("feed not readable", source_id=source.id, url=source.url)
            return self._no_feed(source, state, "unreadable", str(error))
        return await self._poll_items(source, state, listing.items, validators)

    async def _poll_items(
        self, source: Source, state: SourceState, items: Sequence[FeedItem], validators: Validators
    ) -> SourceState:
        """Read, publish and record the items that are due, and return the cursor after them."""
        due = changes.items_to_read(items, state)
        outcomes: list[changes.Outcome] = []
        for start in range(0, len(due) or 1, CHUNK):
            chunk = await self._read_items(source, state, due[start : start + CHUNK], outcomes)
            # Until all is read, the next poll must show the feed again.
            known = validators if start + CHUNK >= len(due) else (None, None)
            after = changes.next_state(state, items, chunk, known, _now())
            try:
                await self._publish(source, chunk, state, after)
            except ContractError as error:
                log.exception("not publishable", source_id=source.id, url=source.url)
                return self._no_feed(source, state, "unreadable", str(error))
            outcomes += chunk
            state = after
        return self._polled(source, state, "changed" if outcomes else "unchanged")

    async def _publish(
        self,
        source: Source,
        outcomes: Sequence[changes.Outcome],
        before: SourceState,
        after: SourceState,
    ) -> None:
        """Write the articles and then the cursor. Raises ContractError."""
        articles = [outcome.article for outcome in outcomes if isinstance(outcome, changes.Publish)]
        await self._confirmed(source, lambda: self._publisher.publish_articles(articles))
        if changes.must_be_recorded(before, after):
            await self._confirmed(source, lambda: self._publisher.publish_state(after))
        for outcome in outcomes:
            count_fate(outcome)
            _log_fate(source, outcome)

    async def _read_items(
        self,
        source: Source,
        state: SourceState,
        items: Sequence[FeedItem],
        earlier: Sequence[changes.Outcome],
    ) -> list[changes.Outcome]:
        """Return what became of each item; one that fails does not touch the others."""
        readings = await asyncio.gather(*(self._read_item(source, state, item) for item in items))
        read = {
            item.key: reading
            for item, reading in zip(items, readings, strict=True)
            if isinstance(reading, RawArticle)
        }
        others = [reading for reading in readings if not isinstance(reading, RawArticle)]
        return [*changes.compare(read, state, earlier), *others]

    async def _read_item(
        self, source: Source, state: SourceState, item: FeedItem
    ) -> RawArticle | changes.Retry | changes.GiveUp:
        answer = await self._fetcher.fetch(item.link, "page", manners=source.manners)
        self._health.progress()
        fetched = answer if isinstance(answer, Fetched) else None
        reason = answer.reason if isinstance(answer, FetchFailed) else "no-text"
        try:
            article = await asyncio.to_thread(_read_article, source, item, fetched)
        except UrlError:
            return changes.failed(item, state, "bad-url")
        except Exception:
            # A page that breaks a parser must not stop the source. It is a bug: say so.
            log.exception("page not readable", source_id=source.id, url=item.link)
            return changes.failed(item, state, "unreadable")
        page_answered = article.charset is not None
        if article.text_origin == "page" or changes.may_use_feed_text(item, state, page_answered):
            return article
        return changes.failed(item, state, reason)

    async def _confirmed(self, source: Source, publish: Callable[[], None]) -> None:
        """Publish until Kafka confirms: nothing is lost while it is away."""
        while True:
            try:
                await asyncio.to_thread(publish)
            except PublishError as error:
                self._unconfirmed.add(source.id)
                self._health.unavailable("publishing", str(error))
                log.warning("kafka does not confirm; trying again", error=str(error))
                await asyncio.sleep(PUBLISH_AGAIN_S)
            else:
                self._unconfirmed.discard(source.id)
                if not self._unconfirmed:  # one source's success says nothing of another's
                    self._health.available("publishing")
                return

    def _no_feed(self, source: Source, state: SourceState, reason: str, why: str) -> SourceState:
        log.warning("poll failed", source_id=source.id, url=source.url, reason=reason, error=why)
        POLLS.labels(source.id, reason).inc()
        return state.model_copy(update={"failures": state.failures + 1})

    def _polled(self, source: Source, state: SourceState, outcome: str) -> SourceState:
        POLLS.labels(source.id, outcome).inc()
        LAST_SUCCESS.labels(source.id).set_to_current_time()
        return state.model_copy(update={"failures": 0, "polled_at": _now()})


Poll = Callable[[Source, SourceState], Awaitable[SourceState]]


def _read_article(source: Source, item: FeedItem, answer: Fetched | None) -> RawArticle:
    if answer is None:
        return build_article(source, item, None, _now())
    text, charset = decode(answer.body, answer.content_type, source.encoding, source.language)
    is_page = may_be_page(answer.content_type)
    on_page = extract(text, source.zone) if is_page else EMPTY
    found = on_page.wall or ("article" if on_page.text else "no-text")
    PAGES.labels(found if is_page else "not-a-page").inc()
    # A wall is not the item's page: it says neither where that is nor what is on it.
    page = None if on_page.wall else FetchedPage(answer.url, charset, on_page)
    return build_article(source, item, page, _now())


def _log_fate(source: Source, outcome: changes.Outcome) -> None:
    match outcome:
        case changes.Publish(_, article):
            log.info(
                "published",
                source_id=source.id,
                article_id=article.article_id,
                revision=article.revision,
                url=article.url,
            )
        case changes.Skip(_, article, reason):
            log.info("skipped", source_id=source.id, article_id=article.article_id, reason=reason)
        case changes.GiveUp(key, attempts, reason):
            log.error("given up", source_id=source.id, item=key, attempts=attempts, reason=reason)
        case changes.Retry(key, attempts, reason):
            log.warning("later", source_id=source.id, item=key, attempts=attempts, reason=reason)


def _now() -> datetime:
    """Return the time in whole milliseconds: what versions of documents are made of."""
    now = datetime.now(UTC)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)
