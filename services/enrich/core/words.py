"""Cut a normalised text into sentences of words, as the tagger's training texts are cut."""

import re
from collections.abc import Iterator
from itertools import accumulate, compress
from typing import NamedTuple

# A number or a Latin word may have signs within it (6.3, U.S., d'Italia); between Arabic letters a
# full stop is a slip of the typist, and ends a sentence. With the space after it, so that where a
# word begins is known from the lengths of those before: half the time of asking for each match.
_LATIN = r"[^\W_\u0600-\u06ff]+"
_PIECE = re.compile(
    rf"([\u0621-\u064a]++(?![^\W_])|{_LATIN}(?:[.,'’&-]{_LATIN})*|[^\W_]+|_|[^\w\s]|\n)([^\S\n]*+)"
)
_is_end = frozenset(".!?؟…\n").__contains__


class Sentence(NamedTuple):
    """Words and signs in a row, and where each begins in the text that they were cut from."""

    words: list[str]
    starts: list[int]


def sentences(text: str) -> Iterator[Sentence]:
    """Yield the sentences of ``text``: runs of words up to a stop or the end of a line.

    The stop after a single letter belongs to an initial (ج. بوش) and ends nothing.
    """
    first = _PIECE.search(text)
    if first is None:
        return
    pieces = _PIECE.findall(text)
    words = [word for word, _ in pieces]
    lengths = [len(word) + len(space) for word, space in pieces]
    starts = list(accumulate(lengths, initial=first.start()))
    begin = 0
    for at in compress(range(len(words)), map(_is_end, words)):
        if words[at] == "." and at > begin and len(words[at - 1]) == 1:
            continue
        end = at if words[at] == "\n" else at + 1
        if begin < end:
            yield Sentence(words[begin:end], starts[begin:end])
        begin = at + 1
    if begin < len(words):
        yield Sentence(words[begin:], starts[begin:-1])
