"""A document of another mapping becomes one of this mapping."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic_core import to_json

from services.contract.wire import encode
from services.index.core.copy import copied
from services.index.core.document import STEMMED_LANGUAGES, to_document
from services.index.core.prepare import Ready, prepare
from services.index.edges.elasticsearch import load_definition
from tests.support import full_article

PROPERTIES = load_definition()["mappings"]["properties"]
NOW = datetime(2020, 11, 26, tzinfo=UTC)
LANGUAGES = ("ar", "und", *STEMMED_LANGUAGES)
SINCE_V1 = ("in", "story_id")


def document_in(tag: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(to_json(to_document(full_article(tag), NOW)))
    return document


def lines_of(ready: Ready) -> list[Any]:
    return [json.loads(line) for line in ready.operation.splitlines()]


@pytest.mark.parametrize("tag", LANGUAGES)
def test_every_field_of_a_document_is_copied_as_it_is(tag: str) -> None:
    document = document_in(tag) | {"story_id": "another"}
    ready = copied(document["article_id"], 7, document, PROPERTIES)
    action = {"_id": document["article_id"], "version": 7, "version_type": "external"}
    assert lines_of(ready) == [{"index": action}, document]
    assert ready.signed is None, "its story is decided already"


@pytest.mark.parametrize("tag", LANGUAGES)
def test_what_the_mapping_before_did_not_have_is_made_as_of_a_message(tag: str) -> None:
    document = document_in(tag)
    of_v1 = {name: value for name, value in document.items() if name not in SINCE_V1}
    ready = copied(document["article_id"], 7, of_v1, PROPERTIES)
    written = prepare(encode(full_article(tag)), NOW)
    assert isinstance(written, Ready)
    assert lines_of(ready)[1] == lines_of(written)[1] == document
    assert ready.signed == written.signed


def test_what_the_mapping_does_not_know_is_left_out() -> None:
    document = document_in("en")
    entity = {"id": "Q1", "type": "PER", "name": "حفتر", "name_en": None, "mentions": 1}
    of_old = document | {"headline": "x", "entities": [entity | {"weight": 3}]}
    ready = copied("id", 7, of_old, PROPERTIES)
    assert lines_of(ready)[1] == document | {"entities": [entity]}
