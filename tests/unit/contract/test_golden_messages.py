"""Messages of every release so far: what was once written can be read for ever."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from pydantic import BaseModel

from services.contract.articles import EnrichedArticle, Message
from services.contract.schemas import FOLDER as SCHEMAS
from services.contract.schemas import MESSAGES, schema_files
from services.contract.wire import decode, encode

GOLDEN = sorted((SCHEMAS.parent / "golden").glob("*.json"))


def kind_of(path: Path) -> type[Message]:
    return MESSAGES[path.name.partition(".")[0]]


def fields_set(value: Any) -> set[tuple[type, str]]:
    """Return every (class, field) that ``value`` and what it contains was given."""
    if isinstance(value, BaseModel):
        found = {(type(value), name) for name in value.model_fields_set}
        return found.union(*(fields_set(getattr(value, name)) for name in value.model_fields_set))
    if isinstance(value, dict):
        return set().union(*map(fields_set, value.values()))
    if isinstance(value, tuple):
        return set().union(*map(fields_set, value))
    return set()


def assert_keeps(written: Any, kept: Any) -> None:
    """Fail unless ``kept`` says all that ``written`` does; defaults may have been added."""
    if isinstance(written, dict):
        for name, value in written.items():
            assert_keeps(value, kept[name])
    elif isinstance(written, list):
        assert len(kept) == len(written)
        for value, same in zip(written, kept, strict=True):
            assert_keeps(value, same)
    else:
        assert kept == written


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.name)
def test_a_golden_message_decodes_and_keeps_all_it_says(path: Path) -> None:
    written = json.loads(path.read_text(encoding="utf-8"))
    message = decode(path.read_bytes(), kind_of(path))
    assert_keeps(written, json.loads(encode(message)))


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.name)
def test_a_golden_message_survives_being_written_again(path: Path) -> None:
    message = decode(path.read_bytes(), kind_of(path))
    assert decode(encode(message), kind_of(path)) == message


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.name)
def test_a_golden_message_fits_the_committed_schema(path: Path) -> None:
    schema = json.loads((SCHEMAS / f"{path.name.partition('.')[0]}.json").read_text())
    jsonschema.validate(json.loads(path.read_text(encoding="utf-8")), schema)


def test_every_kind_of_message_has_a_golden_one() -> None:
    assert {kind_of(path) for path in GOLDEN} == set(MESSAGES.values())


def test_every_field_is_set_in_some_golden_message() -> None:
    given = set().union(*(fields_set(decode(p.read_bytes(), kind_of(p))) for p in GOLDEN))
    classes = {kind for kind, _ in given}
    missing = {(kind.__name__, name) for kind in classes for name in kind.model_fields} - {
        (kind.__name__, name) for kind, name in given
    }
    assert not missing, "add a golden message of the new release that sets these fields"


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.name)
def test_offsets_count_code_points_of_the_enriched_text(path: Path) -> None:
    message = decode(path.read_bytes(), kind_of(path))
    if not isinstance(message, EnrichedArticle):
        return
    mentions = [mention for entity in message.entities for mention in entity.mentions]
    for found in (*mentions, *message.dates):
        assert message.text[found.start : found.end] == found.text


@pytest.mark.parametrize("path", schema_files(), ids=lambda path: path.name)
def test_the_committed_schema_is_current(path: Path) -> None:
    assert path.read_text(encoding="utf-8") == schema_files()[path], "run `make schemas`"


def test_no_schema_is_left_of_a_message_that_is_gone() -> None:
    assert set(SCHEMAS.glob("*.json")) == set(schema_files())
