"""The sources that a site offers: what its page and robots.txt name, then the usual addresses."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urljoin

from services.ingest.check import look
from services.ingest.core.answers import Fetched, FetchFailed
from services.ingest.core.items import FeedError
from services.ingest.core.kinds import read_text
from services.ingest.core.page_links import feed_links
from services.ingest.core.recognise import recognise
from services.ingest.core.sources import Kind, Source
from services.ingest.edges.http import Fetcher

MAX_CANDIDATES = 20

USUAL_FEEDS = ("/feed/", "/rss", "/rss.xml", "/feed.xml", "/atom.xml", "/index.xml", "/feed.json")
USUAL_SITEMAPS = ("/news-sitemap.xml", "/sitemap_index.xml", "/sitemap.xml", "/wp-sitemap.xml")


@dataclass(frozen=True, slots=True)
class Found:
    """A source that can be polled. ``by`` is what named it."""

    url: str
    kind: Kind
    form: str
    items: int
    newest: datetime | None
    by: str


class DiscoveryError(ValueError):
    """The address does not answer."""


async def discover(fetcher: Fetcher, url: str) -> list[Found]:
    """Return what can be polled at the site of ``url``; raise DiscoveryError if it is not there.

    The usual addresses are tried only for what the site itself does not name.
    """
    answer = await fetcher.fetch(url, "page")
    if not isinstance(answer, Fetched):
        raise DiscoveryError(answer.detail if isinstance(answer, FetchFailed) else "no answer")
    found = await _try(fetcher, [answer.url], "itself")
    if found:
        return found
    text, _ = await asyncio.to_thread(read_text, _source(url, "feed"), answer.body, None)
    found = await _try(fetcher, feed_links(text, answer.url), "page")
    if not found:
        found = await _try(fetcher, _usual(answer.url, USUAL_FEEDS), "usual address")
    sitemaps = await _try(fetcher, await _sitemaps(fetcher, answer.url), "robots.txt")
    if not sitemaps:
        sitemaps = await _try(fetcher, _usual(answer.url, USUAL_SITEMAPS), "usual address")
    return found + sitemaps


def _usual(url: str, paths: Iterable[str]) -> list[str]:
    return [urljoin(url, path) for path in paths]


async def _sitemaps(fetcher: Fetcher, url: str) -> list[str]:
    """Return the sitemaps that robots.txt names."""
    answer = await fetcher.fetch(urljoin(url, "/robots.txt"), "robots")
    if not isinstance(answer, Fetched):
        return []
    lines = answer.body.decode("utf-8", "replace").splitlines()
    fields = (line.partition(":") for line in lines)
    return [urljoin(url, value.strip()) for name, _, value in fields if _is_sitemap(name)]


def _is_sitemap(field: str) -> bool:
    return field.strip().lower() == "sitemap"


async def _try(fetcher: Fetcher, urls: list[str], by: str) -> list[Found]:
    """Return those of ``urls`` that give items, each once."""
    candidates = list(dict.fromkeys(urls))[:MAX_CANDIDATES]
    looks = await asyncio.gather(*(_look(fetcher, url, by) for url in candidates))
    return [found for found in looks if found]


async def _look(fetcher: Fetcher, url: str, by: str) -> Found | None:
    answer = await fetcher.fetch(url, "feed")
    if not isinstance(answer, Fetched):
        return None
    try:
        text, _ = await asyncio.to_thread(read_text, _source(url, "feed"), answer.body, None)
    except FeedError:
        return None
    form = recognise(text)
    if form is None or form.kind == "listing":
        return None
    checked = await look(fetcher, _source(url, form.kind), answer, datetime.now(UTC))
    if not checked.items:
        return None
    return Found(url, form.kind, form.name, checked.items, checked.newest, by)


def _source(url: str, kind: Kind) -> Source:
    return Source(id="discovered", name=url[:200], url=url, language="ar", kind=kind)
