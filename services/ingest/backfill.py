"""The past of a site, from its sitemaps: for ``rasid import URL``.

It is read beside the live sources and must not harm them: one page at a time, four times as far
apart, by all rules of politeness, and what the site does not give now is left for the next run.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from services.contract.articles import RawArticle, article_id
from services.ingest.core.answers import Answer, Fetched, FetchFailed
from services.ingest.core.article import build_article
from services.ingest.core.canonical_url import UrlError, canonicalise
from services.ingest.core.items import FeedError, FeedItem, Listing
from services.ingest.core.kinds import read_whole_sitemap
from services.ingest.core.packed import PackedCursor
from services.ingest.core.period import Period
from services.ingest.core.politeness import Manners
from services.ingest.core.sources import Source
from services.ingest.edges.http import Fetcher, FetchRules, Kind, open_fetcher
from services.ingest.edges.journal import Journal
from services.ingest.edges.room import Room
from services.ingest.imports import SOURCE_ID, Ignored, Imported, Rejected, Settled
from services.ingest.reading import current_time, read_page

SLOWER = 4.0
"""How much further apart than those of the live sources the requests to a host are."""

MAX_SITEMAPS = 10_000
MAX_DEPTH = 3
"""Of indexes of indexes."""

FIRST_WAIT_S = 10.0
LONGEST_WAIT_S = 600.0
"""How long a site that does not answer is waited for, and one that asks for a pause at most."""

MAX_FAILED = 5
"""Pages in a row; then the site is left alone until the next run."""

_FINAL = ("gone", "robots", "bad-url")
"""What another run would not change: such pages are ignored."""

Pause = Callable[[float], Awaitable[None]]


class SiteAwayError(Exception):
    """The site gives nothing for now. What it gave is published; another run goes on there."""


@dataclass(frozen=True, slots=True)
class Site:
    """What is read: the articles of ``period`` that the sitemap at ``url`` names.

    ``source`` is whose they are. ``known`` are the ids of articles that the live sources know:
    those are left to them.
    """

    url: str
    source: Source
    period: Period
    known: Collection[str]


def at_host(url: str, catalogue: Iterable[Source]) -> list[Source]:
    """Return the sources of the catalogue that are at the host of ``url``."""
    return [source for source in catalogue if _host(source.url) == _host(url)]


def source_of(url: str, catalogue: Iterable[Source]) -> Source:
    """Return the first of them, or one made up for the articles at ``url``."""
    for source in at_host(url, catalogue):
        return source
    return Source(id=SOURCE_ID, name=_host(url), kind="sitemap", url=url, language="ar")


def known_ids(cursors: Iterable[PackedCursor]) -> set[str]:
    """Return the ids of all articles that ``cursors`` remember."""
    known: set[str] = set()
    for cursor in cursors:
        state = cursor.state()
        for entry in (*state.seen.values(), *state.unconfirmed.values()):
            known.update(filter(None, (entry.article_id, entry.other_id)))
    return known


class SiteReader:
    """Reads a site. ``pause`` waits for some seconds."""

    def __init__(
        self, site: Site, rules: FetchRules, journal: Journal, pause: Pause = asyncio.sleep
    ) -> None:
        self._site = site
        self._source = site.source
        self._rules = rules
        self._journal = journal
        self._pause = pause
        self._manners = _manners(site.source, rules)
        self._listed: set[str] = set()  # sitemaps

    def articles(self) -> Iterator[Imported]:
        """Yield what the site gives. Asking for the next says that the one before is published.

        Raises SiteAwayError.
        """

        async def next_of(found: AsyncIterator[Imported]) -> Imported | None:
            return await anext(found, None)

        with asyncio.Runner() as runner:
            found = self._articles()
            while (one := runner.run(next_of(found))) is not None:
                yield one

    async def _articles(self) -> AsyncIterator[Imported]:
        failed = 0
        async with open_fetcher(self._rules) as fetcher:
            async for item in self._items(fetcher, self._site.url):
                if isinstance(item, Rejected):
                    yield item
                    continue
                one = await self._read(fetcher, item)
                yield one
                if isinstance(one, RawArticle):
                    self._journal.note_imported(item.link, one.article_id)
                failed = failed + 1 if isinstance(one, Rejected) else 0
                if failed == MAX_FAILED:
                    raise SiteAwayError(f"{failed} pages in a row failed")

    async def _items(
        self, fetcher: Fetcher, url: str, depth: int = 0
    ) -> AsyncIterator[FeedItem | Rejected]:
        """Yield what a sitemap lists of the period, and those that it names."""
        self._listed.add(url)
        listing = await self._sitemap(fetcher, url)
        if isinstance(listing, Rejected):
            yield listing
            return
        for item in listing.items:
            if self._site.period.may_hold(item, self._source.zone):
                yield item
        for child in listing.more:
            if not self._site.period.may_list(child) or child.url in self._listed:
                continue
            if depth == MAX_DEPTH or len(self._listed) == MAX_SITEMAPS:
                yield Rejected(child.url, "too many sitemaps, or too deep")
                return
            async for item_of_child in self._items(fetcher, child.url, depth + 1):
                yield item_of_child

    async def _sitemap(self, fetcher: Fetcher, url: str) -> Listing | Rejected:
        async with fetcher.room() as room:
            answer = await self._fetch(fetcher, url, "feed", room)
            if not isinstance(answer, Fetched):
                return Rejected(url, _why(answer))
            try:
                return await room.read(
                    read_whole_sitemap, self._source, answer.body, answer.content_type, answer.url
                )
            except FeedError as error:
                return Rejected(url, str(error))

    async def _read(self, fetcher: Fetcher, item: FeedItem) -> Imported:
        if self._is_settled(item.link):
            return Settled(item.link)
        async with fetcher.room() as room:
            answer = await self._fetch(fetcher, item.link, "page", room)
            if not isinstance(answer, Fetched):
                is_final = isinstance(answer, FetchFailed) and answer.reason in _FINAL
                return (Ignored if is_final else Rejected)(item.link, _why(answer))
            try:
                page = await room.read(read_page, self._source, answer)
                article = build_article(self._source, item, page, current_time())
            except UrlError as error:
                return Ignored(item.link, str(error))
        if page is None or not page.page.text:
            return Ignored(item.link, "no article on the page")
        return self._wanted(item, article)

    def _is_settled(self, link: str) -> bool:
        try:
            is_known = article_id(canonicalise(link)) in self._site.known
        except UrlError:
            is_known = False  # fetching it says so
        return is_known or self._journal.is_settled(link, self._site.period)

    def _wanted(self, item: FeedItem, article: RawArticle) -> Imported:
        """Return the article as it is imported, if it is asked for and not there yet."""
        period = self._site.period
        if not period.holds(article.published_at):
            self._journal.note_outside(item.link, article.published_at)
            date = article.published_at
            return Ignored(item.link, f"published {date:%Y-%m-%d}" if date else "no date")
        known = article.article_id in self._site.known
        if known or self._journal.is_settled(article.article_id, period):
            return Settled(item.link)
        if self._source.id == SOURCE_ID:  # its language was only guessed, to decode it
            article = article.model_copy(update={"language_hint": None})
        return article.model_copy(update={"mode": "backfill"})

    async def _fetch(self, fetcher: Fetcher, url: str, kind: Kind, room: Room) -> Answer:
        """Ask for ``url``; once more, after a while, if what fails will pass."""
        answer = await fetcher.fetch(url, kind, manners=self._manners, room=room)
        if not isinstance(answer, FetchFailed) or answer.weight != "temporary":
            return answer
        wait_s = FIRST_WAIT_S if answer.retry_after_s is None else answer.retry_after_s
        if wait_s > LONGEST_WAIT_S:
            return answer
        await self._pause(wait_s)
        return await fetcher.fetch(url, kind, manners=self._manners, room=room)


def _manners(source: Source, rules: FetchRules) -> Manners:
    usual_s = rules.min_gap_s if source.min_gap_s is None else source.min_gap_s
    return Manners(min_gap_s=usual_s * SLOWER, max_concurrency=1)


def _host(url: str) -> str:
    return (urlsplit(url).hostname or "").removeprefix("www.")


def _why(answer: Answer) -> str:
    if isinstance(answer, FetchFailed):
        return f"{answer.reason}: {answer.detail}"
    return "304 without being asked"
