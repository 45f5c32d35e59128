"""Find the people, places and bodies that the knowledge base knows, however they are written."""

from collections.abc import Iterable
from dataclasses import dataclass

from services.contract.articles import Entity, EntityType, GeoPoint, Mention
from services.enrich.core.matching import Hit, Matcher
from services.enrich.core.normalise import Normalised, normalise


@dataclass(frozen=True, slots=True)
class KnownEntity:
    """One entry of the knowledge base.

    ``forms`` name it wherever they stand. ``short`` forms (a surname that is also a word, «الوفاق»)
    name it only in an article that uses one of the others as well.
    """

    id: str
    type: EntityType
    name: str
    name_en: str | None
    country: str | None
    ids: dict[str, str]
    geo: GeoPoint | None
    forms: tuple[str, ...]
    short: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Naming:
    """What a form means: an entity, in full or in short."""

    entity: KnownEntity
    short: bool


Names = Matcher[_Naming]


@dataclass(frozen=True, slots=True)
class Sighting:
    """A known entity in an article: whether the title has it, and where the text has it."""

    entity: KnownEntity
    in_title: bool
    mentions: tuple[Mention, ...]


def compile_names(entities: Iterable[KnownEntity]) -> Names:
    """Return the matcher of all forms of ``entities``."""
    return Matcher(
        (normalise(form).text, _Naming(entity, short))
        for entity in entities
        for forms, short in ((entity.forms, False), (entity.short, True))
        for form in forms
    )


def sight_entities(
    original: str, text: Normalised, title: Normalised, names: Names
) -> tuple[Sighting, ...]:
    """Return the entities of ``title`` and ``text``, those of the title first, then as they come.

    ``text`` is the normalised ``original``, into which the mentions' offsets point.
    """
    in_title, in_text = names.find(title.text), names.find(text.text)
    introduced = _named_in_full(in_title) | _named_in_full(in_text)
    titled = {entity.id: entity for hit in in_title if (entity := _meant(hit, introduced))}
    found: dict[str, tuple[KnownEntity, list[Mention]]] = {
        key: (entity, []) for key, entity in titled.items()
    }
    for hit in in_text:
        entity = _meant(hit, introduced)
        if entity is not None:
            start, end = text.origin(hit.start), text.origin(hit.end)
            mention = Mention(start=start, end=end, text=original[start:end])
            found.setdefault(entity.id, (entity, []))[1].append(mention)
    return tuple(
        Sighting(entity, key in titled, tuple(mentions))
        for key, (entity, mentions) in found.items()
    )


def mentioned(sightings: Iterable[Sighting]) -> tuple[Entity, ...]:
    """Return what the text itself names, as the contract has it, in the order of the text."""
    named = [sighting for sighting in sightings if sighting.mentions]
    named.sort(key=lambda sighting: sighting.mentions[0].start)
    return tuple(
        Entity(
            id=sighting.entity.id,
            type=sighting.entity.type,
            name=sighting.entity.name,
            name_en=sighting.entity.name_en,
            ids=sighting.entity.ids,
            geo=sighting.entity.geo,
            mentions=sighting.mentions,
        )
        for sighting in named
    )


def _named_in_full(hits: Iterable[Hit[_Naming]]) -> set[str]:
    return {naming.entity.id for hit in hits for naming in hit.values if not naming.short}


def _meant(hit: Hit[_Naming], introduced: set[str]) -> KnownEntity | None:
    """Return whom ``hit`` names; None for a short form whose bearer the article never names."""
    for naming in hit.values:
        if not naming.short or naming.entity.id in introduced:
            return naming.entity
    return None
