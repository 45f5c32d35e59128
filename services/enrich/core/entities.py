"""Find the people, places and bodies that the knowledge base knows, however they are written."""

from collections.abc import Iterable
from dataclasses import dataclass

from services.contract.articles import Entity, Mention
from services.enrich.core.known import KnownEntity, Names, one_hyphen
from services.enrich.core.named import find_named
from services.enrich.core.normalise import Normalised


@dataclass(frozen=True, slots=True)
class Sighting:
    """A known entity in an article: whether the title has it, and where the text has it."""

    entity: KnownEntity
    in_title: bool
    mentions: tuple[Mention, ...]


def sight_entities(
    original: str, text: Normalised, title: Normalised, names: Names
) -> tuple[Sighting, ...]:
    """Return the entities of ``title`` and ``text``, those of the title first, then as they come.

    ``text`` is the normalised ``original``, into which the mentions' offsets point.
    """
    begin = len(title.text) + 1
    titled: set[str] = set()
    found: dict[str, tuple[KnownEntity, list[Mention]]] = {}
    for named in find_named(one_hyphen(f"{title.text}\n{text.text}"), names):
        entity = named.entity
        mentions = found.setdefault(entity.id, (entity, []))[1]
        if named.start < begin:
            titled.add(entity.id)
            continue
        start, end = text.origin(named.start - begin), text.origin(named.end - begin)
        mentions.append(Mention(start=start, end=end, text=original[start:end]))
    return tuple(
        Sighting(entity, key in titled, tuple(mentions))
        for key, (entity, mentions) in found.items()
    )


def mentioned(sightings: Iterable[Sighting], length: int) -> tuple[Entity, ...]:
    """Return what the text, ``length`` long, names, as the contract has it, in its order."""
    named = [sighting for sighting in sightings if sighting.mentions]
    named.sort(key=lambda sighting: sighting.mentions[0].start)
    return tuple(
        Entity(
            id=sighting.entity.id,
            type=sighting.entity.type,
            name=sighting.entity.name,
            name_en=sighting.entity.name_en,
            ids=sighting.entity.ids or {},
            geo=sighting.entity.geo,
            mentions=sighting.mentions,
            salience=_salience(sighting, length),
        )
        for sighting in named
    )


def _salience(sighting: Sighting, length: int) -> float:
    """Return how much the article is about an entity, 0 to 1: in the title, often, early."""
    count = len(sighting.mentions)
    often = count / (count + 2)
    early = 1 - sighting.mentions[0].start / length
    return round(0.4 * sighting.in_title + 0.4 * often + 0.2 * early, 3)
