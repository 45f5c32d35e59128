"""What is new in a feed, given the source's cursor, and what the cursor is afterwards."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.contract.articles import RawArticle, SeenArticle, SourceState
from services.ingest.core.items import FeedItem

MAX_UNLISTED = 300
"""Entries kept of items that a feed no longer lists: some come back. About 300 bytes each."""

MAX_ATTEMPTS = 5
"""Polls at which an item whose page gives no text is tried, before it is left as it is."""


@dataclass(frozen=True, slots=True)
class Publish:
    """A version that nobody has seen yet. ``article`` has its final revision and times."""

    key: str
    article: RawArticle


@dataclass(frozen=True, slots=True)
class Skip:
    """A version that is already published. ``reason``: ``unchanged`` or ``duplicate``."""

    key: str
    article: RawArticle
    reason: str


@dataclass(frozen=True, slots=True)
class Retry:
    """An item that could not be read now. ``reason`` is that of the failed fetch."""

    key: str
    attempts: int
    reason: str


@dataclass(frozen=True, slots=True)
class GiveUp:
    """An item that was tried often enough; it is left alone for as long as it is listed."""

    key: str
    attempts: int
    reason: str


Outcome = Publish | Skip | Retry | GiveUp


def item_hash(item: FeedItem) -> str:
    """Return what changes when the feed says something new about an item."""
    updated = item.updated.at.isoformat() if item.updated else ""
    facts = "\n".join((item.title, item.link, updated, item.content_html))
    return hashlib.sha256(facts.encode("utf-8", "replace")).hexdigest()[:16]


def items_to_read(items: Iterable[FeedItem], state: SourceState) -> list[FeedItem]:
    """Return the items that are new, changed since they were read, or due for another attempt."""
    return [item for item in items if _is_due(item, state)]


def _is_due(item: FeedItem, state: SourceState) -> bool:
    if attempts := state.pending.get(item.key):
        return attempts < MAX_ATTEMPTS
    return item.key not in state.seen or state.seen[item.key].item_hash != item_hash(item)


def may_use_feed_text(item: FeedItem, state: SourceState, page_answered: bool) -> bool:
    """Return whether the feed's own text will do for an item whose page gave none.

    For a new item at once, if only its title when the page itself has nothing more (a brief); the
    page is tried again all the same. But it must not replace the full text of an article that is
    already published just because its page is down: it does so only at the last attempt.
    """
    if not (item.content_html or item.title):
        return False
    if state.pending.get(item.key, 0) + 1 >= MAX_ATTEMPTS:
        return True
    return item.key not in state.seen and (page_answered or bool(item.content_html))


def failed(item: FeedItem, state: SourceState, reason: str) -> Retry | GiveUp:
    """Return what to do about an item that neither page nor feed gives a text for."""
    attempts = state.pending.get(item.key, 0) + 1
    kind = GiveUp if attempts >= MAX_ATTEMPTS else Retry
    return kind(item.key, attempts, reason)


def compare(
    read: Mapping[str, RawArticle], state: SourceState, earlier: Iterable[Outcome] = ()
) -> list[Publish | Skip]:
    """Return for each article that was read, by its item's key, whether it says anything new.

    Another item of the same address is the same article: of several in one poll the first counts,
    ``earlier`` being what the same poll has decided already. A revision is strictly newer than the
    one before, even after the clock was set back.
    """
    known = {seen.article_id: seen for seen in state.seen.values()}
    decided: list[Publish | Skip] = []
    taken = {o.article.article_id for o in earlier if isinstance(o, Publish | Skip)}
    for key, article in read.items():
        before = known.get(article.article_id)
        if article.article_id in taken:
            decided.append(Skip(key, article, "duplicate"))
            continue
        taken.add(article.article_id)
        if before is None:
            decided.append(Publish(key, article))
        elif before.content_hash == article.content_hash:
            decided.append(Skip(key, _after(before, article, before.revision), "unchanged"))
        else:
            decided.append(Publish(key, _after(before, article, before.revision + 1)))
    return decided


def _after(before: SeenArticle, article: RawArticle, revision: int) -> RawArticle:
    newer = max(article.fetched_at, before.last_listed_at + timedelta(milliseconds=1))
    changes = {
        "revision": revision,
        "first_seen_at": before.first_seen_at,
        "fetched_at": newer,
    }
    return article.model_copy(update=changes)


def next_state(
    state: SourceState,
    items: Iterable[FeedItem],
    outcomes: Iterable[Outcome],
    validators: tuple[str | None, str | None],
    now: datetime,
) -> SourceState:
    """Return the cursor after ``outcomes`` of a poll, whose articles are all confirmed.

    ``validators`` are ETag and Last-Modified of the feed. They are not kept while an item is to be
    tried again: the next poll must show it even if nothing else changed. That is also the case
    where the feed's own text stands in for a page, until the last attempt.
    """
    listed = {item.key: item_hash(item) for item in items}
    seen = dict(state.seen)
    pending = {key: attempts for key, attempts in state.pending.items() if key in listed}
    for outcome in outcomes:
        match outcome:
            case Publish(key, article) | Skip(key, article):
                seen[key] = SeenArticle(
                    article_id=article.article_id,
                    item_hash=listed[key],
                    content_hash=article.content_hash,
                    revision=article.revision,
                    first_seen_at=article.first_seen_at,
                    last_listed_at=article.fetched_at,
                )
                attempts = pending.pop(key, 0) + 1
                if article.text_origin == "feed" and attempts < MAX_ATTEMPTS:
                    pending[key] = attempts
            case Retry(key, attempts) | GiveUp(key, attempts):
                pending[key] = attempts
    retrying = any(attempts < MAX_ATTEMPTS for attempts in pending.values())
    etag, last_modified = (None, None) if retrying else validators
    return state.model_copy(
        update={
            "etag": etag,
            "last_modified": last_modified,
            "polled_at": now,
            "failures": 0,
            "seen": _bounded(seen, listed.keys(), now),
            "pending": pending,
        }
    )


def _bounded(
    seen: Mapping[str, SeenArticle], listed: Iterable[str], now: datetime
) -> dict[str, SeenArticle]:
    """Return all that is listed, and of the rest the MAX_UNLISTED that were listed last."""
    listed = set(listed)
    current = {
        key: entry.model_copy(update={"last_listed_at": max(now, entry.last_listed_at)})
        for key, entry in seen.items()
        if key in listed
    }
    gone = [(key, entry) for key, entry in seen.items() if key not in listed]
    gone.sort(key=lambda pair: pair[1].last_listed_at)
    return dict(gone[-MAX_UNLISTED:]) | current


def must_be_recorded(before: SourceState, after: SourceState) -> bool:
    """Return whether ``after`` says more than when the source was last polled.

    Most polls find nothing new: writing only the others spares the topic 500 kB a poll.
    """

    def facts(state: SourceState) -> tuple[object, ...]:
        entries = {key: (s.item_hash, s.content_hash, s.revision) for key, s in state.seen.items()}
        return state.etag, state.last_modified, state.pending, entries

    return facts(before) != facts(after)
