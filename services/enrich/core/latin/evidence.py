"""What a name's own words and those beside it say of its type."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from services.contract.articles import EntityType
from services.enrich.core.latin.runs import Page, Piece, Word
from services.enrich.core.latin.vocabulary import (
    BODY,
    DEMONYM,
    EVENT,
    FIRM,
    PERSONAL,
    PLACE,
    TITLE,
    Neighbours,
    Vocabulary,
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


_NOTHING = Votes()
_SURELY_PERSON, _PERSON, _LIKELY_PERSON, _PERHAPS_PERSON = (Votes(per=n) for n in (4, 3, 2, 1))
_SURELY_BODY, _BODY = Votes(org=4), Votes(org=3)
_HEADED = Votes(per=-1.5, org=1.5, loc=1)
"""The head of Rescue Med, the mayor of Castel Vecchio."""
_NAMED_BODY = Votes(per=-1, org=2)
"""The Daily Ledger: people have no article before two names."""
_PLACE, _LIKELY_PLACE, _PERHAPS_PLACE, _HARDLY_PLACE = (Votes(loc=n) for n in (3, 2, 1, 0.5))


class Places(NamedTuple):
    """Where known places begin and end in the text: what stands in a list with them is one too."""

    starts: frozenset[int]
    ends: frozenset[int]


def own_type(words: Sequence[Word]) -> EntityType | None:
    """Return the type that a word of the name gives it: University, Lake, Festival."""
    kinds = 0
    for word in words:
        kinds |= 0 if word.taken is not None else word.kinds
    joined = any(word.links == ("&",) for word in words[1:])
    return "EVENT" if kinds & EVENT else "ORG" if joined or kinds & (BODY | FIRM) else None


def votes(page: Page, piece: Piece, before: Sequence[str], places: Places) -> Votes:
    """Return what speaks for each type of ``piece``, which follows the words ``before``."""
    words = piece.words
    start, end = words[0].start, words[-1].end
    alone = len(words) == 1
    after = _TOKEN.findall(page.fold, end, end + _AFTER)
    per, org, loc = _inner(page.text[start:end], piece)
    likely_place = alone or not words[0].kinds & PERSONAL
    earlier = _before(before, alone, likely_place, page.vocabulary)
    later = _after(after, page.vocabulary.beside)
    if alone and _is_listed(page.fold, start, end, before, after, places):
        loc += _LISTED
    return Votes(
        per + earlier[0] + later[0], org + earlier[1] + later[1], loc + earlier[2] + later[2]
    )


def is_thing(before: Sequence[str], beside: Neighbours) -> bool:
    """Say whether ``before`` ends with a word for a thing that has a name: the ship, the film."""
    if before[-2:-1] == [","] and before[-1] in beside.articles:
        before = before[:-2]
    return bool(before) and before[-1] in beside.of_thing


def named_after_kind(before: Sequence[str], vocabulary: Vocabulary) -> bool:
    """Say whether ``before`` ends with a word for a body: the company Bâtir Sahel."""
    return bool(before) and before[-1] in vocabulary.beside.of_body


def tokens_before(page: Page, start: int) -> list[str]:
    """Return the last words and signs before ``start``, folded, without quotation marks."""
    tokens = _TOKEN.findall(page.fold, max(0, start - _BEFORE), start)
    return tokens if _QUOTES.isdisjoint(tokens) else [t for t in tokens if t not in _QUOTES]


def _inner(name: str, piece: Piece) -> Votes:
    words = piece.words
    kinds = words[0].kinds
    per = 5.0 if piece.titled else 0.0
    if len(words) == 1:
        acronym = name.isupper() and 1 < len(name) <= _LONGEST_ACRONYM
        return Votes(per + (1.0 if kinds & PERSONAL else 0.0), 3.0 if acronym else 0.0, 0.5)
    per += 3.5 if kinds & PERSONAL else 1.5
    org = place = 0.0
    for word in words:
        if word.taken is not None and word.taken.entity.type == "LOC":
            org = 2.5
        if len(word.fold) == 2 and word.fold[1] == ".":
            per += 2
        if word.kinds & PLACE and word.taken is None:
            place = 3.0
    return Votes(per, org, place)


def _before(
    tokens: Sequence[str], alone: bool, likely_place: bool, vocabulary: Vocabulary
) -> Votes:
    if len(tokens) > 1 and vocabulary.kinds.get(tokens[-1], 0) & DEMONYM:
        tokens = tokens[:-1]
    if not tokens:
        return _NOTHING
    beside = vocabulary.beside
    last = tokens[-1]
    but_one = tokens[-2] if len(tokens) > 1 else ""
    if not alone and last in beside.articles:
        return _NAMED_BODY
    if last == ",":
        office = but_one in beside.of_person or vocabulary.kind(but_one) & TITLE
        return _PERSON if office else _NOTHING
    if last in _OF and but_one in beside.of_place:
        return _PLACE
    if last in _OF and not alone and vocabulary.kind(but_one) & TITLE:
        return _HEADED
    return _right_before(last, likely_place, vocabulary)


def _right_before(last: str, likely_place: bool, vocabulary: Vocabulary) -> Votes:
    beside = vocabulary.beside
    kinds = vocabulary.kinds.get(last, 0)
    if last in beside.of_body:
        return _SURELY_BODY
    if last in beside.of_person or kinds & TITLE:
        return _SURELY_PERSON
    if last in beside.spoken_by:
        return _LIKELY_PERSON
    if kinds & PLACE:
        return _PLACE
    if last in beside.in_place:
        return _PLACE if likely_place else _HARDLY_PLACE
    return _PERHAPS_PLACE if last in beside.of_place and likely_place else _NOTHING


def _after(tokens: Sequence[str], beside: Neighbours) -> Votes:
    if not tokens:
        return _NOTHING
    first = tokens[0]
    second = tokens[1] if len(tokens) > 1 else ""
    if first == ",":
        if second in _WHERE:
            return _LIKELY_PLACE
        if second.isdecimal():
            return _LIKELY_PERSON
        return _apposed(tokens[2:3], beside) if second in _APPOSED else _NOTHING
    if first in beside.speech:
        return _LIKELY_PERSON
    if first == "'" and second in beside.place_suffixes:
        return _LIKELY_PLACE
    if first in beside.body_after:
        return _BODY
    return _PLACE if first in beside.place_after else _NOTHING


def _apposed(tokens: Sequence[str], beside: Neighbours) -> Votes:
    """Return what «, a» and the next of ``tokens`` say: , a driver; , une société."""
    if beside.of_body.issuperset(tokens) and tokens:
        return _BODY
    return _PERSON if beside.of_person.issuperset(tokens) else _PERHAPS_PERSON


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
