"""First step: make the text fit to be read and counted, without rewriting what was written.

Two things only happen to the text: broken Unicode is repaired, and whole lines that the page and
not the author put there are left out. A line that is kept is kept as it is.
"""

import re
import unicodedata

from services.enrich.core.normalise import fold

# Control and format characters nobody sees. The joiners U+200C and U+200D stay: Persian is spelt
# with them and emoji are made of them; matching ignores them.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f"
    "\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff\ud800-\udfff\U000e0001-\U000e007f]+"
)
_OTHER_LINE_BREAKS = ("\r\n", "\r", "\x85", "\u2028", "\u2029")

_RELATED_MARKERS = frozenset(
    fold(marker)
    for marker in (
        "مقالات ذات صلة", "مقالات ذات صله", "مواضيع ذات صلة", "موضوعات ذات صلة", "أخبار ذات صلة",
        "ذات صلة", "اقرأ أيضا", "اقرأ أيضًا", "إقرأ أيضا", "اقرأ المزيد", "قد يهمك أيضا",
        "قد يعجبك أيضا", "قد تهمك", "اخترنا لكم", "أخبار متعلقة",
        "المنشورات ذات الصلة", "مقالات مشابهة", "شاهد أيضا", "للمزيد", "related posts",
        "related articles", "related stories", "read also", "read more", "see also",
        "you may also like", "more stories", "lire aussi", "à lire également",
        "à lire aussi", "articles similaires",
        "leggi anche", "potrebbe interessarti anche", "ilgili haberler",
    )
)  # fmt: skip
_LEFTOVERS = frozenset(
    fold(line)
    for line in (
        "in", "total", "مشاركة", "مشاركات", "شارك", "شاركها", "شارك المقال", "المشاركات",
        "share", "shares", "share this", "tweet", "facebook", "twitter", "whatsapp", "telegram",
        "linkedin", "pinterest", "فيسبوك", "تويتر", "واتساب", "تيليقرام", "طباعة", "print",
        "email", "copy link", "نسخ الرابط", "partager", "condividi", "paylaş", "advertisement",
        "إعلان", "اعلان", "publicité", "pubblicità",
    )
)  # fmt: skip
_LONGEST_LEFTOVER = 40
_COUNT = re.compile(r"\s*\d{1,6}\s*")
_HEADLINE_CHARS = 110
_SENTENCE_END = tuple('.!…؟?:؛;،,"”»)')


def clean(text: str, title: str = "") -> str:
    """Return ``text`` with its Unicode repaired and the page's leftovers gone.

    A ``title`` that is such a leftover shows, as one in the text does, that the page left some.
    """
    lines = repair(text).split("\n")
    marks = [_leftover(line) for line in lines]
    if not any(marks) and not _leftover(title):
        return "\n".join(lines).strip("\n")
    _mark_counts(lines, marks)
    end = _end_of_article(lines, marks)
    kept = [line for line, mark in zip(lines[:end], marks, strict=False) if not mark]
    return "\n".join(kept).strip("\n")


def repair(text: str) -> str:
    """Return ``text`` in NFC, without control characters, format characters and surrogates."""
    for line_break in _OTHER_LINE_BREAKS:
        text = text.replace(line_break, "\n")
    return unicodedata.normalize("NFC", _INVISIBLE.sub("", text))


def _leftover(line: str) -> str:
    """Return what kind of leftover ``line`` is: ``related``, ``page``, or an empty string."""
    if len(line) > _LONGEST_LEFTOVER:
        return ""
    bare = fold(line).strip(" \t:.|-–—…")
    if bare in _RELATED_MARKERS:
        return "related"
    return "page" if bare in _LEFTOVERS else ""


def _mark_counts(lines: list[str], marks: list[str]) -> None:
    """Mark numbers that stand alone next to a leftover: the counters of its buttons."""
    for at, line in enumerate(lines):
        if _COUNT.fullmatch(line) and any(marks[max(at - 1, 0) : at + 2]):
            marks[at] = "page"


def _end_of_article(lines: list[str], marks: list[str]) -> int:
    """Return where the related headlines at the tail begin; the number of lines if there are none.

    They follow a marker («مقالات ذات صلة»). Where the marker was lost but the page left other
    things, two or more headlines count as such after a last paragraph that ends as sentences do.
    """
    end = len(lines)
    while end > 0 and (marks[end - 1] or not lines[end - 1].strip() or _headline(lines[end - 1])):
        end -= 1
        if marks[end] == "related":
            return end
    headlines = sum(1 for at in range(end, len(lines)) if _headline(lines[at]) and not marks[at])
    is_tail = end > 0 and headlines >= 2 and lines[end - 1].rstrip().endswith(_SENTENCE_END)
    return end if is_tail else len(lines)


def _headline(line: str) -> bool:
    bare = line.strip()
    return (
        len(bare) <= _HEADLINE_CHARS and bare.count(" ") >= 2 and not bare.endswith(_SENTENCE_END)
    )
