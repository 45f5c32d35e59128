"""What a source lists, with the sitemaps that an index names."""

import hashlib
from datetime import UTC, datetime

import structlog

from services.ingest.core.answers import Fetched, Validators
from services.ingest.core.items import Child, FeedError, Listing, with_unique_keys
from services.ingest.core.kinds import read_listing
from services.ingest.core.sources import Source
from services.ingest.edges.http import Fetcher
from services.ingest.edges.room import Room
from services.ingest.metrics import LEFT_OUT

log = structlog.get_logger()


async def list_items(
    fetcher: Fetcher, source: Source, answer: Fetched, room: Room
) -> tuple[Listing, Validators]:
    """Return what ``source`` lists, and the validators that stand for all of it.

    ``room`` is what the answer takes; it is left when that is read.

    There are none where the index of sitemaps may stay the same although one of them changes, or
    one could not be read. Raises FeedError.
    """
    listing = await _read(source, answer, room)
    validators = Validators(answer.etag, answer.last_modified, body_hash(answer.body))
    if listing.more:
        children = [await _list_child(fetcher, source, child) for child in listing.more]
        if not all(child.modified for child in listing.more) or None in children:
            validators = Validators()
        listing = _together([child for child in children if child])
    if listing.left_out:
        LEFT_OUT.labels(source.id).inc(listing.left_out)
        log.warning("items left out", source_id=source.id, count=listing.left_out)
    return listing, validators


def body_hash(body: bytes) -> str:
    """Return what stands for the bytes of a listing."""
    return hashlib.sha256(body).hexdigest()[:16]


async def _list_child(fetcher: Fetcher, source: Source, child: Child) -> Listing | None:
    """Return what one sitemap of an index lists, None if it cannot be read: the next poll may."""
    try:
        async with fetcher.room() as room:
            answer = await fetcher.fetch(child.url, "feed", manners=source.manners, room=room)
            if not isinstance(answer, Fetched):
                raise FeedError(str(answer))
            return await _read(source, answer, room)
    except FeedError as error:
        log.warning("sitemap not readable", source_id=source.id, url=child.url, error=str(error))
        return None


async def _read(source: Source, answer: Fetched, room: Room) -> Listing:
    now = datetime.now(UTC)
    read = await room.read(read_listing, source, answer.body, answer.content_type, answer.url, now)
    room.leave()
    return read


def _together(children: list[Listing]) -> Listing:
    if not children:
        raise FeedError("none of the sitemaps of the index can be read")
    return Listing(
        items=with_unique_keys(item for child in children for item in child.items),
        left_out=sum(child.left_out for child in children),
    )
