"""The rows of several sources about one thing, made one."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from math import asin, cos, radians, sin, sqrt

from services.enrich.core.known import comparable
from services.enrich.gazetteer.rows import Kind, Row

# Measured between OpenStreetMap and Who's On First for Libya: of 47 pairs with one Wikidata id, 45
# lie within 15 km. One id on two places further apart is an error of a source.
_SAME_NAME_KM = 15
_SAME_ID_KM = 30
_SETTLEMENTS = frozenset({"city", "town", "village"})
_ORDER: tuple[Kind, ...] = ("country", "sea", "city", "region", "town", "village", "body", "person")


@dataclass(slots=True)
class Thing:
    """What is meant by ``rows``; the first of them names and places it."""

    rows: list[Row] = field(default_factory=list)

    @property
    def first(self) -> Row:
        """The row that names the thing and says where it is."""
        return self.rows[0]

    @property
    def ids(self) -> dict[str, str]:
        """The identifiers; where sources differ, that of the first counts."""
        return dict(pair for row in reversed(self.rows) for pair in reversed(row.ids))

    @property
    def kind(self) -> Kind:
        """The kind of most note that a source gives it."""
        return min((row.kind for row in self.rows), key=_ORDER.index)

    @property
    def population(self) -> int:
        """The highest that a source gives."""
        return max(row.population for row in self.rows)


def merge(rows: Iterable[Row]) -> list[Thing]:
    """Return the things that ``rows`` are about, those of more note first.

    Two rows are about one thing if they share an identifier, or for settlements a name, and do not
    lie apart. A region and its capital, which sources give one identifier, stay two.
    """
    things: list[Thing] = []
    known: dict[tuple[str, ...], list[Thing]] = {}
    for row in rows:
        keys = list(_keys(row))
        thing = next(
            (t for key in keys for t in known.get(key, ()) if _alike(t.first, row, key)), None
        )
        if thing is None:
            thing = Thing()
            things.append(thing)
        thing.rows.append(row)
        for key in keys:
            if thing not in known.setdefault(key, []):
                known[key].append(thing)
    return sorted(things, key=lambda t: (_ORDER.index(t.kind), -t.population, t.first.ids))


def _keys(row: Row) -> Iterator[tuple[str, ...]]:
    yield from (("id", *pair) for pair in row.ids)
    if row.kind in _SETTLEMENTS:
        for name in row.arabic:
            yield ("name", row.country or "", comparable(name))


def _alike(one: Row, other: Row, key: tuple[str, ...]) -> bool:
    if (one.kind in _SETTLEMENTS) != (other.kind in _SETTLEMENTS):
        return False
    apart = _km(one, other)
    return apart is None or apart <= (_SAME_ID_KM if key[0] == "id" else _SAME_NAME_KM)


def _km(one: Row, other: Row) -> float | None:
    """Return how far apart two rows are, in kilometres; None if one of them is nowhere."""
    if one.lat is None or one.lon is None or other.lat is None or other.lon is None:
        return None
    lat, lon, to_lat, to_lon = map(radians, (one.lat, one.lon, other.lat, other.lon))
    half = sin((to_lat - lat) / 2) ** 2 + cos(lat) * cos(to_lat) * sin((to_lon - lon) / 2) ** 2
    return 2 * 6371 * asin(sqrt(half))
