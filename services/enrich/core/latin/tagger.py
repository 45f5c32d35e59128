"""Find the names in a text in Latin letters by its capitals and by what stands beside them.

What stands beside one mention speaks for all mentions of the same name in the article; a surname
is its bearer's, and shows that a word at the start of a sentence is a name.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from services.contract.articles import EntityType
from services.enrich.core.entities import overlaps
from services.enrich.core.known import comparable
from services.enrich.core.latin.beyond_known import SURNAMES, beyond_known, own_body
from services.enrich.core.latin.evidence import (
    Places,
    Votes,
    is_thing,
    own_type,
    tokens_before,
    votes,
)
from services.enrich.core.latin.runs import Page, Piece, Taken, Word, pieces
from services.enrich.core.latin.vocabulary import (
    DEMONYM,
    DEPARTMENT,
    HEAD,
    PARTICLE,
    PERSONAL,
    PLACE,
    Vocabulary,
    fold,
)

_TYPES: tuple[EntityType, ...] = ("PER", "ORG", "LOC")
_ARTICLES = frozenset({
    "al", "el", "es", "as", "ez", "az", "en", "an", "er", "ar", "et", "at", "ed", "ad", "ash",
    "esh",
})  # fmt: skip
_AFTER_NAMES = frozenset(("jr.", "jr", "sr.", "sr", "ii", "iii"))
_PLACE_HERE = 2
"""So much for a place says that a known one is no surname here."""


class LatinName(NamedTuple):
    """A name: its range in the text, its type, and the full name of which it is a part."""

    start: int
    end: int
    type: EntityType
    form: str


class Candidate(NamedTuple):
    """What may be a name. ``sure``: its capital is not the sentence's; ``type``: if it is clear."""

    start: int
    end: int
    form: str
    sure: bool
    type: EntityType | None
    votes: Votes


def tag_latin(text: str, vocabulary: Vocabulary, known: Sequence[Taken]) -> list[LatinName]:
    """Return the names in ``text`` that are not ``known``, in order, none overlapping another.

    A known name within a longer one of another is overlapped: the longer one is meant.
    """
    page = Page(text, fold(text), vocabulary)
    places = Places(
        frozenset(one.start for one in known if one.entity.type == "LOC"),
        frozenset(one.end for one in known if one.entity.type == "LOC"),
    )
    found: list[Candidate] = []
    for piece in pieces(page, known):
        for part in beyond_known(page, piece):
            candidate = _judge(page, part, places)
            if candidate and not (found and found[-1].end > candidate.start):
                found.append(candidate)
    types = _types(found)
    bearers = _bearers(found, types, vocabulary)
    named = list(_named(found, types, bearers))
    covered = [(one.start, one.end) for one in named]
    alone = [one for one in known if not overlaps(one.start, one.end, covered)]
    return sorted([*named, *_surnames(page, alone, bearers, places)])


def _named(
    found: Sequence[Candidate], types: Mapping[str, EntityType], bearers: Mapping[str, str]
) -> Iterator[LatinName]:
    """Yield the names of those ``found``: surnames as their bearers', no mere sentence's starts."""
    named = {one.form for one in found if one.sure}
    for one in found:
        bearer = bearers.get(_bare(one.form)) if one.type in (None, "PER") else None
        if bearer is not None:
            yield LatinName(one.start, one.end, "PER", bearer)
        elif one.form in named:
            yield LatinName(one.start, one.end, types[one.form], one.form)


def _surnames(
    page: Page, known: Iterable[Taken], bearers: Mapping[str, str], places: Places
) -> Iterator[LatinName]:
    """Yield the ``known`` places and tribes that are surnames of people who are named here."""
    for one in known:
        bearer = bearers.get(_bare(page.fold[one.start : one.end]))
        if bearer is not None and one.entity.type in SURNAMES:
            word = Word(one.start, one.end, "", 0, (), one)
            before = tokens_before(page, one.start)
            if votes(page, Piece((word,)), before, places).loc < _PLACE_HERE:
                yield LatinName(one.start, one.end, "PER", bearer)


def _judge(page: Page, piece: Piece, places: Places) -> Candidate | None:
    """Return the name that ``piece`` may be; None if it is none."""
    vocabulary = page.vocabulary
    if len(piece.words) > 1:
        piece = _trimmed(piece, vocabulary)
    words = piece.words
    if not words or (words[0].kinds & PARTICLE and all(w.kinds & PARTICLE for w in words)):
        return None
    alone = len(words) == 1
    if alone and _is_sign(page.text[words[0].start : words[0].end]):
        return None
    if vocabulary.nouns_have_capitals and not (
        piece.titled or (not alone and words[0].kinds & PERSONAL)
    ):
        return None
    before = tokens_before(page, words[0].start)
    start, end, type_ = _extended(page, piece, before)
    if alone and type_ is None and _is_word(words[0], before, vocabulary):
        return None
    if piece.titled and type_ != "ORG":
        type_ = "PER"
    elif type_ is None and is_thing(before, vocabulary.beside):
        type_ = "MISC"
    sure = not (piece.opens and alone) or end > words[-1].end or _has_suffix(page, end)
    said = votes(page, piece, before, places)
    return Candidate(start, end, comparable(page.fold[start:end]), sure, type_, said)


def _trimmed(piece: Piece, vocabulary: Vocabulary) -> Piece:
    """Return ``piece`` without the words before a name that are none: Libyan, Residents …"""
    words, opens = piece.words, piece.opens
    if words[0].kinds & (DEMONYM | DEPARTMENT) and not any(word.kinds & HEAD for word in words):
        while words and words[0].kinds & (DEMONYM | DEPARTMENT):
            words, opens = words[1:], False
    if vocabulary.heads_last:
        while words and words[-1].kinds & DEPARTMENT and not words[-1].kinds & HEAD:
            words = words[:-1]
    heads = 0 if vocabulary.heads_last else HEAD
    no_name = opens and len(words) > 1 and not words[0].kinds & (PERSONAL | PARTICLE | heads)
    if no_name and (words[1].kinds & PERSONAL or words[0].fold.endswith(vocabulary.inflected_ends)):
        words, opens = words[1:], False
    return Piece(words, opens, piece.titled)


def _extended(
    page: Page, piece: Piece, before: Sequence[str]
) -> tuple[int, int, EntityType | None]:
    """Return where the name begins and ends, with small words that belong to it, and its type."""
    words, vocabulary = piece.words, page.vocabulary
    start, end = words[0].start, words[-1].end
    if own := own_body(page, start, before):
        place = vocabulary.kind(own.group().split()[0]) & PLACE
        return own.start(), end, "LOC" if place else "ORG"
    if words[-1].fold in vocabulary.tail_bodies:
        tail = vocabulary.tail.match(page.text, end)
        if tail and tail.end() > end:
            return start, tail.end(), own_type(words)
    if len(words) == 1:
        return start, end, None
    return start, end, own_type(words[-1:] if vocabulary.heads_last else words)


def _is_sign(word: str) -> bool:
    """Say whether ``word`` is a letter by itself or several of a kind: A., MPs."""
    return len(word.rstrip(".")) == 1 or (word[-1] == "s" and word[:-1].isupper())


def _is_word(word: Word, before: Sequence[str], vocabulary: Vocabulary) -> bool:
    """Say whether ``word`` alone is no name: Ministry, Finance, Libyalılar, les Maltais."""
    if word.kinds & (HEAD | DEPARTMENT | DEMONYM):
        return True
    if not vocabulary.demonym_ends or not word.fold.endswith(vocabulary.demonym_ends):
        return False
    after = vocabulary.beside.demonym_after
    return not after or (bool(before) and before[-1] in after)


def _has_suffix(page: Page, end: int) -> bool:
    """Say whether a Turkish suffix follows after an apostrophe, as it does names only."""
    suffixed = bool(page.vocabulary.beside.place_suffixes) and page.fold.startswith("'", end)
    return suffixed and page.text[end + 1 : end + 2].islower()


def _types(found: Iterable[Candidate]) -> dict[str, EntityType]:
    """Return the type of each form: what most speaks for, all over the article."""
    sums: dict[str, Votes] = {}
    own: dict[str, EntityType] = {}
    for one in found:
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
        if len(words) < 2 or types[one.form] != "PER":
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
