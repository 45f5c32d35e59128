"""One poll of one source, from the feed to the cursor."""

import asyncio
import random
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Protocol

import structlog

from services.contract.articles import RawArticle, SourceState
from services.contract.wire import ContractError
from services.ingest.core import batches, changes, cursor, moves, next_poll
from services.ingest.core.answers import Answer, Fetched, FetchFailed, NotModified, Validators
from services.ingest.core.items import FeedError, FeedItem, Listing
from services.ingest.core.outage import is_reached
from services.ingest.core.packed import Keep, PackedCursor
from services.ingest.core.sources import Source
from services.ingest.edges.http import Fetcher
from services.ingest.edges.publisher import PublishError
from services.ingest.listings import body_hash, list_items
from services.ingest.metrics import LAST_ARTICLE, LAST_SUCCESS, POLLS, count_fate
from services.ingest.reading import Reader, Result, current_time, decide
from services.ingest.schedule import Polled
from services.runtime.health import Health

PUBLISH_AGAIN_S = 1.0
PUBLISHING_THREADS = 8

CHUNK = 50
"""Items that are read at once; a batch that is published and recorded together has some of them."""

log = structlog.get_logger()


class ArticlePublisher(Protocol):
    """What a poll needs of Kafka: both return when all is confirmed, or raise PublishError.

    ContractError is for what the contract does not allow, which no other attempt would change.
    """

    def publish_articles(self, articles: Sequence[RawArticle]) -> None: ...  # noqa: D102

    def publish_state(self, state: SourceState) -> None: ...  # noqa: D102


class Pipeline:
    """The connections that polls share."""

    def __init__(
        self, fetcher: Fetcher, publisher: ArticlePublisher, health: Health, keep: Keep = bytes
    ) -> None:
        self._fetcher = fetcher
        self._reader = Reader(fetcher, health)
        self._publisher = publisher
        self._health = health
        self._keep = keep
        # Threads of its own: those that wait for Kafka must not keep pages from being read.
        self._publishing = ThreadPoolExecutor(PUBLISHING_THREADS, "publishing")
        self._unconfirmed: set[str] = set()  # sources that wait for Kafka

    async def poll_source(self, source: Source, packed: PackedCursor) -> Polled:
        """Read what is new at ``source``, publish it, and return the cursor after it.

        The cursor is recorded after the articles are confirmed, a batch at a time, so being killed
        at any point repeats a batch under the same ids and revisions and loses none. Raises nothing
        for what a source does, but NotOurs when the source is another instance's by now.
        """
        packed = packed.with_head(moves.at_address(packed.head, source.url))
        url = moves.address(packed.head, source.url, current_time())
        answer, listed = await self._ask(source, url, packed.head)
        if isinstance(answer, FetchFailed):
            return await self._no_feed(source, packed, url, answer)
        if listed is None and packed.is_idle(current_time()):
            head = _answered(source, packed.head, url, answer, None)
            return await self._polled(source, packed.with_head(head), _same(answer))
        state = _unpacked(packed)
        listing, validators = listed or (None, _validators(state))
        if listing:
            listing = replace(listing, items=changes.under_known_keys(listing.items, state))
        state = _answered(source, state, url, answer, listing)
        items = listing.items if listing else None
        try:
            after, outcomes = await self._poll_items(source, state, items, validators)
        except ContractError as error:
            log.exception("not publishable", source_id=source.id, url=source.url)
            failed = FetchFailed("unreadable", str(error))
            return await self._no_feed(source, packed, url, failed)
        # What was recorded was recorded with its schedule.
        recorded = None if cursor.must_be_recorded(state, after) else packed.recorded
        kind = _same(answer) if items is None else "changed" if outcomes else "unchanged"
        return await self._polled(source, PackedCursor.of(after, recorded, self._keep), kind)

    async def _ask(
        self, source: Source, url: str, head: SourceState
    ) -> tuple[Answer, tuple[Listing, Validators] | None]:
        """Return the answer, without its body, what it lists; None if that is the same."""
        known = next_poll.validators(head, current_time())
        try:
            async with self._fetcher.room() as room:
                answer = await self._fetcher.fetch(
                    url, "feed", known.etag, known.last_modified, source.manners, room
                )
                if not isinstance(answer, Fetched):
                    return answer, None
                if known.body_hash == body_hash(answer.body):
                    return replace(answer, body=b""), None
                listed = await list_items(self._fetcher, source, answer, room)
        except FeedError as error:
            return FetchFailed("not-a-feed", str(error)), None
        except Exception as error:
            # A feed that breaks a parser must not stop the others. It is a bug: say so.
            log.exception("feed not readable", source_id=source.id, url=source.url)
            return FetchFailed("unreadable", str(error)), None
        return replace(answer, body=b""), listed

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
        state = await self.record(source, state, cursor.sighted(state, due, current_time()))
        outcomes: list[changes.Outcome] = []
        read: list[Result] = []
        began = current_time()
        for start in range(0, len(due) or 1, CHUNK):
            read += await self._reader.read_items(source, state, due[start : start + CHUNK])
            is_last = start + CHUNK >= len(due)
            if is_last or batches.is_full(read, state, current_time() - began):
                became = decide(read, state, outcomes)
                # Until all is read, the next poll must show the feed again.
                known = validators if is_last else Validators()
                state = await self._settle(source, state, items, became, known)
                outcomes += became
                read, began = [], current_time()
        return state, outcomes

    async def _settle(
        self,
        source: Source,
        state: SourceState,
        items: Sequence[FeedItem] | None,
        became: Sequence[changes.Outcome],
        validators: Validators,
    ) -> SourceState:
        """Publish, record and count what became of a batch; return the cursor after it."""
        became = [*became, *cursor.left_untried(state, items, became)]
        after = cursor.next_state(state, items, became, validators, current_time())
        await self._publish(source, state, became)
        await self.record(source, state, after)
        for outcome in became:
            count_fate(source, outcome, state)
            _log_fate(source, outcome)
        return after

    async def _publish(
        self, source: Source, state: SourceState, outcomes: Sequence[changes.Outcome]
    ) -> None:
        """Write the new versions, after having recorded that they may be on the topic."""
        articles = [outcome.article for outcome in outcomes if isinstance(outcome, changes.Publish)]
        if articles:
            await self.record(source, state, cursor.intended(state, outcomes, current_time()))
            await self._confirmed(source, lambda: self._publisher.publish_articles(articles))

    async def record(self, source: Source, before: SourceState, after: SourceState) -> SourceState:
        """Write the cursor if it says more than ``before``, and return it."""
        if cursor.must_be_recorded(before, after):
            await self._confirmed(source, lambda: self._publisher.publish_state(after))
        return after

    async def _confirmed(self, source: Source, publish: Callable[[], None]) -> None:
        """Publish until Kafka confirms: nothing is lost while it is away."""
        while True:
            try:
                await asyncio.get_running_loop().run_in_executor(self._publishing, publish)
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

    async def _no_feed(
        self, source: Source, packed: PackedCursor, url: str, failed: FetchFailed
    ) -> Polled:
        reason, why = failed.reason, failed.detail
        log.warning("poll failed", source_id=source.id, url=url, reason=reason, error=why)
        POLLS.labels(source.id, reason).inc()
        head = next_poll.after_failure(
            moves.after_failure(packed.head, url),
            next_poll.WEIGHTS[failed.weight],
            failed.retry_after_s or 0,
            _bounds(source),
            _chance(),
            current_time(),
        )
        packed = await self._with_schedule_recorded(source, packed.with_head(head))
        return Polled(packed, reached=is_reached(reason))

    async def _polled(self, source: Source, packed: PackedCursor, outcome: str) -> Polled:
        POLLS.labels(source.id, outcome).inc()
        LAST_SUCCESS.labels(source.id).set_to_current_time()
        if packed.newest_at:
            LAST_ARTICLE.labels(source.id).set(packed.newest_at.timestamp())
        return Polled(await self._with_schedule_recorded(source, packed))

    async def _with_schedule_recorded(self, source: Source, packed: PackedCursor) -> PackedCursor:
        """Record the cursor if only the schedule has changed, but enough."""
        if not next_poll.is_worth_recording(packed.recorded, packed.head):
            return packed
        state = _unpacked(packed)
        try:
            await self._confirmed(source, lambda: self._publisher.publish_state(state))
        except ContractError as error:
            log.warning("schedule not recorded", source_id=source.id, error=str(error))
        return replace(packed, recorded=packed.head)


def _answered(
    source: Source,
    state: SourceState,
    url: str,
    answer: Fetched | NotModified,
    listing: Listing | None,
) -> SourceState:
    """Return ``state`` with what an answer of ``url`` means for the next poll.

    ``listing`` is None if it is the same as before.
    """
    now = current_time()
    if isinstance(answer, Fetched) and listing is None:
        renewed = {"etag": answer.etag, "last_modified": answer.last_modified}
        state = state.model_copy(update=renewed)
    old_share = changes.old_share(listing.items, state) if listing else 1.0
    if listing:
        said = {"update_interval_s": listing.update_interval_s, "full_at": now}
        state = state.model_copy(update=said)
    asked_s = max(answer.fresh_for_s or 0, state.update_interval_s or 0)
    state = moves.after_answer(state, url, answer.moved_to, now)
    return next_poll.after_answer(state, old_share, asked_s, _bounds(source), _chance(), now)


def _validators(state: SourceState) -> Validators:
    return Validators(state.etag, state.last_modified, state.body_hash)


def _same(answer: Fetched | NotModified) -> str:
    """Return the outcome of a poll whose answer lists what is known, by who says so."""
    return "unchanged" if isinstance(answer, Fetched) else "not-modified"


def _bounds(source: Source) -> next_poll.Bounds:
    return next_poll.Bounds(source.poll_min_s, source.poll_max_s)


def _unpacked(packed: PackedCursor) -> SourceState:
    """Return the whole state; without its long parts if they are unreadable, as if it were new."""
    try:
        return packed.state()
    except ContractError as error:
        log.warning("cursor ignored", source_id=packed.head.source_id, error=str(error))
        return packed.head


def _chance() -> float:
    return random.random()  # noqa: S311 - nobody gains by guessing


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
        case changes.Retry(key, attempt, reason):
            tried = {"attempts": attempt.number, "reason": reason}
            log.warning("later", source_id=source.id, item=key, **tried)
        case changes.Unmodified(key):
            log.info("not modified", source_id=source.id, item=key)
        case changes.Postpone(key, reason):
            log.info("not read again", source_id=source.id, item=key, reason=reason)
