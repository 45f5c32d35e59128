"""Polls of a made-up source, without a network: what is decided, and the cursor after it."""

from datetime import UTC, datetime
from typing import Any

from services.contract.articles import SourceState, article_id
from services.ingest.core import changes, cursor
from services.ingest.core.answers import Validators
from services.ingest.core.article import content_hash
from services.ingest.core.attempts import Attempt, failed_attempt
from services.ingest.core.changes import Due, Outcome, Reading
from services.ingest.core.compare import compare
from services.ingest.core.items import FeedItem
from services.ingest.core.wording import title_digest, word
from tests.support import raw_article

NOW = datetime(2020, 11, 25, 12, tzinfo=UTC)
EMPTY = SourceState(source_id="sample")


def item(number: int = 1, **fields: Any) -> FeedItem:
    defaults: dict[str, Any] = {
        "key": f"g{number}",
        "title": f"خبر {number}",
        "link": f"https://news.example/articles/{number}",
    }
    return FeedItem(**(defaults | fields))


def due(one: FeedItem) -> Due:
    """Return ``one`` as an item that the feed lists."""
    return Due(one, changes.item_hash(one))


def reading(
    one: Due,
    now: datetime = NOW,
    url: str | None = None,
    attempt: Attempt | None = None,
    **fields: Any,
) -> Reading:
    """Return what is read of an item: its title, and a text of its own unless given.

    ``url`` is the canonical address that the page names, if not the item's link; ``attempt`` the
    one that found no page, if the text is not from there.
    """
    canonical_url = url or one.item.link
    article = raw_article(
        article_id=article_id(canonical_url),
        canonical_url=canonical_url,
        url=one.item.link,
        **(
            {
                "title": one.item.title,
                "text": f"نص {one.item.link}",
                "fetched_at": now,
                "first_seen_at": now,
                "published_at": None,
            }
            | fields
        ),
    )
    if "content_hash" not in fields:
        digest = content_hash(article.title, article.text)
        article = article.model_copy(update={"content_hash": digest})
    worded = word(article.title, article.text)
    return Reading(one, article, worded, title_digest(article.title), attempt)


def poll(
    state: SourceState,
    items: list[FeedItem] | None,
    now: datetime = NOW,
    url: str | None = None,
    **article: Any,
) -> tuple[list[Outcome], SourceState]:
    """Return what a poll decides if every page can be read, and the cursor after it.

    With ``text_origin="feed"`` every page answers, but without a text.
    """
    due_now = changes.items_to_read(items or [], state, now)
    readings = [
        reading(one, now, url, _attempt(one, state, now, article), **article) for one in due_now
    ]
    outcomes: list[Outcome] = list(compare(readings, state))
    outcomes += cursor.left_untried(state, items, outcomes)
    return outcomes, cursor.next_state(state, items, outcomes, Validators('"e"', "lm"), now)


def _attempt(
    one: Due, state: SourceState, now: datetime, article: dict[str, Any]
) -> Attempt | None:
    if article.get("text_origin") != "feed":
        return None
    return failed_attempt(one.item.key, state, "no-text", now)
