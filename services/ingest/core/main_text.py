"""The main text of a parsed page: a paragraph a line, nothing of what stands around it."""

from itertools import dropwhile

import trafilatura
from lxml.html import HtmlElement
from trafilatura.settings import Document

from services.contract.articles import MAX_TEXT_CHARS
from services.ingest.core.boilerplate import without_boilerplate
from services.ingest.core.frame import mark_article
from services.ingest.core.paragraphs import mark_paragraphs

MAX_CHARS = MAX_TEXT_CHARS + 50_000
"""Of what is found; more than an article may have, so that it is still seen to be too long."""

BRIEF_CHARS = 250
"""Below this trafilatura doubts its result and falls back to coarser ways."""

MIN_TITLE_CHARS = 20
"""A shorter line may be part of a title by chance."""

_ARTICLE_PATHS = (".//*[@itemprop='articleBody']", ".//article", ".//main")
_ARTICLES = ("article", "main")
_NEVER_TEXT = ("script", "style", "noscript", "template", "svg", "nav", "aside", "footer")
_EMBEDDED = ("twitter-", "instagram-media", "tiktok-embed", "fb-")


def main_text(tree: HtmlElement, title: str) -> str:
    """Return the text of the article in ``tree``, "" if there is none. Changes ``tree``."""
    headings = f"{title}\n{heading(tree)}\n{tree.findtext('.//title')}"
    # Before anything else: what goes now need not be looked at, copied and searched again.
    _remove_what_is_beside(tree)
    links = link_texts(tree)
    mark_paragraphs(tree)
    mark_article(tree)
    # fast: the external extractors it would ask for a second opinion were made for English.
    # favor_precision: else it takes the whole page, menus and all, where the article is short.
    found = trafilatura.bare_extraction(
        tree, fast=True, favor_precision=True, include_comments=False
    )
    text = (found.text or "") if isinstance(found, Document) else ""
    if len(text) < BRIEF_CHARS:
        text = _brief(tree) or text
    lines = (_line(line) for line in text[:MAX_CHARS].split("\n"))
    kept = without_boilerplate(filter(None, lines), links)
    return "\n".join(dropwhile(lambda line: _repeats(line, headings), kept))


def heading(tree: HtmlElement) -> str:
    """Return the page's own heading, else its title."""
    for path in (".//h1", ".//title"):
        for element in tree.iterfind(path):
            if text := " ".join(element.text_content().split()):
                return text
    return ""


def link_texts(tree: HtmlElement) -> set[str]:
    """Return what the links of ``tree`` say, with single blanks."""
    said = (link.text_content() if len(link) else link.text or "" for link in tree.iter("a"))
    return {" ".join(text.split()) for text in said}


def _remove_what_is_beside(tree: HtmlElement) -> None:
    headers = (h for h in tree.iter("header") if next(h.iterancestors(*_ARTICLES), None) is None)
    quotes = (q for q in tree.iter("blockquote") if q.get("class", "").startswith(_EMBEDDED))
    unwanted = [*tree.iter(*_NEVER_TEXT), *headers, *quotes]
    for element in unwanted:
        if element.getparent() is not None:
            element.drop_tree()


def _line(line: str) -> str:
    """Return a line with single blanks, without trafilatura's ``| … |`` and ``- ``."""
    if line.startswith("- "):
        line = line[2:]
    elif line.startswith("|") and line.rstrip().endswith("|"):
        line = line.replace("|", " ").replace("---", " ")
    return " ".join(line.split())


def _repeats(line: str, headings: str) -> bool:
    """Return whether ``line`` is the title, which some pages have with the site's name only."""
    return line in headings.split("\n") or (len(line) >= MIN_TITLE_CHARS and line in headings)


def _brief(tree: HtmlElement) -> str:
    """Return the paragraphs of the element that is marked up as the article.

    Where trafilatura finds less than a paragraph it takes the whole page, menus and all.
    """
    for path in _ARTICLE_PATHS:
        for container in tree.iterfind(path):
            paragraphs = [
                " ".join(paragraph.text_content().split())
                for paragraph in container.iter("p")
                if next(paragraph.iterancestors("form", "li"), None) is None
            ]
            if text := "\n".join(filter(None, paragraphs)):
                return text
    return ""
