"""Find the names in a text in Latin letters by its capitals and by what stands beside them.

What stands beside one mention speaks for all mentions of the same name in the article; a surname
is its bearer's, and shows that a word at the start of a sentence is a name.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import NamedTuple

from services.contract.articles import EntityType
from services.enrich.core.known import comparable
from services.enrich.core.latin.evidence import (
    Places,
    Votes,
    named_after_kind,
    own_type,
    tokens_before,
    votes,
)
from services.enrich.core.latin.runs import Piece, Taken, Word, pieces
from services.enrich.core.latin.vocabulary import (
    DEMONYM,
    DEPARTMENT,
    HEAD,
    PARTICLE,
    PERSONAL,
    PLACE,
    Vocabulary,
    fold,
    unaccented,
)

_TYPES: tuple[EntityType, ...] = ("PER", "ORG", "LOC")
_ARTICLES = frozenset({
    "al", "el", "es", "as", "ez", "az", "en", "an", "er", "ar", "et", "at", "ed", "ad", "ash",
    "esh",
})  # fmt: skip
_AFTER_NAMES = frozenset(("jr.", "jr", "sr.", "sr", "ii", "iii"))
_BEFORE = 40
_OWN = 4
_PLACE = 2
"""So much for a place says that a known one is no surname here."""
_SAME = 3
"""Letters that two spellings of a given name share: Abdul Hamid, Abdülhamid."""


class LatinName(NamedTuple):
    """A name: its range in the text, its type, and the full name of which it is a part."""

    start: int
    end: int
    type: EntityType
    form: str


class Candidate(NamedTuple):
    """What may be a name. ``sure``: its capital is not the sentence's; ``type``: if it is clear.

    ``known``: a known place, which is a surname at most.
    """

    start: int
    end: int
    form: str
    sure: bool
    type: EntityType | None
    votes: Votes
    known: bool


def tag_latin(text: str, vocabulary: Vocabulary, known: Sequence[Taken]) -> list[LatinName]:
    """Return the names in ``text`` that are not ``known``, in order, none overlapping another.

    A known name within a longer one of another is overlapped: the longer one is meant.
    """
    places = Places(
        frozenset(one.start for one in known if one.entity.type == "LOC"),
        frozenset(one.end for one in known if one.entity.type == "LOC"),
    )
    found: list[Candidate] = []
    for piece in pieces(text, vocabulary, known):
        for part in _unknown(piece, text, vocabulary):
            candidate = _judge(part, text, vocabulary, places)
            if candidate and not (found and found[-1].end > candidate.start):
                found.append(candidate)
    types = _types(found)
    bearers = _bearers(found, types, vocabulary)
    named = {one.form for one in found if one.sure and not one.known}
    return list(_named(found, types, bearers, named))


def _named(
    found: Iterable[Candidate],
    types: Mapping[str, EntityType],
    bearers: Mapping[str, str],
    named: set[str],
) -> Iterator[LatinName]:
    for one in found:
        bearer = bearers.get(_bare(one.form)) if one.type in (None, "PER") else None
        if one.known and (bearer is None or one.votes.loc >= _PLACE):
            continue
        if bearer is not None:
            yield LatinName(one.start, one.end, "PER", bearer)
        elif one.sure or one.form in named:
            yield LatinName(one.start, one.end, types[one.form], one.form)


def _unknown(piece: Piece, text: str, vocabulary: Vocabulary) -> Iterator[Piece]:
    """Yield the parts of ``piece`` that are not known; all of it if it is more than what is known.

    Aisha Gaddafi is not Muammar Gaddafi, nor the University of Chicago a town. A single word that
    is a known place may be a surname here.
    """
    first, *others = piece.words
    if (
        not any(word.taken for word in piece.words)
        or (not others and first.taken is not None and first.taken.entity.type == "LOC")
        or _covers(piece, text, vocabulary)
        or _is_another(piece)
    ):
        yield piece
    else:
        yield from _between(piece)


def _between(piece: Piece) -> Iterator[Piece]:
    """Yield what stands between the known names of ``piece`` and may be names."""
    first = piece.words[0]
    for is_known, group in groupby(piece.words, key=lambda word: word.taken is not None):
        words = tuple(group)
        if not is_known and (len(words) > 1 or words[0].kinds & PERSONAL or words[0].links):
            begins = words[0] is first
            yield Piece(words, piece.opens and begins, piece.titled and begins)


def _covers(piece: Piece, text: str, vocabulary: Vocabulary) -> bool:
    """Say whether a word for its kind makes ``piece`` more than the names that it holds."""
    words = piece.words
    start, end = words[0].start, words[-1].end
    if any(one.taken and not start <= one.taken.start < one.taken.end <= end for one in words):
        return False
    if _own_body(text, start, tokens_before(text, start), vocabulary):
        return True
    unknown = [word for word in words if word.taken is None]
    return any(word.kinds & HEAD for word in unknown) or (
        bool(unknown) and named_after_kind(tokens_before(text, start), vocabulary)
    )


def _is_another(piece: Piece) -> bool:
    """Say whether ``piece`` is a person of whose name another's, or a place's, is the end."""
    if len(piece.words) == 1:
        return False
    first, *between, last = piece.words
    taken = last.taken
    if taken is None or any(word.taken for word in (first, *between)):
        return False
    if not first.kinds & PERSONAL and (taken.entity.type == "LOC" or first.kinds or piece.opens):
        return False
    if taken.end > last.end or taken.start < last.start or last.links or len(piece.words) > 3:
        return False
    beginning = unaccented(first.fold)[:_SAME]
    called = (*taken.entity.forms, taken.entity.name_en or "")
    return taken.entity.type in ("PER", "LOC") and not any(
        unaccented(fold(form)).startswith(beginning) for form in called
    )


def _judge(piece: Piece, text: str, vocabulary: Vocabulary, places: Places) -> Candidate | None:
    """Return the name that ``piece`` may be; None if it is none."""
    if len(piece.words) > 1:
        piece = _trimmed(piece, vocabulary)
    words = piece.words
    if not words or all(word.kinds & PARTICLE for word in words):
        return None
    alone = len(words) == 1
    if vocabulary.nouns_have_capitals and not (
        piece.titled or (not alone and words[0].kinds & PERSONAL)
    ):
        return None
    before = tokens_before(text, words[0].start)
    start, end, type_ = _extended(piece, text, before, vocabulary)
    if alone and type_ is None and _is_word(words[0], before, vocabulary):
        return None
    if piece.titled and type_ != "ORG":
        type_ = "PER"
    return Candidate(
        start,
        end,
        fold(comparable(text[start:end])),
        not (piece.opens and alone) or end > words[-1].end or _has_suffix(text, end, vocabulary),
        type_,
        votes(text, piece, before, vocabulary, places),
        type_ is None and all(word.taken for word in words),
    )


def _trimmed(piece: Piece, vocabulary: Vocabulary) -> Piece:
    """Return ``piece`` without the words before a name that are none: Libyan, Residents …"""
    words, opens = piece.words, piece.opens
    if not any(word.kinds & HEAD for word in words):
        while words and words[0].kinds & (DEMONYM | DEPARTMENT):
            words, opens = words[1:], False
    heads = 0 if vocabulary.heads_last else HEAD
    no_name = opens and len(words) > 1 and not words[0].kinds & (PERSONAL | heads)
    if no_name and (words[1].kinds & PERSONAL or words[0].fold.endswith(vocabulary.inflected_ends)):
        words, opens = words[1:], False
    return Piece(words, opens, piece.titled)


def _extended(
    piece: Piece, text: str, before: Sequence[str], vocabulary: Vocabulary
) -> tuple[int, int, EntityType | None]:
    """Return where the name begins and ends, with small words that belong to it, and its type."""
    words = piece.words
    start, end = words[0].start, words[-1].end
    if own := _own_body(text, start, before, vocabulary):
        place = vocabulary.kind(fold(own.group().split()[0])) & PLACE
        return own.start(), end, "LOC" if place else "ORG"
    if words[-1].fold in vocabulary.tail_bodies:
        tail = vocabulary.tail.match(text, end)
        if tail and tail.end() > end:
            return start, tail.end(), own_type(words)
    if len(words) == 1:
        return start, end, None
    return start, end, own_type(words[-1:] if vocabulary.heads_last else words)


def _own_body(
    text: str, start: int, before: Sequence[str], vocabulary: Vocabulary
) -> re.Match[str] | None:
    """Return the small word for its kind that belongs to the name at ``start``, if one does."""
    if vocabulary.own_bodies.isdisjoint(before[-_OWN:]):
        return None
    return vocabulary.own_body.search(text, max(0, start - _BEFORE), start)


def _is_word(word: Word, before: Sequence[str], vocabulary: Vocabulary) -> bool:
    """Say whether ``word`` alone is no name: Ministry, Finance, Libyalılar, les Maltais."""
    if word.kinds & (HEAD | DEPARTMENT | DEMONYM):
        return True
    if not vocabulary.demonym_ends or not word.fold.endswith(vocabulary.demonym_ends):
        return False
    after = vocabulary.beside.demonym_after
    return not after or (bool(before) and before[-1] in after)


def _has_suffix(text: str, end: int, vocabulary: Vocabulary) -> bool:
    """Say whether a Turkish suffix follows after an apostrophe, as it does names only."""
    return bool(
        vocabulary.beside.place_suffixes
        and text[end : end + 1] in ("'", "’")
        and text[end + 1 : end + 2].islower()
    )


def _types(found: Iterable[Candidate]) -> dict[str, EntityType]:
    """Return the type of each form: what most speaks for, all over the article."""
    sums: dict[str, Votes] = {}
    own: dict[str, EntityType] = {}
    for one in found:
        if one.known:
            continue
        before = sums.get(one.form, Votes())
        sums[one.form] = Votes(*(a + b for a, b in zip(before, one.votes, strict=True)))
        if one.type is not None:
            own[one.form] = one.type
    return {
        form: own.get(form) or _TYPES[max(range(3), key=lambda at: total[at])]
        for form, total in sums.items()
    }


def _bearers(
    found: Iterable[Candidate], types: Mapping[str, EntityType], vocabulary: Vocabulary
) -> dict[str, str]:
    """Return by surname the full name of who is first called so."""
    bearers: dict[str, str] = {}
    for one in found:
        words = [word for word in one.form.split() if word not in _AFTER_NAMES]
        if len(words) < 2 or one.known or types[one.form] != "PER":
            continue
        full = bearers.setdefault(f"{words[0]} {words[-1]}", one.form)
        bearers.setdefault(words[-1], full)
        for at in range(1, len(words) - 1):
            if vocabulary.kind(words[at]) & PARTICLE:
                bearers.setdefault(_bare(" ".join(words[at:])), full)
    return bearers


def _bare(form: str) -> str:
    article, _, rest = form.partition(" ")
    return rest if article in _ARTICLES and rest else form
