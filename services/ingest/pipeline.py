"""One poll of one source, from the feed to the cursor."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

import structlog

from services.contract.articles import RawArticle, SourceState
from services.contract.wire import ContractError
from services.ingest.core import changes, cursor
from services.ingest.core.answers import Fetched, FetchFailed, NotModified
from services.ingest.core.items import FeedError, FeedItem
from services.ingest.core.sources import Source
from services.ingest.edges.http import Fetcher
from services.ingest.edges.publisher import PublishError
from services.ingest.listings import Validators, list_items
from services.ingest.metrics import LAST_SUCCESS, POLLS, count_fate
from services.ingest.reading import Reader, current_time
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
        self._reader = Reader(fetcher, health)
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
                items, validators = None, (state.etag, state.last_modified)
            case Fetched():
                try:
                    listing, validators = await list_items(self._fetcher, source, answer)
                    items = listing.items
                except FeedError as error:
                    return self._no_feed(source, state, "not-a-feed", str(error))
                except Exception as error:
                    # A feed that breaks a parser must not stop the others. It is a bug: say so.
                    log.exception("feed not readable", source_id=source.id, url=source.url)
                    return self._no_feed(source, state, "unreadable", str(error))
        try:
            after, outcomes = await self._poll_items(source, state, items, validators)
        except ContractError as error:
            log.exception("not publishable", source_id=source.id, url=source.url)
            return self._no_feed(source, state, "unreadable", str(error))
        kind = "not-modified" if items is None else "changed" if outcomes else "unchanged"
        return self._polled(source, after, kind)

    async def _poll_items(
        self,
        source: Source,
        state: SourceState,
        items: Sequence[FeedItem] | None,
        validators: Validators,
    ) -> tuple[SourceState, list[changes.Outcome]]:
        """Read, publish and record what is due; return the cursor after it and what became of it.

        ``items`` are None if the feed lists what it did before. Raises ContractError.
        """
        due = changes.items_to_read(items or (), state, current_time())
        state = await self._record(source, state, cursor.sighted(state, due, current_time()))
        outcomes: list[changes.Outcome] = []
        for start in range(0, len(due) or 1, CHUNK):
            chunk = due[start : start + CHUNK]
            became = await self._reader.read_items(source, state, chunk, outcomes)
            # Until all is read, the next poll must show the feed again.
            known = validators if start + CHUNK >= len(due) else (None, None)
            after = cursor.next_state(state, items, became, known, current_time())
            await self._publish(source, state, became)
            await self._record(source, state, after)
            for outcome in became:
                count_fate(source, outcome, state)
                _log_fate(source, outcome)
            outcomes += became
            state = after
        return state, outcomes

    async def _publish(
        self, source: Source, state: SourceState, outcomes: Sequence[changes.Outcome]
    ) -> None:
        """Write the new versions, after having recorded that they may be on the topic."""
        articles = [outcome.article for outcome in outcomes if isinstance(outcome, changes.Publish)]
        if articles:
            await self._record(source, state, cursor.intended(state, outcomes, current_time()))
            await self._confirmed(source, lambda: self._publisher.publish_articles(articles))

    async def _record(self, source: Source, before: SourceState, after: SourceState) -> SourceState:
        """Write the cursor if it says more than ``before``, and return it."""
        if cursor.must_be_recorded(before, after):
            await self._confirmed(source, lambda: self._publisher.publish_state(after))
        return after

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
        return state.model_copy(update={"failures": 0, "polled_at": current_time()})


Poll = Callable[[Source, SourceState], Awaitable[SourceState]]


def _log_fate(source: Source, outcome: changes.Outcome) -> None:
    match outcome:
        case changes.Publish(_, article, _, became):
            log.info(
                "published",
                source_id=source.id,
                article_id=article.article_id,
                revision=article.revision,
                outcome=became,
                change=article.change,
                url=article.url,
            )
        case changes.Skip(_, entry, reason):
            log.info("skipped", source_id=source.id, article_id=entry.article_id, reason=reason)
        case changes.GiveUp(key, attempts, reason):
            log.error("given up", source_id=source.id, item=key, attempts=attempts, reason=reason)
        case changes.Retry(key, attempts, reason):
            log.warning("later", source_id=source.id, item=key, attempts=attempts, reason=reason)
        case changes.Postpone(key, reason):
            log.info("not read again", source_id=source.id, item=key, reason=reason)
