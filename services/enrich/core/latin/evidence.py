"""What a name's own words and those beside it say of its type."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from services.contract.articles import EntityType
from services.enrich.core.latin.runs import Piece, Word
from services.enrich.core.latin.vocabulary import (
    BODY,
    EVENT,
    FIRM,
    PERSONAL,
    PLACE,
    TITLE,
    Vocabulary,
    fold,
)

_TOKEN = re.compile(r"\w+|[^\w\s]")
_NEAR = 48
_QUOTES = frozenset("\"'“”«»„‘’")
_OF = frozenset(("of", "de", "du", "d", "di", "del", "della", "dell"))
_JOINING = frozenset((",", "and", "et", "e", "ed", "ve", "y"))
_APPOSED = frozenset(["a", "an", "who", "whose", "qui", "un", "une", "che", "né", "née"])
_WHERE = frozenset(("where", "où", "dove", "donde", "onde"))
_LONGEST_ACRONYM = 6


class Votes(NamedTuple):
    """How much speaks for a person, a body, a place."""

    per: float = 0
    org: float = 0
    loc: float = 0


class Places(NamedTuple):
    """Where known places begin and end in the text: what stands in a list with them is one too."""

    starts: frozenset[int]
    ends: frozenset[int]


def own_type(words: Sequence[Word]) -> EntityType | None:
    """Return the type that a word of the name gives it: University, Lake, Festival."""
    kinds = 0
    for word in words:
        kinds |= 0 if word.taken is not None else word.kinds
    return "EVENT" if kinds & EVENT else "ORG" if kinds & (BODY | FIRM) else None


def votes(text: str, piece: Piece, vocabulary: Vocabulary, places: Places) -> Votes:
    """Return what speaks for each type of ``piece``."""
    words = piece.words
    start, end = words[0].start, words[-1].end
    before = _tokens_before(text, start)
    after = _TOKEN.findall(fold(text[end : end + _NEAR]))
    sums = [
        _inner(text[start:end], piece),
        _before(before, len(words) == 1 or not words[0].kinds & PERSONAL, vocabulary),
        _after(after, vocabulary),
        _listed(text, start, end, places) if len(words) == 1 else Votes(),
    ]
    return Votes(*map(sum, zip(*sums, strict=True)))


def named_after_kind(text: str, start: int, vocabulary: Vocabulary) -> bool:
    """Say whether a word for a body stands right before ``start``: the company Bâtir Sahel."""
    before = _tokens_before(text, start)
    return bool(before) and before[-1] in vocabulary.beside.of_body


def _tokens_before(text: str, start: int) -> list[str]:
    tokens = _TOKEN.findall(fold(text[max(0, start - _NEAR) : start]))
    return [token for token in tokens if token not in _QUOTES]


def _inner(name: str, piece: Piece) -> Votes:
    first = piece.words[0]
    per = 5.0 * piece.titled
    if len(piece.words) == 1:
        acronym = name.isupper() and 1 < len(name) <= _LONGEST_ACRONYM
        return Votes(per + 1.0 * bool(first.kinds & PERSONAL), 3.0 * acronym, 0.5)
    initials = any(len(word.fold) == 2 and word.fold[1] == "." for word in piece.words)
    place = any(word.kinds & PLACE and word.taken is None for word in piece.words)
    return Votes(per + 1.5 + 2 * bool(first.kinds & PERSONAL) + 2 * initials, 0, 3.0 * place)


def _before(tokens: list[str], likely_place: bool, vocabulary: Vocabulary) -> Votes:
    beside = vocabulary.beside
    last = tokens[-1] if tokens else ""
    but_one = tokens[-2] if len(tokens) > 1 else ""
    if last in beside.of_body:
        return Votes(org=4)
    if last in beside.of_person or vocabulary.kind(last) & TITLE:
        return Votes(per=4)
    if last == "," and (but_one in beside.of_person or vocabulary.kind(but_one) & TITLE):
        return Votes(per=3)
    if vocabulary.kind(last) & PLACE:
        return Votes(loc=3)
    if last in beside.spoken_by:
        return Votes(per=2)
    if last in _OF and but_one in beside.of_place:
        return Votes(loc=3)
    if last in beside.in_place:
        return Votes(loc=3 if likely_place else 0.5)
    if last in beside.of_place:
        return Votes(loc=1 if likely_place else 0)
    return Votes()


def _after(tokens: list[str], vocabulary: Vocabulary) -> Votes:
    beside = vocabulary.beside
    first = tokens[0] if tokens else ""
    second = tokens[1] if len(tokens) > 1 else ""
    if first in "'’" and second in beside.place_suffixes:
        return Votes(loc=2)
    if first in beside.body_after:
        return Votes(org=3)
    if first in beside.place_after:
        return Votes(loc=3)
    if first in beside.speech:
        return Votes(per=2)
    if first == ",":
        if second in _WHERE:
            return Votes(loc=2)
        return Votes(per=2 * second.isdecimal() + 1.0 * (second in _APPOSED))
    return Votes()


def _listed(text: str, start: int, end: int, places: Places) -> Votes:
    """Say whether a known place stands before or after, past a comma or an and."""
    before = _TOKEN.findall(text[max(0, start - 6) : start])
    gap = text[max(0, start - 6) : start]
    if before and before[-1] in _JOINING:
        at = start - len(gap) + gap.rfind(before[-1])
        while at and text[at - 1] == " ":
            at -= 1
        if at in places.ends:
            return Votes(loc=2)
    after = re.match(r"(?:, | (?:and|et|e|ve|y) )(?:à |a |in |l'|to )?", text[end : end + 10])
    return Votes(loc=2 * (after is not None and end + after.end() in places.starts))
