"""What the knowledge base knows, made into something that a text can be searched for."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from services.contract.articles import EntityType, GeoPoint
from services.enrich.core.context import Context
from services.enrich.core.matching import Matcher
from services.enrich.core.normalise import normalise


@dataclass(frozen=True, slots=True)
class KnownEntity:
    """One entry of the knowledge base. What its names are worth is told by `Certainty`."""

    id: str
    type: EntityType
    name: str
    name_en: str | None = None
    country: str | None = None
    ids: dict[str, str] | None = None
    geo: GeoPoint | None = None
    forms: tuple[str, ...] = ()
    short: tuple[str, ...] = ()
    cued: tuple[str, ...] = ()
    titles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Meaning:
    """Whom a form may name, and how surely; of several bearers the first comes first.

    ``full``: wherever it stands. ``short``: in an article that has a full form as well. ``cued``:
    where its neighbours say so, then in the whole article. ``titles``: of one who was named before,
    where no other name follows. ``country`` is that of all places of ``full``, if it is one.
    ``judged``: whether what stands around the form can rule it out.
    """

    full: tuple[KnownEntity, ...] = ()
    short: tuple[KnownEntity, ...] = ()
    cued: tuple[KnownEntity, ...] = ()
    titles: tuple[KnownEntity, ...] = ()
    country: str | None = None
    judged: bool = True


@dataclass(frozen=True, slots=True)
class Names:
    """All names that are known, ready to be looked for, and what decides the doubtful ones."""

    matcher: Matcher[Meaning]
    context: Context


def compile_names(entities: Iterable[KnownEntity], context: Context) -> Names:
    """Return the names of ``entities``; of those who share a form the first comes first."""
    bearers: dict[str, dict[str, list[KnownEntity]]] = {}
    for entity in entities:
        for worth, forms in (
            ("full", entity.forms),
            ("short", (*entity.short, *last_names(entity, context.not_alone))),
            ("cued", entity.cued),
            ("titles", entity.titles),
        ):
            for spelling in dict.fromkeys(comparable(s) for form in forms for s in spellings(form)):
                bearers.setdefault(spelling, {}).setdefault(worth, []).append(entity)
    meanings = {
        form: _meaning(of_form, form in context.rules or form in context.adjectives)
        for form, of_form in bearers.items()
    }
    return Names(Matcher(meanings, never=context.never), context)


def _meaning(bearers: dict[str, list[KnownEntity]], judged: bool) -> Meaning:
    full = bearers.get("full", [])
    countries = {entity.country for entity in full if entity.type == "LOC"}
    country = countries.pop() if len(countries) == 1 else None
    worths = {worth: tuple(those) for worth, those in bearers.items()}
    return Meaning(**worths, country=country, judged=judged)


def last_names(entity: KnownEntity, not_alone: frozenset[str]) -> list[str]:
    """Return the last words of a person's full names, without those that are words as well."""
    if entity.type != "PER":
        return []
    last = (_last_part(comparable(form)) for form in entity.forms)
    return [name for name in last if len(name) >= _SHORTEST_LAST_NAME and name not in not_alone]


def _last_part(form: str) -> str:
    """Return the surname in a person's name: عبد العاطي of بدر عبد العاطي; "" if it is one word."""
    *given, name = form.split(" ")
    if given and given[-1] in _BEGINNINGS_OF_SURNAMES:
        name = f"{given.pop()} {name}"
    return name if given else ""


def is_name_of(entity: KnownEntity, form: str) -> bool:
    """Say whether the comparable ``form`` begins with a given name of the person ``entity``."""
    first = form.partition(" ")[0]
    return entity.type == "PER" and any(
        comparable(name).partition(" ")[0] == first for name in entity.forms
    )


@lru_cache(maxsize=100_000)
def comparable(form: str) -> str:
    """Return ``form`` as it is looked for; a text is made ready by `one_hyphen` alone."""
    return one_hyphen(normalise(form).text)


def one_hyphen(text: str) -> str:
    """Return ``text``, as long as before, with al-Sarraj and Al Sarraj, ’ and ' made alike."""
    for sign, plain in (("-", " "), ("\u2010", " "), ("\u2011", " "), ("’", "'"), ("ʼ", "'")):
        if sign in text:
            text = text.replace(sign, plain)
    return text


_SHORTEST_LAST_NAME = 3
_BEGINNINGS_OF_SURNAMES = frozenset(("عبد", "ابو", "بو", "بن", "ابن", "ولد"))
_JOINED = ("عبد ", "أبو ", "ابو ")


def spellings(form: str) -> tuple[str, ...]:
    """Return ``form`` as it is and with عبد and أبو joined to the word after them."""
    joined = form
    for word in _JOINED:
        if word in joined:
            joined = f" {joined}".replace(f" {word}", f" {word[:-1]}")[1:]
    return (form,) if joined == form else (form, joined)
