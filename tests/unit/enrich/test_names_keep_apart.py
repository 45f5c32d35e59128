"""A new entry changes what others are found by only where the check says so."""

from dataclasses import replace
from pathlib import Path

import pytest

from services.enrich.core.arabic_names import name_arabic
from services.enrich.core.known import KnownEntity, Names, compile_names
from services.enrich.core.lookup import collisions, look_up
from services.enrich.core.normalise import normalise
from services.enrich.edges.knowledge import read_context, read_entities
from services.enrich.enrichment import Models

ARTICLES = sorted((Path(__file__).parents[3] / "deploy/demo/articles").glob("*.md"))
CONTEXT = read_context()
ENTITIES = read_entities(CONTEXT)


def found(names: Names, models: Models) -> dict[tuple[str, str], list[tuple[int, int]]]:
    places: dict[tuple[str, str], list[tuple[int, int]]] = {}
    for path in ARTICLES:
        text = path.read_text(encoding="utf-8")
        whole = name_arabic(
            text, normalise(text), normalise(""), names, models.tagger, models.patterns
        )
        for sighting in whole.known:
            key = (path.name, sighting.entity.id)
            places[key] = [(mention.start, mention.end) for mention in sighting.mentions]
    return places


@pytest.fixture(scope="module")
def before(models: Models) -> dict[tuple[str, str], list[tuple[int, int]]]:
    return found(compile_names(ENTITIES, CONTEXT), models)


NEW = KnownEntity("person:new", "PER", "سالم التجريبي", country="LY", forms=("سالم التجريبي",))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("new", "told"),
    [
        (NEW, set()),
        (replace(NEW, forms=("اجتماع",)), set()),
        (replace(NEW, type="ORG", short=("جديد",), cued=("عمل",), titles=("السيد",)), set()),
        (replace(NEW, forms=("في طرابلس",)), {"place:tripoli"}),
        (replace(NEW, forms=("بنغازي",)), {"place:benghazi"}),
    ],
    ids=["a name", "a word", "other forms", "a longer name", "a name of another"],
)
def test_a_new_entry_changes_only_what_the_check_tells(
    new: KnownEntity,
    told: set[str],
    before: dict[tuple[str, str], list[tuple[int, int]]],
    models: Models,
) -> None:
    after = found(compile_names((new, *ENTITIES), CONTEXT), models)
    keys = before.keys() | after.keys()
    changed = {key[1] for key in keys if before.get(key) != after.get(key)} - {new.id}
    reported = {
        entity.id
        for collision in collisions((new, *ENTITIES))
        if new in collision.bearers
        for entity in collision.bearers
    }
    assert changed <= reported
    assert changed >= told


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("حفتر", "person:khalifa-haftar"),
        ("هفتر", "person:khalifa-haftar"),
        ("Hafter", "person:khalifa-haftar"),
        ("بن غازي", "place:benghazi"),
        ("benghazi", "place:benghazi"),
        ("place:sirte", "place:sirte"),
    ],
)
def test_a_name_is_found_in_other_spellings(name: str, first: str) -> None:
    assert look_up(name, ENTITIES)[0].id == first


def test_what_nobody_is_called_is_not_found() -> None:
    assert look_up("قسطاسيوموس", ENTITIES) == []
    assert look_up("", ENTITIES) == []
