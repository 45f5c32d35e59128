"""Cut a normalised text into sentences of words, as the tagger's training texts are cut."""

import re
from collections.abc import Iterator
from itertools import accumulate
from typing import NamedTuple

# A number or a Latin word may have signs within it (6.3, U.S., d'Italia); between Arabic letters a
# full stop is a slip of the typist, and ends a sentence. With the space after it, so that where a
# word begins is known from the lengths of those before: half the time of asking for each match.
_LATIN = r"[^\W_\u0600-\u06ff]+"
_PIECE = re.compile(rf"({_LATIN}(?:[.,'’&-]{_LATIN})*|[^\W_]+|_|[^\w\s]|\n)([^\S\n]*)")
_ENDS = frozenset(".!?؟…\n")


class Sentence(NamedTuple):
    """Words and signs in a row, and where each begins in the text that they were cut from."""

    words: tuple[str, ...]
    starts: list[int]


def sentences(text: str) -> Iterator[Sentence]:
    """Yield the sentences of ``text``: runs of words up to a stop or the end of a line.

    The stop after a single letter belongs to an initial (ج. بوش) and ends nothing.
    """
    first = _PIECE.search(text)
    if first is None:
        return
    pieces = _PIECE.findall(text)
    words, spaces = zip(*pieces, strict=True)
    lengths = map(int.__add__, map(len, words), map(len, spaces))
    starts = list(accumulate(lengths, initial=first.start()))
    begin = 0
    for at in [at for at, word in enumerate(words) if word in _ENDS]:
        if words[at] == "." and at > begin and len(words[at - 1]) == 1:
            continue
        end = at if words[at] == "\n" else at + 1
        if begin < end:
            yield Sentence(words[begin:end], starts[begin:end])
        begin = at + 1
    if begin < len(words):
        yield Sentence(words[begin:], starts[begin:-1])
