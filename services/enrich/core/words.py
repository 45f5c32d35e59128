"""Cut a normalised text into sentences of words, as the tagger's training texts are cut."""

import re
from collections.abc import Iterator
from typing import NamedTuple

# A number or a Latin word may have signs within it (6.3, U.S., d'Italia); between Arabic letters a
# full stop is a slip of the typist, and ends a sentence.
_PIECE = re.compile(r"[^\W_\u0600-\u06ff]+(?:[.,'’&-][^\W_\u0600-\u06ff]+)*|[^\W_]+|_|[^\w\s]|\n")
_ENDS = frozenset(".!?؟…\n")


class Word(NamedTuple):
    """A word or a sign, and where it begins and ends in the text it was cut from."""

    text: str
    start: int
    end: int


def sentences(text: str) -> Iterator[list[Word]]:
    """Yield the sentences of ``text``: runs of words up to a stop or the end of a line.

    The stop after a single letter belongs to an initial (ج. بوش) and ends nothing.
    """
    sentence: list[Word] = []
    for piece in _PIECE.finditer(text):
        found = piece.group()
        after_initial = found == "." and bool(sentence) and len(sentence[-1].text) == 1
        if found != "\n":
            sentence.append(Word(found, piece.start(), piece.end()))
        if found in _ENDS and sentence and not after_initial:
            yield sentence
            sentence = []
    if sentence:
        yield sentence
