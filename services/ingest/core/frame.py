"""Where the article is, on a page whose markup does not say so: where the prose is."""

from collections import Counter

from lxml import etree
from lxml.html import HtmlElement

PROSE_SHARE = 0.7
"""Share of a page's prose that its article has at least; the rest is excerpts of others."""

_SAID = (".//article", ".//*[@itemprop='articleBody']")
_PROSE = ("p", "li", "blockquote")
_MIN_PROSE_CHARS = 40


def mark_article(tree: HtmlElement) -> None:
    """Mark the smallest element that holds most prose of ``tree``, unless one is marked."""
    if any(tree.find(path) is not None for path in _SAID):
        return
    prose: Counter[HtmlElement] = Counter()
    for element in reversed(list(tree.iter(etree.Element))):  # children before their parents
        own = prose_chars(element) if element.tag in _PROSE and not _is_excerpt(element) else 0
        prose[element] = max(prose[element], own if own >= _MIN_PROSE_CHARS else 0)
        parent = element.getparent()
        if parent is not None:
            prose[parent] += prose[element]
    frame = tree.find("body")
    if frame is None or not prose[frame]:
        return
    while (densest := max(frame, key=prose.__getitem__, default=None)) is not None:
        if prose[densest] < PROSE_SHARE * prose[frame]:
            break
        frame = densest
    if frame.tag in ("div", "section", "main"):
        frame.set("itemprop", "articleBody")


def _is_excerpt(element: HtmlElement) -> bool:
    """Return whether ``element`` stands below the linked headline of another article."""
    before = element.getprevious()
    return before is not None and prose_chars(before) == 0 and before.text_content().strip() != ""


def prose_chars(element: HtmlElement) -> int:
    """Return how long the text of ``element`` is outside of its links."""
    linked = sum(len(link.text_content()) for link in element.iter("a"))
    return len(" ".join(element.text_content().split())) - linked
