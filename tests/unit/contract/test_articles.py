"""Ids and versions: what decides where a document lives and which of two wins."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from services.contract.articles import article_id, document_version
from tests.support import raw_article

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("canonical_url", "expected"),
    [
        ("https://news.example/a", "95bbca1f9b4bae7d73e89dc2c1be3dbe"),
        ("https://news.example/ليبيا", "92bf800813411085600dcd74572d8eb3"),
    ],
)
def test_the_id_of_an_address_never_changes(canonical_url: str, expected: str) -> None:
    assert article_id(canonical_url) == expected


def test_an_address_that_cannot_be_written_as_utf_8_has_an_id_all_the_same() -> None:
    assert article_id("https://news.example/\ud800") != article_id("https://news.example/\ud801")


@given(st.integers(min_value=0, max_value=10**13))
def test_the_version_of_a_fetch_is_its_milliseconds_since_1970(milliseconds: int) -> None:
    assert document_version(EPOCH + timedelta(milliseconds=milliseconds)) == milliseconds


def test_a_message_cannot_be_changed() -> None:
    with pytest.raises(ValidationError):
        raw_article().title = "other"


def test_the_constructor_is_as_strict_as_the_wire() -> None:
    with pytest.raises(ValidationError):
        raw_article(revision="1")
    with pytest.raises(ValidationError):
        raw_article(fetched_at=datetime(2020, 11, 25))  # noqa: DTZ001 - naive on purpose


TEXTS = ("title", "text", "byline", "section", "image_url", "language_hint", "source_name")


@pytest.mark.parametrize("field", TEXTS)
def test_an_article_with_a_lone_surrogate_cannot_be_made(field: str) -> None:
    with pytest.raises(ValidationError):
        raw_article(**{field: "\ud800"})
