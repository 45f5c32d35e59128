"""What a watch asks Elasticsearch: exact words with what is written onto them, never stems."""

from datetime import UTC, datetime
from typing import Any

import pytest

from services.alert.core.query import compile_query
from services.contract.search_language import InvalidSearchError

NOW = datetime(2026, 3, 2, tzinfo=UTC)


def forms(word: str) -> set[str]:
    (clause,) = compile_query(word, NOW)["bool"]["filter"]
    match = clause["multi_match"]
    assert (match["operator"], match["fields"]) == ("or", ["title.exact", "text.exact"])
    return set(match["query"].split())


@pytest.mark.parametrize(
    ("word", "meant", "not_meant"),
    [
        ("هدنة", {"هدنة", "الهدنة", "وهدنة", "بالهدنة", "للهدنة", "وللهدنة"}, {"هدنات"}),
        ("البرلمان", {"البرلمان", "والبرلمان", "للبرلمان", "فبالبرلمان"}, {"برلمان", "الالبرلمان"}),
        ("blockade", {"blockade"}, {"blockades", "الblockade"}),
    ],
)
def test_a_word_is_meant_with_its_particles(
    word: str, meant: set[str], not_meant: set[str]
) -> None:
    assert meant <= forms(word)
    assert not not_meant & forms(word)


def fields_of(clause: Any) -> set[str]:
    """Return the names of all fields that a clause looks into."""
    if isinstance(clause, list):
        return set().union(*map(fields_of, clause)) if clause else set()
    if not isinstance(clause, dict):
        return set()
    own = {key for key in clause if "." in key} | set(clause.get("fields", ()))
    return own.union(*map(fields_of, clause.values()))


def test_every_part_of_the_language_is_counted_without_a_stem() -> None:
    query = (
        '(اشتباكات OR "إطلاق نار") place:tripoli entity:org:noc source:lana -كرة lang:ar about:2026'
    )
    clause = compile_query(query, NOW)
    assert not [field for field in fields_of(clause) if field.endswith(".stem") or "in." in field]
    assert {"title.exact", "places.name", "entities.id", "source.id", "language.tag"} <= fields_of(
        clause
    )
    excluded = [inner for inner in clause["bool"]["filter"] if "must_not" in inner.get("bool", {})]
    assert "كرة" in str(excluded)


def test_what_is_no_search_is_refused() -> None:
    with pytest.raises(InvalidSearchError, match="lang:"):
        compile_query("lang:klingonic", NOW)


@pytest.mark.parametrize("query", ["+", "!!", "C++", "20%", "U.N.", "هُدنة", "هدنة -/"])
def test_signs_alone_or_around_a_word_are_no_error(query: str) -> None:
    assert compile_query(query, NOW)
