"""What was read about one article to the message that says it."""

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from services.contract.articles import MAX_TEXT_CHARS, Charset, RawArticle, article_id
from services.ingest.core.canonical_url import accept_canonical, page_in_fragment
from services.ingest.core.dates import Moment, believable, date_in_url
from services.ingest.core.extract import Page, html_to_text
from services.ingest.core.items import FeedItem
from services.ingest.core.sources import Source

MAX_TITLE_CHARS = 2_000
_MAX_FIELD_CHARS = 500

_NOT_TEXT = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]")
"""Control characters, lone surrogates and misplaced byte order marks. The joiners and direction
marks stay: they are part of how Arabic and Persian are written."""


@dataclass(frozen=True, slots=True)
class FetchedPage:
    """The page of an item: where it was in the end, how it was decoded and what is on it."""

    url: str
    charset: Charset
    page: Page


def repair(text: str) -> str:
    """Return ``text`` as readers see it: composed (NFC), without characters that are no text."""
    return unicodedata.normalize("NFC", _NOT_TEXT.sub("", text))


def content_hash(title: str, text: str) -> str:
    """Return what changes when a reader would see a change."""
    return hashlib.sha256(f"{title}\n{text}".encode()).hexdigest()[:32]


def build_article(
    source: Source, item: FeedItem, fetched: FetchedPage | None, now: datetime
) -> RawArticle:
    """Return revision 1 of the article that ``item`` announces, as of ``now``.

    ``fetched`` is None where the page could not be had: then, and where the page has no text, it is
    the feed's own text; a brief that has nothing but its title is its title.
    """
    page = fetched.page if fetched else Page(title="", text="")
    title = repair(item.title or page.title)[:MAX_TITLE_CHARS]
    text = repair(page.text or html_to_text(item.content_html)) or title
    url = f"{fetched.url}{_page_in_fragment(item.link)}" if fetched else item.link
    canonical_url = accept_canonical(page.canonical_link, url)
    published, origin = _published(source, item, page, url, now)
    modified = page.modified or item.updated
    return RawArticle(
        article_id=article_id(canonical_url),
        canonical_url=canonical_url,
        url=url,
        source_id=source.id,
        source_name=source.name,
        source_country=source.country,
        source_timezone=source.timezone,
        source_scope=source.scope,
        title=title,
        text=text[:MAX_TEXT_CHARS],
        text_origin="page" if page.text else "feed",
        byline=_field(item.byline or page.byline),
        section=_field(item.section or page.section),
        image_url=_field(page.image_url),
        language_hint=source.language,
        published_at=published.at if published else None,
        published_origin=origin,
        published_place=page.published_place if origin == "page" else None,
        published_precision=published.precision if published else None,
        modified_at=modified.at if modified and believable(modified, now) else None,
        first_seen_at=now,
        fetched_at=now,
        content_hash=content_hash(title, text),
        charset=fetched.charset if fetched else None,
        truncated=len(text) > MAX_TEXT_CHARS,
    )


def _published(
    source: Source, item: FeedItem, page: Page, url: str, now: datetime
) -> tuple[Moment | None, Literal["feed", "page", "url", "none"]]:
    """Return when the article was published and who says so: the first that can be true."""
    if believable(item.published, now):
        return item.published, "feed"
    if believable(page.published, now):
        return page.published, "page"
    in_url = date_in_url(url, source.zone)
    if believable(in_url, now):
        return in_url, "url"
    if believable(item.updated, now):  # an Atom feed may give nothing else
        return item.updated, "feed"
    return None, "none"


def _page_in_fragment(link: str) -> str:
    """Return what a server is never asked for, and so is not part of where the page was."""
    return page_in_fragment(link.partition("#")[2])


def _field(text: str | None) -> str | None:
    return repair(text)[:_MAX_FIELD_CHARS] or None if text else None
