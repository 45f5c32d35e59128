"""Whether a source is what the catalogue says: fetched and read once, nothing published."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.ingest.core.answers import Fetched, FetchFailed
from services.ingest.core.items import FeedError, FeedItem, Listing
from services.ingest.core.kinds import read_text
from services.ingest.core.recognise import recognise
from services.ingest.core.sources import Source
from services.ingest.edges.http import Fetcher
from services.ingest.listings import list_items

QUIET = timedelta(days=7)
FUTURE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found at a source; None and 0 where it could not be reached or read."""

    id: str
    url: str
    outcome: str
    form: str | None = None
    items: int = 0
    encoding: str | None = None
    newest: datetime | None = None
    robots: str = "unknown"
    problems: tuple[str, ...] = ()


async def check_source(fetcher: Fetcher, source: Source, now: datetime) -> Checked:
    """Return what is at ``source`` now. Raises nothing for what a server does."""
    answer = await fetcher.fetch(source.url, "feed", manners=source.manners)
    if isinstance(answer, FetchFailed):
        forbidden = answer.reason == "robots"
        return Checked(
            id=source.id,
            url=source.url,
            outcome=answer.reason,
            robots="forbids" if forbidden else "unknown",
            problems=(answer.detail,),
        )
    if not isinstance(answer, Fetched):
        return Checked(source.id, source.url, "protocol", problems=("304 without being asked",))
    return await look(fetcher, source, answer, now)


async def look(fetcher: Fetcher, source: Source, answer: Fetched, now: datetime) -> Checked:
    """Return what ``answer`` of ``source`` holds, with the sitemaps that it names."""
    form = encoding = None
    listing = Listing(items=())
    problems: list[str] = []
    try:
        text, charset = await asyncio.to_thread(read_text, source, answer.body, answer.content_type)
        form, encoding = recognise(text), f"{charset.name} ({charset.origin})"
        async with fetcher.room() as room:
            listing, _ = await list_items(fetcher, source, answer, room)
        outcome = "ok" if listing.items else "empty"
        problems += _of_items(listing.items, now)
    except FeedError as error:
        outcome = "not-a-feed"
        problems.append(str(error))
    if form and form.kind != source.kind:
        problems.append(f"kind: {source.kind}, but it is a {form.name} ({form.kind})")
    if answer.moved_to:
        problems.append(f"moved for good to {answer.moved_to}")
    if listing.left_out:
        problems.append(f"{listing.left_out} more items than are read")
    return Checked(
        id=source.id,
        url=source.url,
        outcome=outcome,
        form=form.name if form else None,
        items=len(listing.items),
        encoding=encoding,
        newest=newest_of(listing.items, now),
        robots="allows",
        problems=tuple(problems),
    )


def newest_of(items: Sequence[FeedItem], now: datetime) -> datetime | None:
    """Return when the newest item was published or changed, as far as that can be true."""
    moments = [item.published or item.updated for item in items]
    return max((m.at for m in moments if m and m.at <= now + FUTURE), default=None)


def _of_items(items: Sequence[FeedItem], now: datetime) -> Iterator[str]:
    dated = [moment for item in items if (moment := item.published or item.updated)]
    newest = newest_of(items, now)
    if not items:
        yield "no items"
    if newest and now - newest > QUIET:
        yield f"nothing new for {(now - newest).days} days"
    if early := sum(moment.at > now + FUTURE for moment in dated):
        yield f"{early} dates in the future: is the time zone right?"
    if len(dated) > 1 and len({moment.at for moment in dated}) == 1:
        yield "the same date for every item"
    if unlinked := sum(not item.link for item in items):
        yield f"{unlinked} items without a link"
