"""What a page separates by tables, boxes or line breaks becomes paragraphs, as extractors expect.

Older Arabic content systems lay a page out in tables and write an article as one cell or div with
``<br><br>`` in it; others make a div of every paragraph.
"""

from itertools import pairwise

from lxml.html import HtmlElement

from services.contract.leftovers import SENTENCE_END
from services.ingest.core.frame import prose_chars

PROSE_CHARS = 80
"""Mean length of what single breaks separate, from which it is paragraphs and not a menu."""

SENTENCE_CHARS = 30
"""A box of this length is a paragraph if it ends as a sentence does."""

CELL_CHARS = 300
"""A cell of data is shorter; from here on it is a part of a page that a table lays out."""

_BLOCKS = {
    *("article", "aside", "blockquote", "div", "dl", "figure", "footer", "form", "header", "li"),
    *("main", "nav", "ol", "p", "section", "table", "tbody", "td", "tr", "ul"),
    *(f"h{level}" for level in range(1, 7)),
}


def mark_paragraphs(tree: HtmlElement) -> None:
    """Make ``p`` of every paragraph in ``tree``, and boxes of tables that are none."""
    for table in list(tree.iter("table")):
        if _lays_out(table):
            for element in (table, *table.iter("tbody", "tr", "td", "th")):
                element.tag = "div"
    for parent in {id(b.getparent()): b.getparent() for b in tree.iter("br")}.values():
        if parent is not None and parent.tag != "p" and _is_prose(parent):
            _wrap(parent)
    for box in list(tree.iter("div")):
        if _is_paragraph(box):
            box.tag = "p"


def _lays_out(table: HtmlElement) -> bool:
    """Return whether ``table`` holds a page and no data: other tables, paragraphs, long texts."""
    if table.find(".//table") is not None or len(table.findall(".//td/p")) > 1:
        return True
    return any(len(cell.text_content()) >= CELL_CHARS for cell in table.iter("td"))


def _is_paragraph(box: HtmlElement) -> bool:
    """Return whether ``box`` holds prose and no other blocks."""
    if any(child.tag in _BLOCKS for child in box.iterdescendants()):
        return False
    chars = prose_chars(box)
    if chars >= PROSE_CHARS:
        return True
    return chars >= SENTENCE_CHARS and box.text_content().rstrip().endswith(SENTENCE_END)


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
    """Put into a ``p`` each what breaks separate in ``parent``, a box from then on."""
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
    if parent.tag in ("font", "span", "center", "td"):
        parent.tag = "div"


def _paragraph(parent: HtmlElement, text: str | None) -> HtmlElement:
    paragraph: HtmlElement = parent.makeelement("p")
    paragraph.text = text
    parent.append(paragraph)
    return paragraph
