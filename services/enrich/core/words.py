"""Cut a normalised text into sentences of words, as the tagger's training texts are cut.

What stands between two spaces is the same words wherever it stands: it is cut once, and kept.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from itertools import accumulate, chain
from operator import itemgetter
from typing import NamedTuple

EDGES = ("", "")
"""What stands around a sentence, in place of words."""

# A number or a Latin word may have signs within it (6.3, U.S., d'Italia); between Arabic letters a
# full stop is a slip of the typist, and ends a sentence.
_LATIN = r"[^\W_\u0600-\u06ff]+"
_WORD = re.compile(
    rf"[\u0621-\u064a]++(?![^\W_])|{_LATIN}(?:[.,'’&-]{_LATIN})*|[^\W_]+|_|[^\w\s]|\n"
)
_ENDS = frozenset(".!?؟…\n")
# What a stop behind a space ends is told by the word before it: there the text is not parted.
_STOP_APART = re.compile(r" \s*\.")
_PARTING = re.compile(r" (?!\s*\.)")

_KEPT = 20_000
_LONGEST_KEPT = 40


class Piece(NamedTuple):
    """The words and signs between two spaces, `EDGES` behind an end, and where each begins."""

    words: tuple[str, ...]
    starts: tuple[int, ...]


class _Pieces(dict[str, Piece]):
    """The pieces that were cut before."""

    def __missing__(self, text: str) -> Piece:
        piece = _cut(text)
        if len(text) <= _LONGEST_KEPT:
            if len(self) >= _KEPT:
                self.clear()
            self[text] = piece
        return piece


_pieces = _Pieces()
_words = itemgetter(0)


class Cut:
    """A text cut into words: all in a ``row``, two `EDGES` around every sentence."""

    def __init__(self, text: str) -> None:
        texts = _PARTING.split(text) if _STOP_APART.search(text) else text.split(" ")
        self._pieces = list(map(_pieces.__getitem__, texts))
        words = list(map(_words, self._pieces))
        self.row = [*EDGES, *chain.from_iterable(words), *EDGES]
        self._firsts = list(accumulate(map(len, words), initial=len(EDGES)))
        self._lengths = list(accumulate(map(len, texts), initial=0))

    def start(self, at: int) -> int:
        """Return where the word ``at`` of the row begins in the text."""
        piece = bisect_right(self._firsts, at) - 1
        return self._lengths[piece] + piece + self._pieces[piece].starts[at - self._firsts[piece]]


class Sentence(NamedTuple):
    """Words and signs in a row, and where each begins in the text that they were cut from."""

    words: list[str]
    starts: list[int]


def sentences(text: str) -> Iterator[Sentence]:
    """Yield the sentences of ``text``: runs of words up to a stop or the end of a line.

    The stop after a single letter belongs to an initial (ج. بوش) and ends nothing.
    """
    cut = Cut(text)
    sentence = Sentence([], [])
    for at, word in enumerate(cut.row):
        if word:
            sentence.words.append(word)
            sentence.starts.append(cut.start(at))
        elif sentence.words:
            yield sentence
            sentence = Sentence([], [])


def _cut(text: str) -> Piece:
    words: list[str] = []
    starts: list[int] = []
    begin = 0
    for match in _WORD.finditer(text):
        word, start = match.group(), match.start()
        is_initial = word == "." and len(words) > begin and len(words[-1]) == 1
        if word != "\n":
            words.append(word)
            starts.append(start)
        if word in _ENDS and not is_initial:
            words += EDGES
            starts += (start, start)
            begin = len(words)
    return Piece(tuple(words), tuple(starts))
