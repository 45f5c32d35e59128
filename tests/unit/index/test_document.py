"""The document and the mapping say the same."""

from datetime import UTC, date, datetime
from typing import Any

from services.index.core.document import STEMMED_LANGUAGES, to_document
from services.index.edges.elasticsearch import load_definition
from tests.support import enriched_article, full_article

NOW = datetime(2020, 11, 26, tzinfo=UTC)
LEAVES = {"geo_point", "date_range"}


def full_document(tag: str = "ar") -> dict[str, Any]:
    return to_document(full_article(tag), NOW)


def mapped_paths(properties: dict[str, Any], prefix: str = "") -> set[str]:
    paths = set()
    for name, field in properties.items():
        if "properties" in field:
            paths |= mapped_paths(field["properties"], f"{prefix}{name}.")
        else:
            paths.add(f"{prefix}{name}")
    return paths


def document_paths(value: Any, leaves: set[str], path: str = "") -> set[str]:
    if path in leaves:
        return {path}
    if isinstance(value, list | tuple):
        return {found for item in value for found in document_paths(item, leaves, path)}
    assert isinstance(value, dict), f"{path} is not in the mapping"
    return {
        found
        for name, item in value.items()
        for found in document_paths(item, leaves, f"{path}.{name}" if path else name)
    }


def test_the_keys_of_the_document_are_the_properties_of_the_mapping() -> None:
    mapped = mapped_paths(load_definition()["mappings"]["properties"])
    documents = [full_document(tag) for tag in ("ar", *STEMMED_LANGUAGES)]
    assert {path for one in documents for path in document_paths(one, mapped)} == mapped


def test_a_text_is_kept_in_a_field_of_its_language_if_that_has_a_stemmer() -> None:
    assert full_document("ar")["in"] == full_document("und")["in"] == {}
    french = full_document("fr")
    assert french["in"] == {"fr": {"title": french["title"], "text": french["text"]}}


def test_a_document_of_an_article_without_findings_has_the_same_keys() -> None:
    bare = to_document(enriched_article(1), NOW)
    assert bare.keys() == full_document().keys()
    assert bare["entities"] == bare["places"] == bare["dates"] == []


def test_the_mapping_takes_no_field_it_does_not_know() -> None:
    assert load_definition()["mappings"]["dynamic"] == "strict"


def test_entities_are_counted_and_only_those_with_coordinates_are_places() -> None:
    document = full_document()
    assert [(e["id"], e["mentions"]) for e in document["entities"]] == [("Q3579", 2), (None, 0)]
    assert document["places"] == [
        {"id": "Q3579", "name": "طرابلس", "location": {"lat": 32.9, "lon": 13.2}}
    ]


def test_a_date_without_days_has_no_range() -> None:
    yesterday, soon = full_document()["dates"]
    assert yesterday["range"] == {"gte": date(2020, 11, 24), "lte": date(2020, 11, 24)}
    assert soon["range"] is None
