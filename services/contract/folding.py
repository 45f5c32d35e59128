"""Spellings that vary made one, so that lines and dates are recognised however they are written."""

import re

_VARYING = "أإآٱة" + "٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹" + "àâäéèêëîïôöûùüçşığ"
_FOLDED = str.maketrans(
    _VARYING,
    "ااااه" + "01234567890123456789" + "aaaeeeeiioouuucsig",
    "\u0640\u064b\u064c\u064d\u064e\u064f\u0650\u0651\u0652\u200e\u200f\u0307",
)
_NOT_WORD = re.compile(r"[^\w]+")


def fold_letters(text: str) -> str:
    """Return ``text`` in small letters without hamza, diacritics, accents; digits as 0 to 9."""
    return text.lower().translate(_FOLDED)


def folded(line: str) -> str:
    """Return the words of ``line``, so folded and joined by single blanks."""
    return _NOT_WORD.sub(" ", fold_letters(line)).strip()
