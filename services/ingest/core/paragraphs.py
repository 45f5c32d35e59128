"""Text that is separated by line breaks becomes paragraphs, as most extractors expect it.

Older Arabic content systems write an article as one cell or div with ``<br><br>`` in it.
"""

from itertools import pairwise

from lxml.html import HtmlElement

PROSE_CHARS = 80
"""Mean length of what single breaks separate, from which it is paragraphs and not a menu."""

_BLOCKS = {"div", "p", "table", "ul", "ol", "dl", "blockquote", "section", "article", "figure"} | {
    f"h{level}" for level in range(1, 7)
}


def mark_paragraphs(tree: HtmlElement) -> None:
    """Wrap in ``p`` what breaks separate, in every element of ``tree`` that is so written."""
    for parent in {id(b.getparent()): b.getparent() for b in tree.iter("br")}.values():
        if parent is not None and parent.tag != "p" and _is_prose(parent):
            _wrap(parent)
            _dissolve_table(parent)


def _is_prose(parent: HtmlElement) -> bool:
    children = list(parent)
    doubled = any(
        one.tag == two.tag == "br" and not (one.tail or "").strip()
        for one, two in pairwise(children)
    )
    pieces = 1 + sum(child.tag == "br" for child in children)
    outside_links = [parent.text or ""]
    for child in children:
        outside_links += ["" if child.tag == "a" else child.text_content(), child.tail or ""]
    return doubled or len(" ".join("".join(outside_links).split())) / pieces >= PROSE_CHARS


def _wrap(parent: HtmlElement) -> None:
    children = list(parent)
    paragraph = _paragraph(parent, parent.text)
    parent.text = None
    for child in children:
        tail, child.tail = child.tail, None
        parent.remove(child)
        if child.tag == "br":
            paragraph = _paragraph(parent, tail)
        elif child.tag in _BLOCKS:
            parent.append(child)
            paragraph = _paragraph(parent, tail)
        else:
            child.tail = tail
            paragraph.append(child)
    for empty in [p for p in parent if p.tag == "p" and len(p) == 0 and not (p.text or "").strip()]:
        parent.remove(empty)


def _dissolve_table(cell: HtmlElement) -> None:
    """Make blocks of a table that lays out a page, so that its text is not taken for data."""
    if cell.tag in ("td", "th"):
        for element in (cell, *cell.iterancestors("tr", "tbody", "table")):
            element.tag = "div"


def _paragraph(parent: HtmlElement, text: str | None) -> HtmlElement:
    paragraph: HtmlElement = parent.makeelement("p")
    paragraph.text = text
    parent.append(paragraph)
    return paragraph
