"""Hostile bytes: each becomes a ContractError with a reason of the bounded set, nothing else."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.contract.articles import (
    MAX_TEXT_CHARS,
    EnrichedArticle,
    Message,
    RawArticle,
    SourceState,
)
from services.contract.schemas import FOLDER, MESSAGES
from services.contract.wire import MAX_MESSAGE_BYTES, ContractError, decode, encode
from tests.support import raw_article

GOOD: dict[str, Any] = json.loads(encode(raw_article()))
REASONS = {
    *("too-large", "not-json", "not-an-object"),
    *("newer-schema", "missing-field", "invalid-field", "not-encodable"),
}


def altered(**fields: Any) -> bytes:
    return json.dumps(GOOD | fields).encode()


def spliced(field: str, raw: bytes) -> bytes:
    """Return a good article whose ``field`` is the JSON text ``raw``, well formed or not."""
    return altered(**{field: "SPLICE"}).replace(b'"SPLICE"', raw)


def without(field: str) -> bytes:
    return json.dumps({name: value for name, value in GOOD.items() if name != field}).encode()


def refusal(data: bytes | None, kind: type[Message] = RawArticle) -> tuple[str, str]:
    with pytest.raises(ContractError) as caught:
        decode(data, kind)
    return caught.value.reason, caught.value.field


HOSTILE = {
    "no value (a tombstone)": (None, "not-json", "message"),
    "empty": (b"", "not-json", "message"),
    "garbage": (b"\x00\x01\x02", "not-json", "message"),
    "invalid UTF-8": (b'{"title": "\xff"}', "not-json", "message"),
    "invalid UTF-8 in a field": (spliced("title", b'"\xc3\x28"'), "not-json", "message"),
    "cut off": (altered()[:-1], "not-json", "message"),
    "two messages": (altered() * 2, "not-json", "message"),
    "nested 200,000 deep": (b"[" * 200_000 + b"]" * 200_000, "not-json", "message"),
    "nested deep in a known field": (
        spliced("title", b"[" * 200_000 + b"]" * 200_000),
        "not-json",
        "message",
    ),
    "nested deep in an unknown field": (
        spliced("later", b'{"a":' * 200_000 + b"1" + b"}" * 200_000),
        "not-json",
        "message",
    ),
    "lone surrogate": (altered(title="\ud800"), "not-json", "message"),
    "lone surrogate in a key": (altered(**{"\udfff": 1}), "not-json", "message"),
    "number of 5,000 digits": (spliced("revision", b"1" * 5_000), "not-json", "message"),
    "list": (b"[]", "not-an-object", "message"),
    "string": (b'"text"', "not-an-object", "message"),
    "null": (b"null", "not-an-object", "message"),
    "newer schema": (altered(schema=2), "newer-schema", "schema"),
    "huge schema": (altered(schema=10**400), "newer-schema", "schema"),
    "newer schema in a message of unknown shape": (b'{"schema": 7}', "newer-schema", "schema"),
    "zero schema": (altered(schema=0), "invalid-field", "schema"),
    "boolean schema": (altered(schema=True), "invalid-field", "schema"),
    "text as schema": (altered(schema="1"), "invalid-field", "schema"),
    "missing field": (without("article_id"), "missing-field", "article_id"),
    "null for text": (altered(title=None), "invalid-field", "title"),
    "number for text": (altered(title=1), "invalid-field", "title"),
    "text for number": (altered(revision="1"), "invalid-field", "revision"),
    "boolean for number": (altered(revision=True), "invalid-field", "revision"),
    "number beyond 32 bits": (altered(revision=2**31), "invalid-field", "revision"),
    "number for boolean": (altered(truncated=1), "invalid-field", "truncated"),
    "NaN": (spliced("revision", b"NaN"), "invalid-field", "revision"),
    "object for text": (altered(text={}), "invalid-field", "text"),
    "empty id": (altered(article_id=""), "invalid-field", "article_id"),
    "unknown word of a closed set": (altered(mode="dead"), "invalid-field", "mode"),
    "time without zone": (altered(fetched_at="2020-11-25T10:00:00"), "invalid-field", "fetched_at"),
    "time as number": (altered(fetched_at=1606298400), "invalid-field", "fetched_at"),
    "time before the calendar begins in UTC": (
        altered(fetched_at="0001-01-01T00:00:00+14:00"),
        "invalid-field",
        "fetched_at",
    ),
    "time after the calendar ends in UTC": (
        altered(fetched_at="9999-12-31T23:59:59-14:00"),
        "invalid-field",
        "fetched_at",
    ),
    "overlong text": (altered(text="ن" * (MAX_TEXT_CHARS + 1)), "invalid-field", "text"),
    "5 MB": (altered(text="a" * 5_000_000), "too-large", "message"),
    "wrong type within a part": (
        altered(charset={"name": None, "origin": "bom"}),
        "invalid-field",
        "charset.name",
    ),
}


@pytest.mark.parametrize(("data", "reason", "field"), HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_message_is_refused_with_its_reason(
    data: bytes | None, reason: str, field: str
) -> None:
    assert refusal(data) == (reason, field)
    assert reason in REASONS


def test_an_article_of_a_newer_schema_inside_an_enriched_one_is_refused_as_newer() -> None:
    enriched = json.loads((FOLDER.parent / "golden" / "enriched-article.full.1.json").read_text())
    enriched["article"]["schema"] = 2
    data = json.dumps(enriched).encode()
    assert refusal(data, EnrichedArticle) == ("newer-schema", "article.schema")


@pytest.mark.parametrize("confidence", [b"NaN", b"Infinity", b"1e999", b"1.01", b"-0.01"])
def test_a_confidence_is_a_number_from_0_to_1(confidence: bytes) -> None:
    golden = (FOLDER.parent / "golden" / "enriched-article.full.1.json").read_bytes()
    data = golden.replace(b'"confidence": 0.99', b'"confidence": ' + confidence)
    assert refusal(data, EnrichedArticle) == ("invalid-field", "language.confidence")


def test_the_path_of_a_bad_field_is_short_however_long_the_keys_of_the_sender() -> None:
    state = {"schema": 1, "source_id": "sample", "seen": {"k" * 1_000_000: None}}
    with pytest.raises(ContractError) as caught:
        decode(json.dumps(state).encode(), MESSAGES["source-state"])
    assert len(str(caught.value)) < 500


def test_of_a_key_that_occurs_twice_the_last_value_counts() -> None:
    assert decode(altered()[:-1] + b', "title": "second"}', RawArticle).title == "second"
    assert refusal(altered()[:-1] + b', "schema": 2}') == ("newer-schema", "schema")


def test_a_field_of_a_later_release_is_ignored() -> None:
    assert decode(altered(later={"any": ["thing"]}), RawArticle) == raw_article()


def test_times_are_read_into_utc() -> None:
    article = decode(altered(fetched_at="2020-11-25T12:00:00+02:00"), RawArticle)
    assert article.fetched_at == raw_article().fetched_at
    assert str(article.fetched_at.tzinfo) == "UTC"


def test_the_longest_text_allowed_travels_in_both_messages() -> None:
    article = raw_article(text="\U0001f4f0" * MAX_TEXT_CHARS)
    assert decode(encode(article), RawArticle) == article
    golden = (FOLDER.parent / "golden" / "enriched-article.full.1.json").read_bytes()
    enriched = decode(golden, EnrichedArticle).model_copy(
        update={"article": article, "text": article.text}
    )
    assert decode(encode(enriched), EnrichedArticle) == enriched


def test_a_lone_surrogate_cannot_be_written() -> None:
    with pytest.raises(ContractError) as caught:
        encode(SourceState(source_id="sample", etag="a\ud800b"))
    assert caught.value.reason == "not-encodable"


def test_a_message_that_no_reader_would_take_is_not_written() -> None:
    with pytest.raises(ContractError) as caught:
        encode(SourceState(source_id="sample", etag="a" * MAX_MESSAGE_BYTES))
    assert caught.value.reason == "too-large"


def outcome(data: bytes, kind: type[Message]) -> Message | str:
    try:
        return decode(data, kind)
    except ContractError as error:
        return error.reason


def assert_read_or_refused(data: bytes, kind: type[Message]) -> None:
    match outcome(data, kind):
        case str(reason):
            assert reason in REASONS
        case message:
            assert decode(encode(message), kind) == message


@given(st.binary(max_size=200), st.sampled_from(list(MESSAGES.values())))
def test_no_bytes_cause_anything_but_a_contract_error(data: bytes, kind: type[Message]) -> None:
    assert_read_or_refused(data, kind)


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.datetimes(timezones=st.timezones() | st.none()).map(lambda moment: moment.isoformat()),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=5,
)


@pytest.mark.slow
@settings(max_examples=300)
@given(st.data())
def test_no_value_in_any_place_causes_anything_but_a_contract_error(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(list(MESSAGES)))
    golden = json.loads((FOLDER.parent / "golden" / f"{name}.full.1.json").read_text())
    place = golden
    while True:
        key = data.draw(st.sampled_from(list(place) if isinstance(place, dict) else [0]))
        if not isinstance(place[key], dict | list) or not place[key] or data.draw(st.booleans()):
            break
        place = place[key]
    place[key] = data.draw(json_values)
    assert_read_or_refused(json.dumps(golden).encode(), MESSAGES[name])
