"""What the knowledge base knows, made into something that a text can be searched for."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

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


class Certainty(Enum):
    """When a form that was found names the entity."""

    FULL = "wherever it stands"
    SHORT = "in an article that has a full form as well"
    CUED = "where its neighbours say so, then in the whole article"
    TITLE = "in an article that has a full form, where no other name follows"


@dataclass(frozen=True, slots=True)
class Naming:
    """What a form means: an entity, and how surely."""

    entity: KnownEntity
    certainty: Certainty


@dataclass(frozen=True, slots=True)
class Names:
    """All names that are known, ready to be looked for, and what decides the doubtful ones."""

    matcher: Matcher[Naming]
    context: Context


def compile_names(entities: Iterable[KnownEntity], context: Context) -> Names:
    """Return the names of ``entities``; of those who share a form the first comes first."""
    return Names(
        Matcher(
            ((comparable(form), naming) for form, naming in _namings(entities)),
            never=context.never,
        ),
        context,
    )


def comparable(form: str) -> str:
    """Return ``form`` as it is looked for; a text is made ready by `one_hyphen` alone."""
    return one_hyphen(normalise(form).text)


def one_hyphen(text: str) -> str:
    """Return ``text``, as long as before, with al-Sarraj and Al Sarraj, ’ and ' made alike."""
    for sign, plain in (("-", " "), ("\u2010", " "), ("\u2011", " "), ("’", "'"), ("ʼ", "'")):
        if sign in text:
            text = text.replace(sign, plain)
    return text


def _namings(entities: Iterable[KnownEntity]) -> Iterable[tuple[str, Naming]]:
    for entity in entities:
        for forms, certainty in (
            (entity.forms, Certainty.FULL),
            (entity.short, Certainty.SHORT),
            (entity.cued, Certainty.CUED),
            (entity.titles, Certainty.TITLE),
        ):
            naming = Naming(entity, certainty)
            for spelling in dict.fromkeys(s for form in forms for s in spellings(form)):
                yield spelling, naming


_JOINED = ("عبد ", "أبو ", "ابو ")


def spellings(form: str) -> tuple[str, ...]:
    """Return ``form`` as it is and with عبد and أبو joined to the word after them."""
    joined = form
    for word in _JOINED:
        if word in joined:
            joined = f" {joined}".replace(f" {word}", f" {word[:-1]}")[1:]
    return (form,) if joined == form else (form, joined)
