"""A document of another mapping becomes one of this mapping."""

import json
from datetime import UTC, datetime

from pydantic_core import to_json

from services.contract.articles import Language
from services.index.core.copy import copied
from services.index.core.document import to_document
from services.index.edges.elasticsearch import load_definition
from tests.support import enriched_article

PROPERTIES = load_definition()["mappings"]["properties"]


def test_what_the_mapping_does_not_know_is_left_out_and_what_it_repeats_is_made() -> None:
    english = enriched_article(1, language=Language(tag="en", confidence=1.0))
    document = json.loads(to_json(to_document(english, datetime(2020, 11, 26, tzinfo=UTC))))
    entity = {"id": "Q1", "type": "PER", "name": "حفتر", "name_en": None, "mentions": 1}
    of_old = {key: value for key, value in document.items() if key != "in"}
    of_old |= {"headline": "x", "entities": [entity | {"weight": 3}]}
    ready = copied("id", 7, of_old, PROPERTIES)
    action, new = (json.loads(line) for line in ready.operation.splitlines())
    assert action == {"index": {"_id": "id", "version": 7, "version_type": "external"}}
    assert new == document | {"entities": [entity]}
