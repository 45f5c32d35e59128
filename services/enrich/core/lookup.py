"""Look a name up, however it is spelt, and find names that get into each other's way."""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher

from services.enrich.core.context import Context
from services.enrich.core.known import KnownEntity, comparable, compile_names

_ALIKE = 0.72  # هفتر and حفتر are 0.75 alike, سرت and درنة 0.29


@dataclass(frozen=True, slots=True)
class Collision:
    """A form of the first of ``bearers`` that gets in the way of the others: ``kind`` says how."""

    form: str
    kind: str
    bearers: tuple[KnownEntity, ...]


def look_up(name: str, entities: Iterable[KnownEntity]) -> list[KnownEntity]:
    """Return the ``entities`` that are called ``name`` or almost so, the closest first."""
    wanted = comparable(name).lower()
    if not wanted:
        return []
    scored = [(_closeness(wanted, entity), at, entity) for at, entity in enumerate(entities)]
    scored.sort(key=lambda one: (-one[0], one[1]))
    return [entity for closeness, _, entity in scored if closeness >= _ALIKE]


def called(name: str, entities: Iterable[KnownEntity]) -> list[KnownEntity]:
    """Return the ``entities`` of which ``name`` is the id or a form, in whatever spelling."""
    wanted = comparable(name).lower()
    return [
        entity
        for entity in entities
        if name == entity.id or any(comparable(form).lower() == wanted for form in _forms(entity))
    ]


def _closeness(wanted: str, entity: KnownEntity) -> float:
    """Return 2 for an id or a form, 1 for a word of one, less for what is only alike."""
    if wanted == entity.id:
        return 2
    best = 0.0
    for form in _forms(entity):
        known = comparable(form).lower()
        if known == wanted:
            return 2
        if f" {wanted} " in f" {known} ":
            best = max(best, 1)
        elif best < 1:
            alike = SequenceMatcher(None, wanted, known)
            if alike.real_quick_ratio() >= _ALIKE and alike.quick_ratio() >= _ALIKE:
                best = max(best, alike.ratio())
    return best


def collisions(entities: Iterable[KnownEntity]) -> list[Collision]:
    """Return the forms that several of ``entities`` have, and those that are part of another's."""
    every = list(entities)
    owners: dict[str, dict[str, KnownEntity]] = {}
    for entity in every:
        for form in _forms(entity):
            owners.setdefault(comparable(form), {})[entity.id] = entity
    found = [
        Collision(form, "is a name, too, of", tuple(those.values()))
        for form, those in owners.items()
        if len(those) > 1
    ]
    matcher = compile_names(every, Context()).matcher
    for form, those in owners.items():
        parts: dict[str, KnownEntity] = {}
        for hit in matcher.find(form):
            if hit.end - hit.start < len(form):
                parts |= {entity.id: entity for entity in hit.value.full if entity.id not in those}
        if parts:
            holder = next(iter(those.values()))
            found.append(Collision(form, "contains and wins over", (holder, *parts.values())))
    return found


def _forms(entity: KnownEntity) -> tuple[str, ...]:
    return entity.forms + entity.short + entity.cued
