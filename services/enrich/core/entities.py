"""Find the people, places and bodies that the knowledge base knows, however they are written."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from services.contract.articles import MAX_FIELD_CHARS, Entity, Mention
from services.enrich.core.known import KnownEntity, Names, one_hyphen
from services.enrich.core.named import Named, find_named
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
    found = find_named(comparable_article(title, text), names)
    return sighted(original, text, len(title.text) + 1, found.named)


def comparable_article(title: Normalised, text: Normalised) -> str:
    """Return what is searched for names: the title, a line end, the text."""
    return one_hyphen(f"{title.text}\n{text.text}")


def sighted(
    original: str, text: Normalised, begin: int, named: Iterable[Named]
) -> tuple[Sighting, ...]:
    """Return the entities of what is ``named``, in order, in an article whose text is at ``begin``.

    ``text`` is the normalised ``original``, into which the mentions' offsets point.
    """
    titled: set[str] = set()
    found: dict[str, tuple[KnownEntity, list[Mention]]] = {}
    for first, last, _, entity in named:
        mentions = found.setdefault(entity.id, (entity, []))[1]
        if first < begin:
            titled.add(entity.id)
            continue
        start, end = text.origin(first - begin), text.origin(last - begin)
        if end - start <= MAX_FIELD_CHARS:  # more is a name stretched with tatweel, or spaces
            mentions.append(Mention(start=start, end=end, text=original[start:end]))
    return tuple(
        Sighting(entity, key in titled, tuple(mentions))
        for key, (entity, mentions) in found.items()
    )


def outside(sightings: Iterable[Sighting], others: Iterable[Entity]) -> Iterator[Sighting]:
    """Yield the ``sightings`` without the mentions that are part of a longer name of ``others``.

    Aisha Gaddafi is not Muammar Gaddafi.
    """
    taken = sorted((at.start, at.end) for other in others for at in other.mentions)
    for sighting in sightings:
        mentions = (at for at in sighting.mentions if not overlaps(at.start, at.end, taken))
        yield replace(sighting, mentions=tuple(mentions))


def overlaps(start: int, end: int, taken: Sequence[tuple[int, int]]) -> bool:
    """Say whether a range touches one of those ``taken``, which are in order."""
    at = bisect_right(taken, (end - 1, len(taken) and taken[-1][1])) - 1
    return at >= 0 and taken[at][1] > start


def mentioned(sightings: Iterable[Sighting], length: int) -> tuple[Entity, ...]:
    """Return what the text, ``length`` long, names, as the contract has it."""
    named = [sighting for sighting in sightings if sighting.mentions]
    return in_order(
        Entity(
            id=sighting.entity.id,
            type=sighting.entity.type,
            name=sighting.entity.name,
            name_en=sighting.entity.name_en,
            ids=sighting.entity.ids or {},
            geo=sighting.entity.geo,
            mentions=sighting.mentions,
            salience=salience(sighting.in_title, sighting.mentions, length),
        )
        for sighting in named
    )


def in_order(entities: Iterable[Entity]) -> tuple[Entity, ...]:
    """Return ``entities`` as the text names them for the first time."""
    return tuple(sorted(entities, key=lambda entity: entity.mentions[0].start))


def salience(in_title: bool, mentions: Sequence[Mention], length: int) -> float:
    """Return how much an article is about an entity, 0 to 1: in the title, often, early."""
    often = len(mentions) / (len(mentions) + 2)
    early = 1 - mentions[0].start / length
    return round(0.4 * in_title + 0.4 * often + 0.2 * early, 3)
