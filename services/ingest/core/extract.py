"""A page's text to the article on it: main text, title and what its markup says about it."""

import re
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from lxml import etree
from lxml.html import HtmlElement, HTMLParser, document_fromstring

from services.contract.articles import PagePlace
from services.ingest.core.boilerplate import without_boilerplate
from services.ingest.core.dates import Moment
from services.ingest.core.linked_data import address, linked_article, name, string
from services.ingest.core.main_text import MAX_CHARS, heading, link_texts, main_text
from services.ingest.core.page_dates import modified_on_page, published_on_page
from services.ingest.core.walls import Wall, find_wall

MAX_MARKUP_CHARS = 1_500_000
MAX_TAGS = 30_000
"""What follows is not read: large pages of news sites have half of it. Parsing and searching
cannot be interrupted, so what goes in is bounded. The worst pages found take 3 s and 150 MB."""

MAX_ATTRIBUTES = 1_000
"""Of one tag; one with more is left out. libxml2 compares each attribute with each."""

_NOT_XML = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]"
    "|&#(?:x0*(?:[0-8bcef]|1[0-9a-f]|fff[ef])|0*(?:[0-8]|1[124-9]|2[0-9]|3[01]|6553[45]))(?![0-9a-f]);?",
    re.IGNORECASE,
)
"""What lxml reads but lets nobody write, as moving a text does; also as a number."""

_LONG_TAG = re.compile(r"<[^<>]{4000,}>?")
_PAGE_TYPES = {"text/html", "application/xhtml+xml", "text/plain", "text/xml", "application/xml"}


@dataclass(frozen=True, slots=True)
class Page:
    """What a page says. ``text`` has a paragraph a line and is empty where none was found.

    ``wall`` says what stood in the way, where the page is not the article but keeps it from us.
    """

    title: str
    text: str
    canonical_link: str | None = None
    byline: str | None = None
    section: str | None = None
    image_url: str | None = None
    published: Moment | None = None
    published_place: PagePlace | None = None
    modified: Moment | None = None
    wall: Wall | None = None


EMPTY = Page(title="", text="")


def may_be_page(content_type: str | None) -> bool:
    """Return whether an answer of this type can be a page; servers that do not say get a chance."""
    kind = (content_type or "").partition(";")[0].strip().lower()
    return not kind or kind in _PAGE_TYPES


def extract(markup: str, zone: ZoneInfo) -> Page:
    """Return the article that decoded HTML holds; dates without a zone are in ``zone``."""
    tree = _parse(markup) if "<" in markup else None
    if tree is None:
        return EMPTY
    linked = linked_article(tree)
    metas = _metas(tree)
    published, place = published_on_page(tree, linked, metas, zone) or (None, None)
    title = string(linked.get("headline")) or metas.get("og:title") or heading(tree)
    facts = Page(
        title=title,
        text="",
        canonical_link=_canonical_link(tree) or metas.get("og:url"),
        byline=_human(name(linked.get("author"))) or _human(metas.get("author")),
        section=string(linked.get("articleSection")) or metas.get("article:section"),
        image_url=metas.get("og:image") or address(linked.get("image")) or None,
        published=published,
        published_place=place,
        modified=modified_on_page(linked, metas, zone),
    )
    document_title = tree.findtext(".//title") or ""
    plea = " ".join(element.text_content() for element in tree.iter("noscript"))
    text = main_text(tree, title)
    # Pages that say that they are articles are believed, however short they are.
    wall = None if linked and text else find_wall((title, document_title), text or plea)
    return replace(facts, wall=wall) if wall else replace(facts, text=text)


def html_to_text(fragment: str) -> str:
    """Return the text of a feed's HTML, a block a line."""
    tree = _parse(fragment)
    if tree is None:
        return ""
    links = link_texts(tree)
    for element in tree.iter("script", "style"):
        element.text = None
    for element in tree.iter("p", "div", "br", "li", "h1", "h2", "h3", "h4", "blockquote", "tr"):
        element.tail = "\n" + (element.tail or "")
    text = "".join(map(str, tree.itertext()))[:MAX_CHARS]
    lines = (" ".join(line.split()) for line in text.split("\n"))
    return "\n".join(without_boilerplate(filter(None, lines), links))


def _parse(markup: str) -> HtmlElement | None:
    if not markup.strip():
        return None
    parser = HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    try:
        return document_fromstring(_bounded(markup).encode("utf-8", "replace"), parser)
    except (etree.ParserError, etree.XMLSyntaxError):
        return None


def _bounded(markup: str) -> str:
    pieces = _NOT_XML.sub("", markup[:MAX_MARKUP_CHARS]).split("<", MAX_TAGS)
    return _LONG_TAG.sub(_without_countless_attributes, "<".join(pieces[:MAX_TAGS]))


def _without_countless_attributes(tag: re.Match[str]) -> str:
    return "" if len(tag.group().split(maxsplit=MAX_ATTRIBUTES)) > MAX_ATTRIBUTES else tag.group()


def _metas(tree: HtmlElement) -> dict[str, str]:
    """Return the meta elements by their lower-case name; of several the first."""
    found: dict[str, str] = {}
    for meta in tree.iter("meta"):
        key = meta.get("property") or meta.get("name") or meta.get("itemprop") or ""
        content = " ".join((meta.get("content") or "").split())
        if key and content:
            found.setdefault(key.lower(), content)
    return found


def _canonical_link(tree: HtmlElement) -> str | None:
    link = tree.find(".//link[@rel='canonical']")
    return (link.get("href") or "").strip() or None if link is not None else None


def _human(written: str | None) -> str | None:
    """Return ``written`` unless it is an address of a profile."""
    return written if written and "://" not in written else None
