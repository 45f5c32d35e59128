"""First step: make the text fit to be read and counted, without rewriting what was written.

Two things only happen to the text: broken Unicode is repaired, and whole lines that the page and
not the author put there are left out. A line that is kept is kept as it is.
"""

import re
import unicodedata

from services.contract.leftovers import leftovers

# Control and format characters nobody sees. The joiners U+200C and U+200D stay: Persian is spelt
# with them and emoji are made of them; matching ignores them.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f"
    "\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff\ud800-\udfff\U000e0001-\U000e007f]+"
)
_OTHER_LINE_BREAKS = ("\r\n", "\r", "\x85", "\u2028", "\u2029")

_LONE_BUTTONS = frozenset(("in", "total"))
"""What share bars leave of themselves where their counts were lost, too."""
_LONGEST_BUTTON = max(map(len, _LONE_BUTTONS))

_HEADLINE_CHARS = 110
_SHORT_SENTENCE_CHARS = 80
_SENTENCE_END = tuple('.!…؟?:؛;،,"”»)')


def clean(text: str, title: str = "") -> str:
    """Return ``text`` with its Unicode repaired and the page's leftovers gone.

    A ``title`` that is such a leftover shows, as one in the text does, that the page left some.
    """
    lines = repair(text).split("\n")
    marks = _marks(lines)
    if not any(marks) and not any(_marks([repair(title)])):
        return "\n".join(lines).strip("\n")
    end = _end_of_article(lines, marks)
    kept = [line for line, mark in zip(lines[:end], marks, strict=False) if not mark]
    return "\n".join(kept).strip("\n")


def repair(text: str) -> str:
    """Return ``text`` in NFC, without control characters, format characters and surrogates."""
    for line_break in _OTHER_LINE_BREAKS:
        text = text.replace(line_break, "\n")
    if not text.replace("\n", "").isprintable():  # of what is, none is invisible: a quick check
        text = _INVISIBLE.sub("", text)
    return unicodedata.normalize("NFC", text)


def _marks(lines: list[str]) -> list[str]:
    """Return what each line is of what the page left; "" for those of the article."""
    return [
        kind or ("share" if _is_lone_button(line.strip()) else "")
        for line, kind in zip(lines, leftovers(lines), strict=True)
    ]


def _is_lone_button(bare: str) -> bool:
    return len(bare) <= _LONGEST_BUTTON and bare.lower() in _LONE_BUTTONS


def _end_of_article(lines: list[str], marks: list[str]) -> int:
    """Return where the related headlines at the tail begin; the number of lines if there are none.

    They follow a heading («مقالات ذات صلة»). Where the heading was lost but the page left other
    things, two or more headlines count as such after a last paragraph that ends as sentences do.
    """
    end = len(lines)
    while end > 0 and (marks[end - 1] or not lines[end - 1].strip() or _headline(lines[end - 1])):
        end -= 1
    headlines = sum(1 for at in range(end, len(lines)) if _headline(lines[at]) and not marks[at])
    is_tail = end > 0 and headlines >= 2 and lines[end - 1].rstrip().endswith(_SENTENCE_END)
    return min(end if is_tail else len(lines), _first_heading_of_tail(lines, marks))


def _first_heading_of_tail(lines: list[str], marks: list[str]) -> int:
    """Return the first heading that has nothing but headlines below it, else the number of lines.

    Those of related stories may end as sentences do; below other headings such a line is the end of
    the article.
    """
    first, is_sentence_below = len(lines), False
    for at in reversed(range(len(lines))):
        line, mark = lines[at].strip(), marks[at]
        if mark == "related" or (mark in ("latest", "read-also") and not is_sentence_below):
            first = at
        elif line and not mark and not _headline(line):
            if not (len(line) <= _SHORT_SENTENCE_CHARS and line.endswith((".", "!", "؟", "?"))):
                break
            is_sentence_below = is_sentence_below or line.endswith(".")
    return first


def _headline(line: str) -> bool:
    bare = line.strip()
    return (
        len(bare) <= _HEADLINE_CHARS and bare.count(" ") >= 2 and not bare.endswith(_SENTENCE_END)
    )
