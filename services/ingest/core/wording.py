"""Tells by its wording whether an article is one that its source has shown before.

A title alone does not: a bulletin has the same every day. So the text must be similar, too, where
there is one.
"""

import hashlib
import re
import unicodedata
from itertools import pairwise
from zlib import crc32

from services.contract.articles import Wording

BINS = 16
SIMILAR = 0.6
"""Share of bins in which the same story agrees."""

TELLING_WORDS = 4
"""A title of fewer words says too little to know an article by, if there is no text."""

_SKETCHED_CHARS = 20_000
_WORD = re.compile(r"\w+")
_EMPTY_BIN = ".."
_BOTH_EMPTY = (_EMPTY_BIN, _EMPTY_BIN)
_NO_PAIR = 1 << 32
_SHORT = "-"  # marks the digest of a title that alone tells nothing


def word(title: str, text: str) -> Wording:
    """Return what is kept of a title and a text."""
    title_words = _words(title)
    digest = _digest(" ".join(title_words))
    if len(title_words) < TELLING_WORDS:
        digest += _SHORT
    return Wording(title=digest, text=_digest(text), sketch=_sketch(title_words, text))


def title_digest(title: str) -> str:
    """Return what titles share that differ in nothing but case, blanks and punctuation."""
    return _digest(" ".join(_words(title)))


def is_same_story(one: Wording, other: Wording) -> bool:
    """Return whether two articles are the same story.

    That is so if their titles are the same and their texts similar, or one of them, a brief, says
    nothing but its title.
    """
    if one.title != other.title:
        return False
    if one.sketch and other.sketch:
        return is_similar(one, other)
    return not one.title.endswith(_SHORT)


def is_similar(one: Wording, other: Wording) -> bool:
    """Return whether two texts are mostly the same; a brief without a text is similar to none."""
    pairs = [pair for pair in zip(_bins(one), _bins(other), strict=True) if pair != _BOTH_EMPTY]
    return bool(pairs) and sum(a == b for a, b in pairs) >= SIMILAR * len(pairs)


def what_changed(before: Wording, after: Wording) -> str | None:
    """Return ``title``, ``body`` or ``both``; None if nothing that a reader would see did."""
    if before.text == after.text:
        return "title" if before.title != after.title else None
    return "body" if before.title == after.title else "both"


def _words(text: str) -> list[str]:
    return _WORD.findall(unicodedata.normalize("NFKC", text).casefold())


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:12]


def _sketch(title_words: list[str], text: str) -> str:
    """Return a MinHash of the pairs of words of ``text``, two digits a bin; "" for a mere title."""
    words = _words(text[:_SKETCHED_CHARS])
    if len(words) < 2 or words == title_words:
        return ""
    least = [_NO_PAIR] * BINS
    for first, second in pairwise(words):
        digest = crc32(f"{first} {second}".encode("utf-8", "replace"))
        least[digest % BINS] = min(least[digest % BINS], digest // BINS)
    return "".join(_EMPTY_BIN if low == _NO_PAIR else f"{low % 256:02x}" for low in least)


def _bins(wording: Wording) -> list[str]:
    sketch = wording.sketch or _EMPTY_BIN * BINS
    return [sketch[start : start + 2] for start in range(0, 2 * BINS, 2)]
