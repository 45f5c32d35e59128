"""When a page says that its article was published: in its metadata, else where readers see it."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from itertools import chain, islice
from typing import Any, Literal
from zoneinfo import ZoneInfo

from lxml.etree import XPath
from lxml.html import HtmlElement

from services.contract.articles import PagePlace, RawArticle
from services.ingest.core.dates import (
    EARLIEST_YEAR,
    MIN_ITEMS_TO_COMPARE,
    Moment,
    is_made_up,
    read_date,
)
from services.ingest.core.linked_data import string

_PUBLISHED_META = (
    *(
        "article:published_time",
        "article:published",
        "og:published_time",
        "og:article:published_time",
    ),
    *("datepublished", "parsely-pub-date", "sailthru.date", "publication_date", "publish-date"),
    *("publishdate", "published_date", "pubdate", "cxenseparse:recs:publishtime"),
    *("dc.date.issued", "dc.date.created", "dcterms.issued", "dcterms.created", "dcterms.date"),
    *("dc.date", "citation_publication_date", "weibo:article:create_at", "timestamp", "date"),
)
_MODIFIED_META = (
    *("article:modified_time", "og:updated_time", "datemodified", "dcterms.modified"),
    *("dc.date.modified", "last-modified"),
)
_DATE_WORDS = ("date", "time", "publish", "posted", "meta", "info", "byline", "tarikh", "تاريخ")
_BESIDE_WORDS = ("comment", "related", "widget", "side", "latest", "recent", "header", "footer")
_BESIDE = ("aside", "nav", "footer", "form")
MAX_VISIBLE_CHARS = 160
"""A place that says more than this is not one for the date."""

_UNDATED = {
    "published_at": None,
    "published_origin": "none",
    "published_place": None,
    "published_precision": None,
}
_MAX_PLACES = 60
_MAX_SEARCHED = 1_000
_BELOW = XPath(
    "following::*[self::span or self::div or self::p or self::li or self::td or self::dd"
    " or self::font or self::b][@class or @id]"
)


CLOCK_AHEAD = timedelta(minutes=2)
"""A page's time that is so near to when it was fetched may be that of a clock on it."""


def without_clocks(articles: Sequence[RawArticle]) -> list[RawArticle]:
    """Return ``articles``, those of one poll, without dates that are no dates of publication.

    Where all their pages show one time, or each the time at which it was fetched, that is the
    site's clock.
    """
    dated = [a for a in articles if a.published_origin == "page"]
    moments = [Moment(a.published_at, _precision(a)) if a.published_at else None for a in dated]
    are_now = len(dated) >= MIN_ITEMS_TO_COMPARE and all(
        a.published_at and abs(a.fetched_at - a.published_at) <= CLOCK_AHEAD for a in dated
    )
    if not (are_now or is_made_up(moments)):
        return list(articles)
    return [a.model_copy(update=_UNDATED) if a.published_origin == "page" else a for a in articles]


def _precision(article: RawArticle) -> Literal["second", "day"]:
    return "day" if article.published_precision == "day" else "second"


def published_on_page(
    tree: HtmlElement, linked: Mapping[str, Any], metas: Mapping[str, str], zone: ZoneInfo
) -> tuple[Moment, PagePlace] | None:
    """Return the first date there is of: JSON-LD, meta, microdata, ``time``, visible text.

    One of long ago is what content systems write where they know none, and hides no other.
    """
    for place, text in _written(tree, linked, metas):
        moment = read_date(text, zone)
        if moment and moment.at.year >= EARLIEST_YEAR:
            return moment, place
    return None


def modified_on_page(
    linked: Mapping[str, Any], metas: Mapping[str, str], zone: ZoneInfo
) -> Moment | None:
    """Return when the page says that it was last changed."""
    written = [string(linked.get("dateModified")), *(metas.get(name) for name in _MODIFIED_META)]
    return next(filter(None, (read_date(text, zone) for text in written)), None)


def _written(
    tree: HtmlElement, linked: Mapping[str, Any], metas: Mapping[str, str]
) -> Iterator[tuple[PagePlace, str | None]]:
    """Yield what may be the date, and where it stands, the surest first."""
    yield "json-ld", string(linked.get("datePublished"))
    for name in _PUBLISHED_META:
        yield "meta", metas.get(name)
    yield "json-ld", string(linked.get("dateCreated"))
    for element in tree.iterfind(".//*[@itemprop='datePublished']"):
        yield "microdata", _stamp(element)
    for element in tree.iter("time"):
        if not _is_beside(element):
            yield "time", _stamp(element)
    for text in _visible(tree):
        yield "text", text


def _stamp(element: HtmlElement) -> str:
    return str(element.get("content") or element.get("datetime") or element.text_content())


def _visible(tree: HtmlElement) -> Iterator[str]:
    """Yield what stands beside the title, then what below it is named as a date is.

    Above it many sites have the date of today.
    """
    title = next(tree.iter("h1", "h2"), None)
    if title is None:
        return
    places = chain(title.itersiblings(), title.itersiblings(preceding=True), _dated_places(title))
    for element in islice(places, _MAX_PLACES):
        text = element.text_content()
        if len(text) <= MAX_VISIBLE_CHARS and any(map(str.isdigit, text)):
            yield text


def _dated_places(title: HtmlElement) -> Iterator[HtmlElement]:
    below: list[HtmlElement] = _BELOW(title)  # type: ignore[assignment]
    for element in below[:_MAX_SEARCHED]:
        named = _named(element)
        if any(word in named for word in _DATE_WORDS) and not _is_beside(element):
            yield element


def _is_beside(element: HtmlElement) -> bool:
    around = (element, *element.iterancestors())
    return any(
        box.tag in _BESIDE or any(word in _named(box) for word in _BESIDE_WORDS) for box in around
    )


def _named(element: HtmlElement) -> str:
    return f"{element.get('class', '')} {element.get('id', '')}".lower()
