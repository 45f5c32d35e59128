"""Things as entries of the knowledge base: our own id, and how surely each name names them."""

from typing import Any

from services.enrich.gazetteer.merge import Thing
from services.enrich.gazetteer.rows import LIBYA, NEAR, REGION

Entry = dict[str, Any]

_PREFIX = {"PER": "person", "LOC": "place", "ORG": "org"}
_CITY_OF_NOTE = 1_000_000
_WELL_KNOWN = 500_000  # دبي, غزة, حلب: short, but said more often than the word they may be
_SHORT_WORD = 4  # Bari باري, Lille ليل, Bonn بون: too short to be sure of
_SURE = frozenset({"country", "sea", "body", "person"})


def entry_of(thing: Thing) -> Entry:
    """Return the entry of ``thing``.

    The id is made of the first source's, so that it stays when other sources come and go.
    """
    first = thing.first
    authority, key = first.ids[0]
    arabic = _unique(name for row in thing.rows for name in row.arabic)
    latin = _unique(name for row in thing.rows for name in row.latin)
    cued = [name for name in arabic + latin if _is_doubtful(name, thing)]
    english = next((row.name_en for row in thing.rows if row.name_en), None)
    entry: Entry = {
        "id": f"{_PREFIX[first.type]}:{authority}-{key.rpartition('/')[2]}".lower(),
        "type": first.type,
        "name": arabic[0] if arabic else english or latin[0],
        "name_en": english,
        "country": first.country,
        "forms": [name for name in arabic + latin if name not in cued],
        "cued": cued,
        "ids": dict(sorted(thing.ids.items())),
    }
    if first.lat is not None and first.lon is not None:
        entry["geo"] = [round(first.lat, 4), round(first.lon, 4)]
    return {field: value for field, value in entry.items() if value}


def _is_doubtful(name: str, thing: Thing) -> bool:
    """Say whether ``name`` needs a neighbour that shows what it is."""
    if thing.kind in _SURE:
        return False
    country = thing.first.country
    one_word = " " not in name
    if country == LIBYA:
        return one_word and (thing.kind == "village" or len(name.removeprefix("ال")) < _SHORT_WORD)
    if country not in NEAR | REGION and thing.population < _CITY_OF_NOTE:
        return True
    return (
        one_word and len(name.removeprefix("ال")) <= _SHORT_WORD and thing.population < _WELL_KNOWN
    )


def _unique(names: Any) -> list[str]:
    return list(dict.fromkeys(names))
