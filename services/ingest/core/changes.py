"""What is to be read of a source, given its cursor, and what can become of it."""

import hashlib
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from services.contract.articles import RawArticle, SeenArticle, SourceState, Wording
from services.ingest.core.appointments import as_item
from services.ingest.core.attempts import Attempt, may_try
from services.ingest.core.items import FeedItem

_HALF = 8  # of a hash, in letters
_TAG = re.compile(r"<[^<>]{0,2000}>")  # a < that is never closed costs nothing

MAX_READ_AGAIN = 20
"""Items a poll that are read again because it is time to, not because the feed says so."""

MAX_VAIN_READINGS = 3
"""After so many that found nothing new, what a feed says of an article under the same title is
believed to be a counter. What is new on the page is found when it is time to read it again."""

MAX_REVISIONS_A_DAY = 12
MAX_REVISIONS = 50
"""Beyond these a page is one that changes whenever it is read: a counter, a ticker."""


@dataclass(frozen=True, slots=True)
class Due:
    """An item to be read now; ``again`` if only because it is time to.

    ``page_title`` is the digest of the page's own title at the reading before, ``validator`` what
    asks whether the page is still what is published; None: not known.
    """

    item: FeedItem
    item_hash: str
    again: bool = False
    page_title: str | None = None
    validator: str | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read of an item; ``page_title`` is the digest of the page's own title.

    ``attempt`` is the one that found no page, where the feed's own text stands in; ``validator``
    stands for the page that was found.
    """

    due: Due
    article: RawArticle
    wording: Wording
    page_title: str | None
    attempt: Attempt | None = None
    validator: str | None = None


@dataclass(frozen=True, slots=True)
class Publish:
    """A version that nobody has seen yet, or not for certain.

    ``entry`` is what the cursor is to remember. ``outcome``: ``published`` (the first of its
    article), ``joined`` (another item's article) or ``revised``.
    """

    reading: Reading
    article: RawArticle
    entry: SeenArticle
    outcome: Literal["published", "joined", "revised"]


@dataclass(frozen=True, slots=True)
class Skip:
    """A version that is not published.

    ``reason``: ``duplicate`` (a new item of a known article), ``unchanged`` or ``unstable`` (it
    changes whenever it is read).
    """

    reading: Reading
    entry: SeenArticle
    reason: Literal["duplicate", "unchanged", "unstable"]


@dataclass(frozen=True, slots=True)
class Retry:
    """An item that could not be read now. ``reason`` is that of the failed fetch."""

    key: str
    attempt: Attempt
    reason: str


@dataclass(frozen=True, slots=True)
class GiveUp:
    """An item that was tried often enough, and is left alone for as long as it is listed.

    Or one that left the feed untried: then nothing can be read of it any more.
    """

    key: str
    attempts: int
    reason: str


@dataclass(frozen=True, slots=True)
class Postpone:
    """A published article that could not be read again. ``reason`` as in Retry."""

    key: str
    reason: str


@dataclass(frozen=True, slots=True)
class Unmodified:
    """A published article that its site says is still the same."""

    key: str


Outcome = Publish | Skip | Retry | GiveUp | Postpone | Unmodified


def item_hash(item: FeedItem) -> str:
    """Return what changes when the feed says something new about an item.

    Its first half stands for title and address, its second half for the rest. Tags are left out: in
    their attributes are counters and numbers made for one answer, for which a page would be read at
    every poll.
    """
    updated = item.updated.at.isoformat() if item.updated else ""
    said = " ".join(_TAG.sub(" ", item.content_html).split())
    return _digest(item.title, item.link) + _digest(updated, said)


def _digest(*facts: str) -> str:
    return hashlib.sha256("\n".join(facts).encode("utf-8", "replace")).hexdigest()[:_HALF]


def items_to_read(items: Iterable[FeedItem], state: SourceState, now: datetime) -> list[Due]:
    """Return the items that are new, changed, or due for another attempt or reading.

    ``items`` are those that the feed lists; others are waiting in the cursor.
    """
    listed = {item.key: Due(item, item_hash(item)) for item in items}
    due = {key: one for key, one in listed.items() if _is_due(one, state, now)}
    again = [
        _waiting(key, state)
        for key, waiting in state.waiting.items()
        if waiting.due_at <= now and key not in due and may_try(key, state, now)
    ]
    return [*due.values(), *again[:MAX_READ_AGAIN]]


def under_known_keys(items: Sequence[FeedItem], state: SourceState) -> tuple[FeedItem, ...]:
    """Return ``items``; one under a new key that says what a known one said is that one.

    Some sites make every guid anew each time they write the feed, and a guid that was repeated is
    not any more when the other item has left: each such item would be read again at each poll.
    """
    known = state.seen.keys() | state.pending.keys() | state.waiting.keys()
    listed = {item.key for item in items}
    if listed <= known:
        return tuple(items)
    unlisted = {seen.item_hash: key for key, seen in state.seen.items() if key not in listed}
    return tuple(
        item if item.key in known else replace(item, key=unlisted.pop(item_hash(item), item.key))
        for item in items
    )


def old_share(items: Collection[FeedItem], state: SourceState) -> float | None:
    """Return the share of ``items`` that were known; None if that says nothing of the source."""
    if not items or not state.seen:
        return None
    known = state.seen.keys() | state.pending.keys() | state.waiting.keys()
    return sum(item.key in known for item in items) / len(items)


def _is_due(due: Due, state: SourceState, now: datetime) -> bool:
    key = due.item.key
    if key in state.pending:
        return may_try(key, state, now)
    if key in state.unconfirmed:
        return True
    seen = state.seen.get(key)
    return seen is None or (_says_more(due.item_hash, seen) and not is_unstable(seen, now))


def _says_more(item_hash: str, seen: SeenArticle) -> bool:
    """Return whether the feed says something new of a known item that is worth a look at its page.

    A counter in its text is not.
    """
    if seen.vain_readings < MAX_VAIN_READINGS:
        return seen.item_hash != item_hash
    return seen.item_hash[:_HALF] != item_hash[:_HALF]


def _waiting(key: str, state: SourceState) -> Due:
    item = as_item(key, state.waiting[key])
    seen = state.unconfirmed.get(key) or state.seen.get(key)
    again = seen is not None and key not in state.pending and key not in state.unconfirmed
    digest = seen.item_hash if seen else item_hash(item)
    waiting = state.waiting[key]
    return Due(item, digest, again, waiting.page_title, waiting.validator if again else None)


def is_unstable(seen: SeenArticle, now: datetime) -> bool:
    """Return whether an article changed so often that it seems to do so whenever it is read."""
    lately = [moment for moment in seen.revised_at if moment > now - timedelta(days=1)]
    return len(lately) >= MAX_REVISIONS_A_DAY or seen.revision >= MAX_REVISIONS


def may_use_feed_text(due: Due, state: SourceState, attempt: Attempt, page_answered: bool) -> bool:
    """Return whether the feed's own text will do for an item whose page gave none.

    For a new item at once; if only its title, when the page itself has nothing more (a brief) or
    is down for long. The page is tried again all the same. But it must not replace the full text of
    an article that is already published just because its page is down: it does so only at the last
    attempt, and never with a mere title.
    """
    item = due.item
    if item.key in state.seen:
        return attempt.is_last and bool(item.content_html)
    is_title_enough = page_answered or attempt.is_last or attempt.is_long
    return bool(item.content_html) or (bool(item.title) and is_title_enough)


def failed(due: Due, attempt: Attempt, reason: str) -> Retry | GiveUp | Postpone:
    """Return what to do about an item that neither page nor feed gives a text for."""
    key = due.item.key
    if due.again:
        return Postpone(key, reason)
    if attempt.is_last:
        return GiveUp(key, attempt.number, reason)
    return Retry(key, attempt, reason)
