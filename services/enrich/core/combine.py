"""What people wrote and what public sources know, made one knowledge base: what people wrote wins.

A curated entry takes the identifiers, the place on the map and the further names of the sources'
entry about the same thing, which then is none of its own.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from math import cos, hypot, radians

from services.enrich.core.context import Context
from services.enrich.core.known import KnownEntity, comparable

_KM_OF_A_DEGREE = 111.2
_SAME_NAME_KM = 25  # a town's middle differs that much between sources, two of one name by more


def combine(
    curated: Sequence[KnownEntity], sourced: Iterable[KnownEntity]
) -> tuple[KnownEntity, ...]:
    """Return ``curated``, completed by those ``sourced`` that are the same, then the others."""
    by_id = {pair: at for at, entity in enumerate(curated) for pair in (entity.ids or {}).items()}
    by_name: dict[tuple[str, str], list[int]] = {}
    taken: set[str] = set()
    doubtful: set[str] = set()
    for at, entity in enumerate(curated):
        names = {comparable(form) for form in _all_forms(entity)}
        taken |= names
        doubtful.update(map(comparable, (*entity.short, *entity.cued)))
        for name in names:
            by_name.setdefault((entity.type, name), []).append(at)
    combined = list(curated)
    rest: list[KnownEntity] = []
    joined: set[int] = set()
    for entity in sourced:
        same = _same(entity, combined, by_id, by_name, joined)
        if same is None:
            rest.append(_behind(entity, doubtful))
        else:
            joined.add(same)
            combined[same] = _complete(combined[same], entity, taken)
    return (*combined, *rest)


def doubt(entity: KnownEntity, context: Context) -> KnownEntity:
    """Return an ``entity`` of the sources with the names that are words as well ``cued``.

    A name that is a cue itself is left out: جامعة is a town in Algeria.
    """
    names = [(form, comparable(form)) for form in entity.forms]
    cues, strict = context.cues["LOC"], context.is_strict
    if not any(strict(name) or name in cues for _, name in names) and not entity.cued:
        return entity
    return replace(
        entity,
        forms=tuple(f for f, name in names if name not in cues and not strict(name)),
        cued=tuple(f for f, name in names if strict(name))
        + tuple(f for f in entity.cued if comparable(f) not in cues),
    )


def _same(
    entity: KnownEntity,
    curated: Sequence[KnownEntity],
    by_id: dict[tuple[str, str], int],
    by_name: dict[tuple[str, str], list[int]],
    joined: set[int],
) -> int | None:
    """Return which of ``curated`` is ``entity``: by an identifier, else by name and place.

    A curated entry without a place on the map is the first of its name, and no other.
    """
    for pair in (entity.ids or {}).items():
        if pair in by_id:
            return by_id[pair]
    for form in _all_forms(entity):
        for at in by_name.get((entity.type, comparable(form)), ()):
            candidate = curated[at]
            if candidate.country not in (None, entity.country) and entity.country is not None:
                continue
            apart = _km(candidate, entity)
            if apart <= _SAME_NAME_KM if apart is not None else at not in joined:
                return at
    return None


def _complete(curated: KnownEntity, sourced: KnownEntity, taken: set[str]) -> KnownEntity:
    """Return ``curated`` with what ``sourced`` adds; no name that another curated entry has."""
    return replace(
        curated,
        ids={**(sourced.ids or {}), **(curated.ids or {})},
        geo=curated.geo or sourced.geo,
        country=curated.country or sourced.country,
        forms=curated.forms + tuple(f for f in sourced.forms if comparable(f) not in taken),
        cued=curated.cued + tuple(f for f in sourced.cued if comparable(f) not in taken),
    )


def _behind(entity: KnownEntity, doubtful: set[str]) -> KnownEntity:
    """Return a sourced ``entity`` that is no surer of its names than curated ones are of theirs."""
    if doubtful.isdisjoint(map(comparable, entity.forms)):
        return entity
    shared = tuple(form for form in entity.forms if comparable(form) in doubtful)
    sure = tuple(form for form in entity.forms if form not in shared)
    return replace(entity, forms=sure, cued=entity.cued + shared)


def _all_forms(entity: KnownEntity) -> tuple[str, ...]:
    return entity.forms + entity.short + entity.cued


def _km(one: KnownEntity, other: KnownEntity) -> float | None:
    """Return about how far apart two entities are, in kilometres; None if one is nowhere."""
    if one.geo is None or other.geo is None:
        return None
    north = one.geo.lat - other.geo.lat
    east = (one.geo.lon - other.geo.lon) * cos(radians(one.geo.lat))
    return _KM_OF_A_DEGREE * hypot(north, east)
