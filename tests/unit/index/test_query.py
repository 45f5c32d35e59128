"""What is typed becomes a query; nothing that is typed can break it."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.index.core.query import (
    MAX_QUERY_CHARS,
    InvalidSearchError,
    SearchRequest,
    build_query,
    parse_since,
)

NOW = datetime(2020, 11, 26, 12, tzinfo=UTC)
WITHOUT_SYNTAX = {"combined_fields", "multi_match"}
WITH_SYNTAX = ("query_string", "wildcard", "regexp", "prefix", "fuzz", "script")


def query_texts(value: Any) -> list[str]:
    """Return what the full-text queries within ``value`` search for."""
    if isinstance(value, list):
        return [text for item in value for text in query_texts(item)]
    if not isinstance(value, dict):
        return []
    found = [value[name]["query"] for name in WITHOUT_SYNTAX & value.keys()]
    return found + [text for item in value.values() for text in query_texts(item)]


@given(st.text(max_size=MAX_QUERY_CHARS))
def test_input_only_ever_fills_queries_without_a_syntax(words: str) -> None:
    body = build_query(SearchRequest(words))
    marked = build_query(SearchRequest("words"))
    assert body.keys() == marked.keys()
    assert not [name for name in WITH_SYNTAX if f'"{name}' in json.dumps(body)]
    assert all(text.strip() for text in query_texts(body))
    assert all(
        text in words
        for text in query_texts(body)
        if '"' not in words
        and "«" not in words
        and "“" not in words
        and "”" not in words
        and "„" not in words
        and "»" not in words
    )


def test_words_and_phrases_are_all_required() -> None:
    body = build_query(SearchRequest('طرابلس "خليفة حفتر" «مجلس النواب»'))
    must = body["query"]["function_score"]["query"]["bool"]["must"]
    assert query_texts(must[:2]) == ["خليفة حفتر", "مجلس النواب"]
    assert set(query_texts(must[2])) == {"طرابلس"}


@pytest.mark.parametrize("words", ["", "   ", '""', '"  "'])
def test_no_words_ask_for_the_newest(words: str) -> None:
    body = build_query(SearchRequest(words))
    assert body["query"] == {"bool": {"must": [], "filter": []}}
    assert list(body["sort"][0]) == ["published_at"]


def test_a_quote_that_is_not_closed_is_a_letter_like_others() -> None:
    body = build_query(SearchRequest('"حفتر'))
    assert set(query_texts(body)) == {'"حفتر'}


def test_a_text_is_not_a_search() -> None:
    with pytest.raises(InvalidSearchError, match=str(MAX_QUERY_CHARS)):
        build_query(SearchRequest("a" * (MAX_QUERY_CHARS + 1)))


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        pytest.param("24h", NOW - timedelta(hours=24), id="hours"),
        pytest.param("7d", NOW - timedelta(days=7), id="days"),
        pytest.param("2w", NOW - timedelta(weeks=2), id="weeks"),
        pytest.param("2020-11-25", datetime(2020, 11, 25, tzinfo=UTC), id="date"),
        pytest.param(
            "2020-11-25T08:00:00+02:00", datetime(2020, 11, 25, 6, tzinfo=UTC), id="with a zone"
        ),
    ],
)
def test_since_is_a_distance_or_a_date(text: str, moment: datetime) -> None:
    assert parse_since(text, NOW) == moment


@pytest.mark.parametrize("text", ["", "soon", "7", "d", "-7d", "2020-13-01", "٧d?"])
def test_other_times_are_refused_with_what_is_allowed(text: str) -> None:
    with pytest.raises(InvalidSearchError, match="7d"):
        parse_since(text, NOW)
