"""What the words of a language say of the names beside them: knowledge/latin/*.yaml, compiled."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

FUNCTION, TITLE, DEPARTMENT, BODY, FIRM, PLACE = (1 << bit for bit in range(6))
EVENT, CALENDAR, DEMONYM, NEVER, PERSONAL, PARTICLE = (1 << bit for bit in range(6, 12))
"""What a word can be, several at once; each is a list of the files, and explained there."""
HEAD = BODY | FIRM | PLACE | EVENT
"""A word for the kind of thing, which belongs to the name: University, Lake, Festival."""

_KINDS = {
    "function": FUNCTION,
    "titles": TITLE,
    "departments": DEPARTMENT,
    "bodies": BODY,
    "firms": FIRM,
    "places": PLACE,
    "events": EVENT,
    "calendar": CALENDAR,
    "demonyms": DEMONYM,
    "never": NEVER,
    "particles": PARTICLE,
}
_PLURAL = DEMONYM | CALENDAR  # Libyans, Mondays
_KEPT = 20_000
"""How many words are kept looked up, in each language."""
_EVERY = "every"
_NOTHING = re.compile(r"(?!)")


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Words beside a name: before it (``in_place`` …), after it (``…_after``, ``speech``)."""

    in_place: frozenset[str] = frozenset()
    of_place: frozenset[str] = frozenset()
    of_person: frozenset[str] = frozenset()
    of_body: frozenset[str] = frozenset()
    of_thing: frozenset[str] = frozenset()
    articles: frozenset[str] = frozenset()
    spoken_by: frozenset[str] = frozenset()
    speech: frozenset[str] = frozenset()
    body_after: frozenset[str] = frozenset()
    place_after: frozenset[str] = frozenset()
    place_suffixes: frozenset[str] = frozenset()
    demonym_after: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """One language.

    ``kinds`` has the words by their `fold`, ``personal`` the names of people. ``own_body`` finds
    a small word for a kind at the end of what stands before a name («université de»), ``tail``
    small words that go on the name of one of ``tail_bodies`` («national de lutte contre …»).
    """

    kinds: Mapping[str, int]
    personal: frozenset[str]
    beside: Neighbours
    demonym_ends: tuple[str, ...]
    inflected_ends: tuple[str, ...]
    elides: bool
    nouns_have_capitals: bool
    heads_last: bool
    own_bodies: frozenset[str]
    own_body: re.Pattern[str]
    before_own: tuple[str, ...]
    tail: re.Pattern[str]
    tail_bodies: frozenset[str]
    known: dict[str, tuple[str, int]] = field(default_factory=dict)

    def read(self, word: str) -> tuple[str, int]:
        """Return the fold of ``word`` and what it can be, kept for when it is met again."""
        known = self.known.get(word)
        if known is None:
            if len(self.known) >= _KEPT:
                self.known.clear()
            folded = fold(word)
            known = self.known[word] = (folded, self.kind(folded))
        return known

    def kind(self, word: str) -> int:
        """Return what the folded ``word`` can be; a name of people only if it is no other word."""
        kinds = self.kinds.get(word) or self.kinds.get(word.rstrip("."), 0)
        if not kinds and word.endswith("s"):
            kinds = self.kinds.get(word[:-1], 0) & _PLURAL
        return kinds or (PERSONAL if word in self.personal else 0)


def compile_vocabularies(
    tables: Mapping[str, Mapping[str, Any]], personal: Iterable[str]
) -> dict[str, Vocabulary]:
    """Return the vocabulary of each language of ``tables``, without `every`, which all share.

    ``personal`` are given names and surnames. Raises ValueError for a key that is none.
    """
    names = frozenset(map(fold, personal))
    return {
        tag: _vocabulary(tag, table, tables[_EVERY], names)
        for tag, table in tables.items()
        if tag != _EVERY
    }


def fold(word: str) -> str:
    """Return ``word`` as it is looked up: small, i without regard to its dot."""
    return word.replace("İ", "i").lower().replace("ı", "i").replace("’", "'")


def unaccented(word: str) -> str:
    """Return ``word`` without the signs on its letters."""
    return "".join(sign for sign in unicodedata.normalize("NFD", word) if sign.isalpha())


def words_of(lines: str) -> frozenset[str]:
    """Return the words of ``lines``, folded."""
    return frozenset(fold(lines).split())


_PATTERNED = {
    *("demonym_ends", "inflected_ends", "elides", "nouns_have_capitals", "heads_last"),
    *("own_bodies", "tail_bodies", "adjective_ends"),
}


def _vocabulary(
    tag: str, table: Mapping[str, Any], every: Mapping[str, Any], personal: frozenset[str]
) -> Vocabulary:
    neighbours = {one.name for one in fields(Neighbours)}
    if unknown := (table.keys() | every.keys()) - _KINDS.keys() - neighbours - _PATTERNED:
        raise ValueError(f"{tag}.yaml: unknown: {', '.join(sorted(unknown))}")
    kinds: dict[str, int] = {}
    for lists in (every, table):
        for name, kind in _KINDS.items():
            for word in words_of(lists.get(name, "")):
                kinds[word] = kinds.get(word, 0) | kind
    own_bodies = words_of(table.get("own_bodies", ""))
    tail_bodies = words_of(table.get("tail_bodies", ""))
    return Vocabulary(
        kinds=kinds,
        personal=personal,
        beside=Neighbours(**{name: words_of(table.get(name, "")) for name in neighbours}),
        demonym_ends=tuple(words_of(table.get("demonym_ends", ""))),
        inflected_ends=tuple(words_of(table.get("inflected_ends", ""))),
        elides=table.get("elides", False),
        nouns_have_capitals=table.get("nouns_have_capitals", False),
        heads_last=table.get("heads_last", False),
        own_bodies=own_bodies,
        own_body=_own_body(own_bodies),
        before_own=_before_own(own_bodies),
        tail=_tail(words_of(table.get("adjective_ends", ""))) if tail_bodies else _NOTHING,
        tail_bodies=tail_bodies,
    )


_ENDS_OF_OF = (
    *("de ", "la ", "l'", "du ", "des ", "d'"),
    *("della ", "dello ", "delle ", "degli ", "dei ", "del ", "di "),
)
_OF = r"(?:(?:de la|de l'|du|des|de|d'|della|dello|dell'|delle|degli|dei|del|di|d') ?)"


def _own_body(words: frozenset[str]) -> re.Pattern[str]:
    if not words:
        return _NOTHING
    return re.compile(rf"\b(?:{'|'.join(sorted(words))}) {_OF}?$")


def _before_own(words: frozenset[str]) -> tuple[str, ...]:
    """Return the ends of what `_own_body` finds: no other text need be searched."""
    return tuple(f"{word} " for word in sorted(words)) + _ENDS_OF_OF if words else ()


def _tail(ends: frozenset[str]) -> re.Pattern[str]:
    """Return what finds small words of a name: adjectives, then a noun after de, di, pour …"""
    adjective = rf"[^\W\d_]{{2,}}(?:{'|'.join(sorted(ends))})\b"
    link = (
        r"(?:(?:de|pour|contre) (?:la |les |le |l')|du |des |de |d'"
        r"|(?:dell|per l)(?:'|[aoe] )|degli |dei |del |di |per (?:il|i|gli) )"
    )
    before = r"(?:(?:anci|jeun|grand|petit|haut|premi|nouve|giovan|nuov|vecch)\w* )?"
    phrase = rf"{link}{before}[^\W\d_]{{3,}}(?:-[^\W\d_]+)*(?: {adjective})?"
    return re.compile(rf"(?: {adjective}){{0,2}}(?: {phrase}){{0,2}}(?: (?:et|e) {phrase})?")
