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
_BEFORE, _AFTER = 32, 24
_LISTED = 2
_LIST = re.compile(r"(?:, | (?:and|et|e|ve|y) )(?:à |a |in |l'|to )?")
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


NOTHING = Votes()


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


def votes(
    text: str, piece: Piece, before: Sequence[str], vocabulary: Vocabulary, places: Places
) -> Votes:
    """Return what speaks for each type of ``piece``, which follows the words ``before``."""
    words = piece.words
    start, end = words[0].start, words[-1].end
    alone = len(words) == 1
    after = _TOKEN.findall(fold(text[end : end + _AFTER]))
    inner = _inner(text[start:end], piece)
    earlier = _before(before, alone or not words[0].kinds & PERSONAL, vocabulary)
    later = _after(after, vocabulary)
    listed = _LISTED if alone and _is_listed(text, start, end, before, after, places) else 0
    return Votes(
        inner[0] + earlier[0] + later[0],
        inner[1] + earlier[1] + later[1],
        inner[2] + earlier[2] + later[2] + listed,
    )


def named_after_kind(before: Sequence[str], vocabulary: Vocabulary) -> bool:
    """Say whether ``before`` ends with a word for a body: the company Bâtir Sahel."""
    return bool(before) and before[-1] in vocabulary.beside.of_body


def tokens_before(text: str, start: int) -> list[str]:
    """Return the last words and signs before ``start``, folded, without quotation marks."""
    tokens = _TOKEN.findall(fold(text[max(0, start - _BEFORE) : start]))
    return tokens if _QUOTES.isdisjoint(tokens) else [t for t in tokens if t not in _QUOTES]


def _inner(name: str, piece: Piece) -> Votes:
    words = piece.words
    kinds = words[0].kinds
    per = 5.0 if piece.titled else 0.0
    if len(words) == 1:
        acronym = name.isupper() and 1 < len(name) <= _LONGEST_ACRONYM
        return Votes(per + (1.0 if kinds & PERSONAL else 0.0), 3.0 if acronym else 0.0, 0.5)
    per += 3.5 if kinds & PERSONAL else 1.5
    place = 0.0
    for word in words:
        if len(word.fold) == 2 and word.fold[1] == ".":
            per += 2
        if word.kinds & PLACE and word.taken is None:
            place = 3.0
    return Votes(per, 0.0, place)


def _before(tokens: Sequence[str], likely_place: bool, vocabulary: Vocabulary) -> Votes:
    if not tokens:
        return NOTHING
    beside = vocabulary.beside
    last = tokens[-1]
    but_one = tokens[-2] if len(tokens) > 1 else ""
    kinds = vocabulary.kinds.get(last, 0)
    if last in beside.of_body:
        return Votes(org=4)
    if last in beside.of_person or kinds & TITLE:
        return Votes(per=4)
    if last == ",":
        office = but_one in beside.of_person or vocabulary.kind(but_one) & TITLE
        return Votes(per=3) if office else NOTHING
    if kinds & PLACE:
        return Votes(loc=3)
    if last in beside.spoken_by:
        return Votes(per=2)
    if last in _OF and but_one in beside.of_place:
        return Votes(loc=3)
    if last in beside.in_place:
        return Votes(loc=3 if likely_place else 0.5)
    if last in beside.of_place and likely_place:
        return Votes(loc=1)
    return NOTHING


def _after(tokens: Sequence[str], vocabulary: Vocabulary) -> Votes:
    if not tokens:
        return NOTHING
    beside = vocabulary.beside
    first = tokens[0]
    second = tokens[1] if len(tokens) > 1 else ""
    if first == ",":
        if second in _WHERE:
            return Votes(loc=2)
        return Votes(per=2) if second.isdecimal() else Votes(per=second in _APPOSED)
    if first in beside.speech:
        return Votes(per=2)
    if first == "'" and second in beside.place_suffixes:
        return Votes(loc=2)
    if first in beside.body_after:
        return Votes(org=3)
    if first in beside.place_after:
        return Votes(loc=3)
    return NOTHING


def _is_listed(
    text: str, start: int, end: int, before: Sequence[str], after: Sequence[str], places: Places
) -> bool:
    """Say whether a known place stands before or after, past a comma or an and."""
    if before and before[-1] in _JOINING:
        joining = text.rfind(before[-1], 0, start)
        while joining > 0 and text[joining - 1] == " ":
            joining -= 1
        if joining in places.ends:
            return True
    if after and after[0] in _JOINING:
        following = _LIST.match(text, end)
        return following is not None and following.end() in places.starts
    return False
