"""The copy of a text that matching runs on, with the way back to the reader's text.

One name is written many ways: with or without hamza, diacritics, tatweel, in the presentation forms
of old systems, with digits of three kinds. All become one here. Offsets into the copy are led back
to the text as it stands, which is what a message's offsets point into.
"""

import re
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass

_LETTERS = {
    "أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ة": "ه", "ی": "ي", "ک": "ك", "ؤ": "و",
    "ئ": "ي", "\u00a0": " ", "\t": " ", "\u202f": " ",
}  # fmt: skip
_OTHER_DIGITS = re.compile("[٠-٩۰-۹]")
_DIGITS = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹", "01234567890123456789")

# What takes no place in the copy: diacritics, Koranic signs, tatweel, joiners. What is written as
# one sign and read as several letters: presentation forms. And the second of two spaces, which is
# looked for only in a text that has two: the check is faster than a second branch of the pattern.
_SIGNS = (
    "[\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed\u200c\u200d"
    "\ufb50-\ufdff\ufe70-\ufefc]+"
)
_EDIT = re.compile(_SIGNS)
_EDIT_WITH_SPACES = re.compile(f"{_SIGNS}|(?<= ) +")
_PRESENTATION_FORM = re.compile("[\ufb50-\ufdff\ufe70-\ufefc]")


@dataclass(frozen=True, slots=True)
class Normalised:
    """A text made comparable. ``text`` is what to match, ``origin`` leads back.

    ``starts`` and ``shifts`` say from which offset of ``text`` on how many characters of the
    original are to be added; both ascend with ``starts``.
    """

    text: str
    starts: tuple[int, ...]
    shifts: tuple[int, ...]

    def origin(self, offset: int) -> int:
        """Return the code-point offset in the original text of ``offset`` in ``text``."""
        at = bisect_right(self.starts, offset) - 1
        return offset if at < 0 else offset + self.shifts[at]


def normalise(text: str) -> Normalised:
    """Return the copy of ``text`` to match on."""
    pieces: list[str] = []
    starts: list[int] = []
    shifts: list[int] = []
    done = length = 0
    pattern = _EDIT_WITH_SPACES if "  " in text else _EDIT
    for edit in pattern.finditer(text):
        begin, end = edit.span()
        replacement = _replacement(edit.group())
        pieces += (text[done:begin], replacement)
        length += begin - done
        done = end
        # Of a sign read as several letters, all but the first lead to where the sign ends.
        for at in range(length + min(1, len(replacement)), length + len(replacement) + 1):
            starts.append(at)
            shifts.append(end - at)
        length += len(replacement)
    if not pieces:
        return Normalised(_one_to_one(text), (), ())
    pieces.append(text[done:])
    return Normalised(_one_to_one("".join(pieces)), tuple(starts), tuple(shifts))


def fold(text: str) -> str:
    """Return ``text`` as ``normalise`` would match it, in lower case, stripped, for comparing."""
    return normalise(text.strip()).text.lower()


def _replacement(found: str) -> str:
    if not _PRESENTATION_FORM.search(found):
        return ""
    return _EDIT.sub("", unicodedata.normalize("NFKC", found)).strip()


def _one_to_one(text: str) -> str:
    # A dozen replacements in C are three times faster than one translate() over every character.
    for letter, plain in _LETTERS.items():
        if letter in text:
            text = text.replace(letter, plain)
    return text.translate(_DIGITS) if _OTHER_DIGITS.search(text) else text
