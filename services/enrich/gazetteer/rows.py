"""What the sources say, one row an entry, in one shape whatever the file."""

import csv
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from services.contract.articles import EntityType
from services.enrich.gazetteer.spelling import arabic_names, latin_names

Kind = Literal["country", "sea", "region", "city", "town", "village", "body", "person"]
LIBYA = "LY"
ARABIC_OF_PLACES = "name_pairs_arwikicats"
NAMES_OF_PEOPLE = "name_tokens_wd_arabic"
_BEARERS = 3

# Whose towns Libyan news names oftener than others'.
NEAR = frozenset({"TN", "DZ", "EG", "SD", "TD", "NE", "MT"})
REGION = frozenset(
    {"MA", "ML", "MR", "TR", "SY", "IQ", "SA", "QA", "AE", "BH", "KW", "OM", "YE", "JO", "LB", "PS"}
    | {"IL", "IT", "GR", "CY", "CH", "ES"}
)
_NEAR_PEOPLE, _REGION_PEOPLE, _WORLD_PEOPLE = 20_000, 100_000, 200_000

GIVEN_NAMES = frozenset({
    "Abdul", "Abdel", "Abd", "Abdullah", "Abdallah", "Abdulla", "Abdelaziz", "Abubakar", "Ahmad",
    "Ahmed", "Ali", "Amin", "Aziz", "Bakr", "Faisal", "Fahd", "Habib", "Hamad", "Hamid", "Hassan",
    "Hussain", "Hussein", "Ibrahim", "Idris", "Ismail", "Jaber", "Karim", "Khaled", "Khalid",
    "Khalifa", "Mahmoud", "Mahmud", "Mansour", "Mohamed", "Mohammad", "Mohammed", "Muhammad",
    "Musa", "Mustafa", "Nasser", "Omar", "Osman", "Rahim", "Rahman", "Rashid", "Said", "Saad",
    "Saeed", "Saleh", "Salem", "Salim", "Salman", "Sultan", "Yousef", "Youssef", "Yusuf",
    "Charles", "David", "George", "James", "Jean", "John", "Joseph", "Maria", "Martin", "Michael",
    "Paul", "Peter", "Thomas",
})  # fmt: skip
"""Given names and last names that are given names as well."""

Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Row:
    """One entry of a source. ``ids`` are (authority, id) pairs, the source's own first."""

    source: str
    kind: Kind
    type: EntityType
    ids: tuple[tuple[str, str], ...]
    arabic: tuple[str, ...]
    latin: tuple[str, ...]
    name_en: str | None
    country: str | None
    lat: float | None = None
    lon: float | None = None
    population: int = 0


def read_rows(folder: Path) -> list[Row]:
    """Return the rows of all sources in ``folder`` that may be handed on and have a name."""
    arabic = _read_arabic_of_places(folder / f"{ARABIC_OF_PLACES}.tsv")
    rows: list[Row] = []
    for source, read in READERS.items():
        with (folder / f"{source}.jsonl").open(encoding="utf-8") as lines:
            rows += [row for line in lines if (row := read(source, json.loads(line)))]
    return [named for row in rows if _is_named(named := _with_arabic(row, arabic))]


def _is_named(row: Row) -> bool:
    """Say whether ``row`` can be found; places abroad only if they have an Arabic name."""
    return bool(row.arabic or (row.latin and (row.type != "LOC" or row.country == LIBYA)))


def _read_arabic_of_places(path: Path) -> dict[str, str]:
    """Return the Arabic name of each place that has an English one, in small letters."""
    with path.open(encoding="utf-8", newline="") as lines:
        pairs = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        return {pair["en"]: pair["ar"] for pair in pairs if pair["class"] == "place"}


def read_personal_names(folder: Path) -> list[str]:
    """Return the words of names of people that several people bear, in small letters, in order."""
    with (folder / f"{NAMES_OF_PEOPLE}.tsv").open(encoding="utf-8", newline="") as lines:
        rows = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        return sorted(
            {row["en"] for row in rows if int(row["count"]) >= _BEARERS and len(row["en"]) > 1}
        )


def _with_arabic(row: Row, arabic: dict[str, str]) -> Row:
    """Return a city of GeoNames abroad with its Arabic name.

    GeoNames gives names in Arabic letters, of whatever language: Rome is روما, روم, رم and رىم.
    """
    if row.source != "places_world_geonames" or row.country == LIBYA:
        return row
    name = arabic.get((row.name_en or "").lower())
    return replace(row, arabic=arabic_names([name] if name else []))


def _place(source: str, kind: Kind, record: Record, arabic: list[str], latin: list[str]) -> Row:
    names = record["names"]
    english = latin_names(names.get("en", []))
    own = record["id"].partition(":")
    ids = {own[0]: own[2]} | record["ids"]
    return Row(
        source=source,
        kind=kind,
        type="LOC",
        ids=tuple((key, ids[key]) for key in _KEPT_IDS if ids.get(key, _NO_ID) != _NO_ID),
        arabic=arabic_names(arabic),
        latin=latin_names(latin),
        name_en=next(iter(english or latin_names(names.get("latin", [])[:1])), None),
        country=record.get("country"),
        lat=record.get("lat"),
        lon=record.get("lon"),
        population=record.get("population", 0),
    )


_NO_ID = "-1"
_KEPT_IDS = ("osm", "wof", "geonames", "wikidata", "iso2", "iso3", "ror")


def _osm(source: str, record: Record) -> Row | None:
    kinds: dict[str, Kind] = {"city": "city", "town": "town"}
    names = record["names"]
    if any(name.startswith("Qabilat") for name in names.get("en", [])):  # a tribe, not a place
        return None
    latin = [name for key in ("en", "fr", "it", "tr", "latin") for name in names.get(key, [])]
    return _place(source, kinds.get(record["kind"], "village"), record, names.get("ar", []), latin)


def _wof(source: str, record: Record) -> Row | None:
    kinds: dict[str, Kind] = {
        "region": "region", "locality": "city", "neighbourhood": "village",
        "ocean": "sea", "marinearea": "sea", "continent": "sea",
    }  # fmt: skip
    kind = kinds.get(record["kind"])
    country = record.get("country")
    people = record.get("population", 0)
    if kind is None or (country != LIBYA and not _of_note(kind, country, people)):
        return None
    if country == LIBYA and kind == "city" and people < 1:
        kind = "village"
    names = record["names"]
    latin = [name for key in ("en", "fr", "it", "tr") for name in names.get(key, [])[:2]]
    return _place(source, kind, record, names.get("ar", [])[:3], latin)


def _geonames(source: str, record: Record) -> Row | None:
    country, people = record["country"], record.get("population", 0)
    if country != LIBYA and not _of_note("city", country, people):
        return None
    names = record["names"]
    kind: Kind = "city" if country != LIBYA or people >= 10_000 else "town"
    latin = names.get("en", []) + names.get("fr", [])
    return _place(source, kind, record, names.get("arab_script", [])[:4], latin)


def _of_note(kind: Kind, country: str | None, people: int) -> bool:
    if kind == "sea":
        return True
    if country in NEAR:
        return kind == "region" or people >= _NEAR_PEOPLE
    return people >= (_REGION_PEOPLE if country in REGION else _WORLD_PEOPLE)


def _country(source: str, record: Record) -> Row | None:
    if record["kind"] != "country":
        return None
    names = record["names"]
    latin = [name for key in ("en", "fr", "it", "tr") for name in names.get(key, [])[:2]]
    code = record["ids"]["iso2"]
    return _place(source, "country", record | {"country": code}, names.get("ar", []), latin)


def _ror(source: str, record: Record) -> Row | None:
    if record.get("country") != LIBYA:
        return None
    names = record["names"]
    latin = names.get("en", [])
    arabic = [name for name in names.get("ar", []) if " " in name]
    return _body(source, record, arabic, latin, LIBYA)


def _government(source: str, record: Record) -> Row | None:
    if record.get("country_label") != "Libya":
        return None
    return _body(source, record, [], record["names"]["en"], LIBYA)


def _body(
    source: str, record: Record, arabic: list[str], latin: list[str], country: str | None
) -> Row:
    english = latin_names(latin)
    return Row(
        source=source,
        kind="body",
        type="ORG",
        ids=tuple((key, record["ids"][key]) for key in _KEPT_IDS if key in record["ids"]),
        arabic=arabic_names(arabic),
        latin=tuple(name for name in english if " " in name),
        name_en=next(iter(english), None),
        country=country,
    )


def _leader(source: str, record: Record) -> Row | None:
    # Two given names (Abdul Hamid) are the beginning of many another's name.
    english = [
        name
        for name in latin_names(record["names"]["en"])
        if " " in name and not set(name.split()) <= GIVEN_NAMES
    ]
    return Row(
        source=source,
        kind="person",
        type="PER",
        ids=(("wikidata", record["ids"]["wikidata"]),),
        arabic=(),
        latin=tuple(english),
        name_en=next(iter(english), None),
        country=None,
    )


READERS: dict[str, Callable[[str, Record], Row | None]] = {
    "places_libya_osm": _osm,
    "places_libya_wof": _wof,
    "places_neighbours_wof": _wof,
    "places_world_geonames": _geonames,
    "countries": _country,
    "organisations_ror": _ror,
    "organisations_governments": _government,
    "people_leaders_wikidata": _leader,
}
"""The sources whose stated licence allows to hand them on: knowledge/NOTICE says which."""
