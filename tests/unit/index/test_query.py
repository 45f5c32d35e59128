"""What is asked for becomes a query; nothing that is typed can break it."""

import json
import re
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.contract.search_clauses import with_particles
from services.contract.search_language import InvalidSearchError, parse
from services.index.core.document import STEMMED_LANGUAGES
from services.index.core.page import Position, from_token, to_token
from services.index.core.query import MAX_PARTS, Search, build_query

NOW = datetime(2020, 11, 26, 12, tzinfo=UTC)
WITHOUT_SYNTAX = {"multi_match", "match"}
WITH_SYNTAX = ("query_string", "wildcard", "regexp", "fuzz", "script", '"prefix"')


def query(typed: str, **ids: list[str]) -> dict[str, Any]:
    return build_query(Search(parse(typed, NOW), ids, NOW))


def query_texts(value: Any) -> list[str]:
    """Return what the full-text queries within ``value`` search for."""
    if isinstance(value, list):
        return [text for item in value for text in query_texts(item)]
    if not isinstance(value, dict):
        return []
    found = [
        value[name]["query"] for name in WITHOUT_SYNTAX & value.keys() if "query" in value[name]
    ]
    return found + [text for item in value.values() for text in query_texts(item)]


@given(st.text(max_size=80))
def test_input_only_ever_fills_queries_without_a_syntax(typed: str) -> None:
    try:
        body = query(typed)
    except InvalidSearchError:
        return
    assert body.keys() == query("words").keys()
    assert not [name for name in WITH_SYNTAX if name in json.dumps(body)]
    assert all(text.strip() for text in query_texts(body))


def test_words_and_phrases_are_all_required_and_the_rest_decides_without_counting() -> None:
    body = query('طرابلس "خليفة حفتر" lang:ar -كرة')
    both = body["query"]["bool"]["must"]["bool"]
    assert [set(query_texts(part)) & {"طرابلس", "حفتر"} for part in both["must"]] == [
        {"طرابلس"},
        {"حفتر"},
    ]
    assert both["filter"][0] == {"term": {"language.tag": "ar"}}
    assert set(query_texts(both["filter"][1]["bool"]["must_not"])) == {"كرة"}


def test_what_is_left_out_takes_nothing_along_that_is_only_similar() -> None:
    words = "كأس كرة القدم"
    searched, left_out = json.dumps(query(words)), json.dumps(query(f"-({words})"))
    for similar in ("title.stem", "2<-1"):
        assert (similar in searched, similar in left_out) == (True, False)


@pytest.mark.parametrize(
    ("words", "languages"),
    [
        ("حقل نفط", ""),
        ("oil field 444", "de en es fr it tr"),
        ("Champs pétrolifères", "de en es fr it tr"),
        ("нефть", "ru"),
        ("حقل oil", ""),
        ("2021", ""),
    ],
)
def test_words_are_looked_for_in_the_languages_of_their_script(words: str, languages: str) -> None:
    asked = re.findall(r'"in\.(\w+)\.title', json.dumps(query(words)))
    assert " ".join(sorted(asked)) == languages


def test_every_stemmed_language_is_looked_for_in_some_script() -> None:
    asked = re.findall(r'"in\.(\w+)\.title', json.dumps([query("oil"), query("нефть")]))
    assert sorted(asked) == sorted(STEMMED_LANGUAGES)


def test_without_words_the_newest_come_first() -> None:
    assert "published_at" in query("lang:ar -كرة")["sort"][0]
    assert query("هدنة")["sort"][0] == "_score"


def test_known_names_are_looked_for_by_id_and_others_by_name() -> None:
    known = query("entity:حفتر", حفتر=["person:khalifa-haftar"])
    assert json.dumps({"terms": {"entities.id": ["person:khalifa-haftar"]}}) in json.dumps(known)
    assert json.dumps({"query": "فلان", "operator": "and"}) in json.dumps(query("entity:فلان"))


@pytest.mark.parametrize(
    "typed",
    [
        pytest.param(" OR ".join("a" * (MAX_PARTS + 1)), id="words"),
        pytest.param(",".join("a" * (MAX_PARTS + 1)), id="words without blanks"),
        pytest.param("ﷺ" * (MAX_PARTS // 3 + 1), id="four words in each sign"),
        pytest.param("entity:" + "ﷺ" * (MAX_PARTS // 3 + 1), id="a name"),
        pytest.param("利" * (MAX_PARTS + 1), id="signs that are words"),
    ],
)
def test_no_search_is_larger_than_elasticsearch_takes(typed: str) -> None:
    with pytest.raises(InvalidSearchError, match=str(MAX_PARTS)):
        query(typed)


def test_signs_above_letters_make_no_words_of_them() -> None:
    assert query(" ".join(["مُحَمَّدٌ"] * MAX_PARTS))


@pytest.mark.parametrize(
    ("word", "among"),
    [
        ("مجلس", {"مجلس", "بمجلس", "ومجلس", "ولمجلس", "فبمجلس"}),
        ("النواب", {"النواب", "للنواب", "وللنواب", "بالنواب"}),
        ("Haftar", {"Haftar"}),
    ],
)
def test_a_word_is_looked_for_with_what_hangs_on_it(word: str, among: set[str]) -> None:
    forms = with_particles(word)
    assert among <= set(forms)
    assert len(set(forms)) == len(forms) == (12 if len(among) > 1 else 1)


def test_a_token_leads_back_to_its_place_and_no_other_text_does() -> None:
    position = Position(NOW, "view", [1.25, -9223372036854775808, 17], NOW, loosely=True)
    token = to_token(position, "حفتر")
    assert from_token(token, "حفتر") == position
    with pytest.raises(InvalidSearchError, match="another search"):
        from_token(token, "سرت")
    for wrong in (
        "",
        "x",
        token[:-3],
        token + "x",
        to_token(Position(NOW, "view", [True]), "حفتر"),
    ):
        with pytest.raises(InvalidSearchError):
            from_token(wrong, "حفتر")


@given(st.text(max_size=40))
def test_any_other_token_is_refused(token: str) -> None:
    with pytest.raises(InvalidSearchError):
        from_token(token, "حفتر")
