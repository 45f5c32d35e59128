"""A dead letter can be read back from its record, whatever the original was."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.contract.dead_letters import (
    MAX_ERROR_CHARS,
    DeadLetter,
    describe,
    previous_attempts,
    replay_headers,
    replay_marker,
    replayed_offset,
)
from services.contract.topics import dead_letters

LETTER = DeadLetter(
    value=b"\xff",
    key=b"k",
    service="enrich",
    stage="decode",
    reason="not-json",
    error="not-json: message: expected value",
    failed_at=datetime(2020, 11, 25, 10, tzinfo=UTC),
    attempts=1,
    topic="articles.raw.v1",
    partition=3,
    offset=42,
)

letters = st.builds(
    DeadLetter,
    value=st.none() | st.binary(),
    key=st.none() | st.binary(),
    service=st.sampled_from(["enrich", "index"]),
    stage=st.text(st.characters(codec="utf-8"), max_size=20),
    reason=st.text(st.characters(codec="utf-8"), max_size=20),
    error=st.text(st.characters(codec="utf-8"), max_size=100),
    failed_at=st.datetimes(timezones=st.just(UTC)),
    attempts=st.integers(min_value=1, max_value=100),
    topic=st.just("articles.raw.v1"),
    partition=st.integers(min_value=0, max_value=11),
    offset=st.integers(min_value=0, max_value=2**63 - 1),
)


@given(letters)
def test_a_dead_letter_is_read_back_as_it_was(letter: DeadLetter) -> None:
    assert DeadLetter.from_record(letter.key, letter.value, letter.headers()) == letter


def test_an_error_text_is_cut_and_cannot_break_the_headers() -> None:
    letter = DeadLetter.from_record(None, b"", _with_error("\ud800" + "e" * 10_000).headers())
    assert letter.error == "?" + "e" * (MAX_ERROR_CHARS - 1)


def test_headers_fit_in_the_room_that_the_topic_leaves_beside_the_original() -> None:
    letter = _with_error("\U0001f4f0" * MAX_ERROR_CHARS)
    size = sum(len(name) + len(value) for name, value in letter.headers())
    assert size < dead_letters("enrich").max_message_bytes - 8 * 1024 * 1024


def test_a_bug_is_described_by_what_it_is_and_where_it_happened_however_deep() -> None:
    def fall(depth: int) -> None:
        if depth == 0:
            raise ValueError("the bottom " + "x" * 5_000)
        fall(depth - 1)

    with pytest.raises(ValueError, match="the bottom") as caught:
        fall(100)
    described = describe(caught.value)
    assert described.startswith("ValueError('the bottom xxx")
    assert len(described) == MAX_ERROR_CHARS
    assert DeadLetter.from_record(None, b"", _with_error(described).headers()).error == described


def test_the_place_of_a_bug_is_kept_below_a_deep_traceback() -> None:
    def fall(depth: int) -> None:
        if depth == 0:
            raise ZeroDivisionError("the bottom")
        fall(depth - 1)

    with pytest.raises(ZeroDivisionError) as caught:
        fall(200)
    first, *rest = describe(caught.value).splitlines()
    assert first == "ZeroDivisionError('the bottom')"
    assert rest[-1] == "ZeroDivisionError: the bottom"
    assert 'raise ZeroDivisionError("the bottom")' in "\n".join(rest)


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [("service", b"enrich")],
        [(name, None) for name, _ in LETTER.headers()],
        [(name, b"\xff") for name, _ in LETTER.headers()],
    ],
    ids=["none", "one", "empty", "garbled"],
)
def test_a_record_that_is_no_dead_letter_is_told_apart(
    headers: list[tuple[str, bytes | None]],
) -> None:
    with pytest.raises((KeyError, ValueError)):
        DeadLetter.from_record(None, b"", headers)


def test_a_replayed_message_says_how_often_it_failed() -> None:
    assert previous_attempts(replay_headers(LETTER)) == LETTER.attempts


@pytest.mark.parametrize("value", [None, b"", b"-1", b"many", b"\xff", b"9" * 5_000])
def test_a_header_of_a_stranger_counts_as_no_attempt(value: bytes | None) -> None:
    assert previous_attempts([(name, value) for name, _ in replay_headers(LETTER)]) == 0
    assert previous_attempts([]) == 0


def test_a_replay_marker_names_the_letter_and_is_none_itself() -> None:
    assert replayed_offset(replay_marker(42)) == 42
    assert replayed_offset(LETTER.headers()) is None


def _with_error(error: str) -> DeadLetter:
    facts = {name: getattr(LETTER, name) for name in DeadLetter.__dataclass_fields__}
    return DeadLetter(**(facts | {"error": error}))
