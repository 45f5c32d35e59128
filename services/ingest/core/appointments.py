"""What is read without the feed: when an article is looked at again, and what the feed said of it.

Of the changes to articles a week after publication four in five are made within a day (GDELT's
Global Difference Graph), so two more readings find nearly all of them.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from services.contract.articles import Waiting
from services.ingest.core.dates import Moment
from services.ingest.core.items import FeedItem

READ_AGAIN_AFTER = (timedelta(hours=24), timedelta(days=7))
"""How old an article is, counted from its first sight, when it is read again."""

TRY_AGAIN_AFTER = timedelta(hours=1)
TRIED_FOR = timedelta(days=1)
"""How long the page of a published article is asked for in vain before an appointment lapses."""

MAX_WAITING_BYTES = 300_000
"""What all that a cursor keeps of waiting items may come to: some 600 of them."""

MAX_VALIDATOR_CHARS = 44
"""A SHA-1 with its quotes. Cursors are kept in memory; longer ones are for proxies."""

_MAX_LINK_CHARS = 2_000
_MAX_TITLE_CHARS = 300
_MAX_FIELD_CHARS = 60
_RECORD_BYTES = 300  # of JSON around an item's link and title


def next_reading(first_seen_at: datetime, now: datetime) -> datetime | None:
    """Return when an article is read the next time, None if never again."""
    moments = (first_seen_at + after for after in READ_AGAIN_AFTER)
    return next((moment for moment in moments if moment > now), None)


def after_failure(first_seen_at: datetime, now: datetime) -> datetime | None:
    """Return when an article is read whose page did not answer at its appointment."""
    soon = now + TRY_AGAIN_AFTER
    trying = any(
        first_seen_at + after <= now and soon < first_seen_at + after + TRIED_FOR
        for after in READ_AGAIN_AFTER
    )
    return soon if trying else next_reading(first_seen_at, now)


def is_old(published_at: datetime | None, first_seen_at: datetime) -> bool:
    """Return whether an article was settled long before it was first seen, as in a new feed."""
    return published_at is not None and published_at + READ_AGAIN_AFTER[-1] < first_seen_at


def short_validator(etag: str | None, last_modified: str | None) -> str | None:
    """Return what is kept of a page's validators: the surer one, if it is short."""
    validator = etag or last_modified
    return validator if validator and len(validator) <= MAX_VALIDATOR_CHARS else None


def validators(validator: str | None) -> tuple[str | None, str | None]:
    """Return ``validator`` as ETag or as Last-Modified, whichever it is."""
    is_etag = validator is not None and validator.endswith('"')
    return (validator, None) if is_etag else (None, validator)


def wait(
    item: FeedItem, due_at: datetime, page_title: str | None = None, validator: str | None = None
) -> Waiting | None:
    """Return what to keep of ``item`` to read it at ``due_at``; None if that is too much."""
    if not 0 < len(item.link) <= _MAX_LINK_CHARS or len(item.title) > _MAX_TITLE_CHARS:
        return None
    return Waiting(
        due_at=due_at,
        link=item.link,
        title=item.title,
        page_title=page_title,
        byline=(item.byline or "")[:_MAX_FIELD_CHARS] or None,
        section=(item.section or "")[:_MAX_FIELD_CHARS] or None,
        published_at=item.published.at if item.published else None,
        published_precision=item.published.precision if item.published else None,
        validator=validator,
    )


def as_item(key: str, waiting: Waiting) -> FeedItem:
    """Return the item that waits as the feed gave it, but for its text."""
    published = None
    if waiting.published_at:
        published = Moment(waiting.published_at, waiting.published_precision or "second")
    return FeedItem(
        key=key,
        title=waiting.title,
        link=waiting.link,
        content_html="",
        byline=waiting.byline,
        section=waiting.section,
        published=published,
        updated=None,
    )


def bounded(waiting: Mapping[str, Waiting]) -> dict[str, Waiting]:
    """Return as many of ``waiting`` as a cursor may hold, those that are due first."""
    kept: dict[str, Waiting] = {}
    room = MAX_WAITING_BYTES
    for key, entry in sorted(waiting.items(), key=lambda pair: pair[1].due_at):
        room -= _RECORD_BYTES + len(f"{key}{entry.link}{entry.title}".encode())
        if room < 0:
            break
        kept[key] = entry
    return kept
