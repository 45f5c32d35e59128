"""Cut a normalised text into sentences of words, as the tagger's training texts are cut."""

import re
from collections.abc import Iterator
from itertools import accumulate, compress
from operator import itemgetter
from typing import NamedTuple

# A number or a Latin word may have signs within it (6.3, U.S., d'Italia); between Arabic letters a
# full stop is a slip of the typist, and ends a sentence. With the space after it, so that where a
# word begins is known from the lengths of those before: half the time of asking for each match.
# Most pieces are an Arabic word and one space: that is tried first.
_LATIN = r"[^\W_\u0600-\u06ff]+"
_SPACE = r"[^\S\n]"
_PIECE = re.compile(
    rf"[\u0621-\u064a]++ (?=\S)|(?:[\u0621-\u064a]++(?![^\W_])"
    rf"|{_LATIN}(?:[.,'’&-]{_LATIN})*|[^\W_]+|_|[^\w\s]|\n){_SPACE}*+"
)
_first = itemgetter(0)
_is_end = frozenset(".!?؟…\n").__contains__


class Sentence(NamedTuple):
    """Words and signs in a row, and where each begins in the text that they were cut from.

    ``pieces`` are the words with the spaces behind them.
    """

    pieces: list[str]
    starts: list[int]

    @property
    def words(self) -> list[str]:
        """The words alone."""
        return list(map(str.rstrip, self.pieces))


def sentences(text: str) -> Iterator[Sentence]:
    """Yield the sentences of ``text``: runs of words up to a stop or the end of a line.

    The stop after a single letter belongs to an initial (ج. بوش) and ends nothing.
    """
    first = _PIECE.search(text)
    if first is None:
        return
    pieces = _PIECE.findall(text)
    starts = list(accumulate(map(len, pieces), initial=first.start()))
    begin = 0
    for at in compress(range(len(pieces)), map(_is_end, map(_first, pieces))):
        sign = pieces[at][0]
        if sign == "." and at > begin and len(pieces[at - 1].rstrip()) == 1:
            continue
        end = at if sign == "\n" else at + 1
        if begin < end:
            yield Sentence(pieces[begin:end], starts[begin:end])
        begin = at + 1
    if begin < len(pieces):
        yield Sentence(pieces[begin:], starts[begin:-1])
