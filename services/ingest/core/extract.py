"""A page's text to the article on it: main text, title and what its markup says about it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import dropwhile
from typing import Any
from zoneinfo import ZoneInfo

import trafilatura
from lxml import etree
from lxml.html import HtmlElement, HTMLParser, document_fromstring
from trafilatura.settings import Document

from services.ingest.core.boilerplate import without_boilerplate
from services.ingest.core.dates import Moment, read_date
from services.ingest.core.frame import mark_article
from services.ingest.core.paragraphs import mark_paragraphs

_ARTICLE_TYPES = ("Article", "BlogPosting", "LiveBlogPosting", "Report")
_PUBLISHED_META = (
    "article:published_time",
    "og:published_time",
    "datepublished",
    "parsely-pub-date",
    "pubdate",
    "publishdate",
    "dc.date.issued",
    "date",
)
_MODIFIED_META = ("article:modified_time", "og:updated_time", "datemodified")
_MAX_JSON_LD_NODES = 200

BRIEF_CHARS = 250
"""Below this trafilatura doubts its result and falls back to coarser ways."""

MIN_TITLE_CHARS = 20
"""A shorter line may be part of a title by chance."""

_ARTICLE_PATHS = (".//*[@itemprop='articleBody']", ".//article", ".//main")
_BESIDE = {"nav", "aside", "footer", "form", "li"}
_PAGE_TYPES = {"text/html", "application/xhtml+xml", "text/plain", "text/xml", "application/xml"}
_NEVER_TEXT = [
    "//nav",
    "//aside",
    "//footer",
    "//blockquote[contains(@class, 'twitter-') or contains(@class, '-media') or contains(@class, '-embed')]",
    "//header[not(ancestor::article or ancestor::main)]",
]


@dataclass(frozen=True, slots=True)
class Page:
    """What a page says. ``text`` has a paragraph a line and is empty where none was found."""

    title: str
    text: str
    canonical_link: str | None = None
    byline: str | None = None
    section: str | None = None
    image_url: str | None = None
    published: Moment | None = None
    modified: Moment | None = None


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
    linked = next(_linked_articles(tree), {})
    metas = _metas(tree)
    title = _string(linked.get("headline")) or metas.get("og:title") or _heading(tree)
    return Page(
        title=title,
        text=_main_text(tree, title),
        canonical_link=_attribute(tree, ".//link[@rel='canonical']", "href") or metas.get("og:url"),
        byline=_person(linked.get("author")) or _human(metas.get("author")),
        section=_string(linked.get("articleSection")) or metas.get("article:section"),
        image_url=metas.get("og:image") or _image(linked.get("image")),
        published=read_date(_string(linked.get("datePublished")), zone)
        or _first_date(metas, _PUBLISHED_META, zone)
        or read_date(_attribute(tree, ".//time[@datetime]", "datetime"), zone),
        modified=read_date(_string(linked.get("dateModified")), zone)
        or _first_date(metas, _MODIFIED_META, zone),
    )


def html_to_text(fragment: str) -> str:
    """Return the text of a feed's HTML, a block a line."""
    tree = _parse(fragment)
    if tree is None:
        return ""
    for element in tree.iter("script", "style"):
        element.text = None
    for element in tree.iter("p", "div", "br", "li", "h1", "h2", "h3", "h4", "blockquote", "tr"):
        element.tail = "\n" + (element.tail or "")
    lines = (" ".join(line.split()) for line in "".join(map(str, tree.itertext())).split("\n"))
    return "\n".join(without_boilerplate(filter(None, lines)))


def _parse(markup: str) -> HtmlElement | None:
    if not markup.strip():
        return None
    parser = HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    try:
        return document_fromstring(markup.replace("\0", "").encode("utf-8", "replace"), parser)
    except (etree.ParserError, etree.XMLSyntaxError):
        return None


def _main_text(tree: HtmlElement, title: str) -> str:
    # fast: the external extractors it would ask for a second opinion were made for English.
    # favor_precision: else it takes the whole page, menus and all, where the article is short.
    mark_paragraphs(tree)
    mark_article(tree)
    found = trafilatura.bare_extraction(
        tree, fast=True, favor_precision=True, include_comments=False, prune_xpath=_NEVER_TEXT
    )
    text = (found.text or "") if isinstance(found, Document) else ""
    if len(text) < BRIEF_CHARS:
        text = _brief(tree) or text
    lines = (_line(line) for line in text.split("\n"))
    kept = list(without_boilerplate(filter(None, lines)))
    headings = f"{title}\n{_heading(tree)}\n{tree.findtext('.//title')}"
    return "\n".join(dropwhile(lambda line: _repeats(line, headings), kept))


def _repeats(line: str, headings: str) -> bool:
    """Return whether ``line`` is the title, which some pages have with the site's name only."""
    return line in headings.split("\n") or (len(line) >= MIN_TITLE_CHARS and line in headings)


def _line(line: str) -> str:
    """Return a line with single blanks, without trafilatura's ``| … |`` and ``- ``."""
    if line.startswith("- "):
        line = line[2:]
    elif line.startswith("|") and line.rstrip().endswith("|"):
        line = line.replace("|", " ").replace("---", " ")
    return " ".join(line.split())


def _brief(tree: HtmlElement) -> str:
    """Return the paragraphs of the element that is marked up as the article.

    Where trafilatura finds less than a paragraph it takes the whole page, menus and all.
    """
    for path in _ARTICLE_PATHS:
        for container in tree.iterfind(path):
            paragraphs = [
                " ".join(paragraph.text_content().split())
                for paragraph in container.iter("p")
                if not _BESIDE.intersection(parent.tag for parent in paragraph.iterancestors())
            ]
            if text := "\n".join(filter(None, paragraphs)):
                return text
    return ""


def _linked_articles(tree: HtmlElement) -> Iterator[dict[str, Any]]:
    """Yield the JSON-LD objects of the page that are articles."""
    for script in tree.iterfind(".//script[@type='application/ld+json']"):
        try:
            pending = [json.loads(script.text or "", strict=False)]
        except (ValueError, RecursionError):
            continue
        for _ in range(_MAX_JSON_LD_NODES):
            if not pending:
                break
            node = pending.pop(0)
            if isinstance(node, list):
                pending += node
            elif isinstance(node, dict):
                kinds = node.get("@type")
                kinds = kinds if isinstance(kinds, list) else [kinds]
                if any(str(kind).endswith(_ARTICLE_TYPES) for kind in kinds):
                    yield node
                pending += [node[key] for key in ("@graph", "mainEntity") if key in node]


def _metas(tree: HtmlElement) -> dict[str, str]:
    """Return the meta elements by their lower-case name; of several the first."""
    found: dict[str, str] = {}
    for meta in tree.iter("meta"):
        name = meta.get("property") or meta.get("name") or meta.get("itemprop") or ""
        content = " ".join((meta.get("content") or "").split())
        if name and content:
            found.setdefault(name.lower(), content)
    return found


def _heading(tree: HtmlElement) -> str:
    for path in (".//h1", ".//title"):
        for element in tree.iterfind(path):
            if text := " ".join(element.text_content().split()):
                return text
    return ""


def _first_date(metas: dict[str, str], names: tuple[str, ...], zone: ZoneInfo) -> Moment | None:
    dates = (read_date(metas.get(name), zone) for name in names)
    return next(filter(None, dates), None)


def _attribute(tree: HtmlElement, path: str, name: str) -> str | None:
    element = tree.find(path)
    return (element.get(name) or "").strip() or None if element is not None else None


def _string(value: Any) -> str:
    """Return a JSON-LD value as text; of a list the first, "" for anything else."""
    if isinstance(value, list):
        value = value[0] if value else ""
    return " ".join(value.split()) if isinstance(value, str) else ""


def _person(value: Any) -> str | None:
    if isinstance(value, list):
        value = value[0] if value else None
    if isinstance(value, dict):
        value = value.get("name")
    return _human(_string(value))


def _human(name: str | None) -> str | None:
    """Return ``name`` unless it is an address of a profile."""
    return name if name and "://" not in name else None


def _image(value: Any) -> str | None:
    if isinstance(value, list):
        value = value[0] if value else None
    if isinstance(value, dict):
        value = value.get("url")
    return _string(value) or None
