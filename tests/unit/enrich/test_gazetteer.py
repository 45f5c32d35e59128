"""What public sources become: cleaned, merged, the same bytes every time."""

import json
from pathlib import Path
from typing import Any

import pytest

from services.enrich.core.combine import combine, doubt
from services.enrich.core.context import compile_context
from services.enrich.core.known import KnownEntity
from services.enrich.edges.knowledge import GAZETTEER, KNOWLEDGE, PERSONAL_NAMES, read_gazetteer
from services.enrich.gazetteer.__main__ import build
from services.enrich.gazetteer.rows import ARABIC_OF_PLACES, NAMES_OF_PEOPLE, READERS
from services.enrich.gazetteer.spelling import arabic_names, latin_names

SOURCES = Path(__file__).parents[4] / "shared/data/gazetteer"


def place(key: str, ar: list[str], en: list[str], **fields: Any) -> dict[str, Any]:
    scheme, _, value = key.partition(":")
    names = {"ar": ar, "en": en}
    return {"id": key, "ids": {scheme: value}, "names": names, "country": "LY"} | fields


ROWS: dict[str, list[dict[str, Any]]] = {
    "places_libya_osm": [
        place("osm:node/1", ["مدينة تجربة"], ["Tajriba"], kind="town", lat=30.12345, lon=15),
        place("osm:node/2", ["الوردة"], ["Warda"], kind="village", lat=31.0, lon=15.0),
        place("osm:node/3", ["مدينة"], [], kind="city", lat=31.0, lon=16.0),
        place("osm:node/4", ["السعداء"], ["Qabilat as Sada"], kind="village", lat=31.0, lon=16.0),
    ],
    "places_libya_wof": [
        place("wof:5", ["شعبية تجربة", "تجربه"], ["Tagriba"], kind="locality", lat=30.1, lon=15.05),
        place("wof:6", ["تجربة"], ["Far"], kind="locality", lat=25.0, lon=15.0),
        place("wof:7", ["تجربة"], ["Tajriba District"], kind="region", lat=30.1, lon=15.0),
    ],
    "places_world_geonames": [
        {
            "id": "geonames:8", "ids": {"geonames": "8"}, "kind": "city", "country": "IT",
            "names": {"arab_script": ["رم"], "en": ["Sampleville"]}, "lat": 40.0, "lon": 10.0,
            "population": 2_000_000,
        }
    ],
    "countries": [
        {
            "id": "iso:XX", "ids": {"iso2": "XX"}, "kind": "country",
            "names": {"ar": ["بلاد العيّنة"], "en": ["Samplia"]},
        }
    ],
}  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for source in READERS:
        lines = (json.dumps(row, ensure_ascii=False) for row in ROWS.get(source, []))
        (tmp_path / f"{source}.jsonl").write_text("\n".join(lines))
    (tmp_path / f"{ARABIC_OF_PLACES}.tsv").write_text(
        "class\ten\tar\tlist\nplace\tsampleville\tعينة فيل\tx\n"
    )
    (tmp_path / f"{NAMES_OF_PEOPLE}.tsv").write_text(
        "en\tar\tcount\nwalid\tوليد\t3\nada\tادا\t9\nada\tأدا\t3\nrare\tرار\t2\nj\tج\t40\n"
    )
    return tmp_path


def test_names_of_several_people_are_names_of_people(folder: Path) -> None:
    assert build(folder)[PERSONAL_NAMES] == b"ada walid\n"


def test_rows_about_one_thing_become_one_entry(folder: Path, tmp_path: Path) -> None:
    for name, content in build(folder).items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(content)
    entities = {entity.id: entity for entity in read_gazetteer(tmp_path)}
    assert entities.keys() == {
        *("place:osm-1", "place:osm-2", "place:osm-3", "place:wof-6", "place:wof-7"),
        *("place:geonames-8", "place:iso2-xx"),
    }
    town = entities["place:osm-1"]
    assert (town.forms, town.ids) == (
        ("تجربة", "تجربه", "Tajriba", "Tagriba"),
        {"osm": "node/1", "wof": "5"},
    )
    assert town.geo is not None
    assert (town.geo.lat, town.geo.lon) == (30.1234, 15.0)
    assert entities["place:osm-2"].cued == ("الوردة", "Warda")
    assert entities["place:geonames-8"].forms == ("عينة فيل", "Sampleville")
    assert entities["place:iso2-xx"].name == "بلاد العينة"


def test_names_that_are_words_are_doubted() -> None:
    context = compile_context({"cues": {"LOC": ["مدينة"]}, "strict": ["الباب"]})
    town = KnownEntity("x", "LOC", "الباب", forms=("الباب", "مدينة", "سرت"), cued=("قلعة",))
    doubted = doubt(town, context)
    assert (doubted.forms, doubted.cued) == (("سرت",), ("الباب", "قلعة"))


def test_what_people_wrote_wins() -> None:
    town = KnownEntity("place:town", "LOC", "عينة", country="LY", cued=("عينة",))
    same = KnownEntity("a", "LOC", "عينة", country="LY", ids={"osm": "1"}, forms=("عينة", "Ayna"))
    other = KnownEntity("b", "LOC", "عينة", country="LY", forms=("عينة", "العينة"))
    abroad = KnownEntity("c", "LOC", "عينة", country="IT", forms=("عينة",))
    first, *rest = combine([town], [same, other, abroad])
    assert (first.id, first.ids) == ("place:town", {"osm": "1"})
    assert (first.forms, first.cued) == (("Ayna",), ("عينة",))
    assert [(e.id, e.forms, e.cued) for e in rest] == [
        ("b", ("العينة",), ("عينة",)),
        ("c", (), ("عينة",)),
    ]


def test_the_same_sources_give_the_same_bytes(folder: Path) -> None:
    assert build(folder) == build(folder)


@pytest.mark.slow
@pytest.mark.skipif(not SOURCES.is_dir(), reason="the sources are not there")
def test_what_is_committed_is_what_the_sources_give() -> None:
    committed = {name: (KNOWLEDGE / name).read_bytes() for name in (*GAZETTEER, PERSONAL_NAMES)}
    assert build(SOURCES) == committed


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("سَبـها", "سبها"), ("قرية البركات", "البركات"), ("شعبية سرت", None),
        ("العزيزية/الجفرة", None),
        ("تهران پارس", None), ("با", None), ("قبيلة الفواتير", None), ("ترهونة، ليبيا", None),
        ("أبو  قرين", "أبو قرين"), ("msratہ", None),
    ],
)  # fmt: skip
def test_only_what_is_an_arabic_name_is_kept(name: str, kept: str | None) -> None:
    assert arabic_names([name]) == ((kept,) if kept else ())


def test_latin_names_are_plain() -> None:
    names = ["Sirte", "TIP", "Ţarābulus", "al-Khums", "Al-Khums", "Ras Lanuf", "Ea", "N’Djamena"]
    assert latin_names(names) == ("Sirte", "Al-Khums", "Ras Lanuf", "N'Djamena")
