"""The curated knowledge: it loads, and what is wrong in it is told with file and line."""

from pathlib import Path

import pytest

from services.enrich.edges.curated import read_curated
from services.enrich.edges.knowledge import read_context, read_entities, read_gazetteer
from services.runtime.settings import ConfigurationError

GOOD = "- id: place:one\n  type: LOC\n  name: واحد\n  name_en: One\n"


def test_the_knowledge_that_ships_is_sound() -> None:
    entities = read_entities(read_context())
    assert len({entity.id for entity in entities}) == len(entities) > 250


def test_no_identifier_is_from_memory() -> None:
    given = {pair for entity in read_gazetteer() for pair in (entity.ids or {}).items()}
    curated = {pair for entry in read_curated() for pair in (entry.entity.ids or {}).items()}
    assert curated - given == set()


def test_a_curated_entry_takes_what_the_sources_add() -> None:
    (benghazi,) = [
        entity for entity in read_entities(read_context()) if entity.id == "place:benghazi"
    ]
    assert (benghazi.ids or {}).keys() >= {"wof", "geonames", "osm", "wikidata"}
    assert "Benghazi" in benghazi.forms
    (egypt,) = [entity for entity in read_entities(read_context()) if entity.id == "place:egypt"]
    assert (egypt.ids or {})["iso2"] == "EG"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("- id: one\n" + GOOD[2:].replace("id: place:one\n", ""), "places.yaml:1: id: "),
        (GOOD + "- id: place:two\n  type: CITY\n", "places.yaml:5: type: "),
        (GOOD + GOOD.replace("place:one", "place:two"), "places.yaml:5: واحد is already that of"),
        (GOOD + GOOD, "places.yaml:5: place:one is already that of place:one (places.yaml:1)"),
        (GOOD.replace("name_en", "english"), "places.yaml:1: english: "),
        (
            GOOD + "  since: 2020-05\n  until: 2019\n",
            "places.yaml:1: entry: Value error, until 2019",
        ),
        ("id: place:one", "a list of entries is expected"),
        ("- [", "places.yaml"),
    ],
    ids=[
        "bad id",
        "bad type",
        "shared form",
        "shared id",
        "unknown field",
        "ends before it began",
        "no list",
        "no YAML",
    ],
)
def test_a_fault_is_told_with_its_file_and_line(content: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "places.yaml").write_text(content)
    with pytest.raises(ConfigurationError) as error:
        read_curated(tmp_path)
    assert message in str(error.value)
