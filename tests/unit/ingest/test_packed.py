"""A cursor between polls: what is always at hand, and the rest packed."""

from datetime import UTC, datetime, timedelta

import pytest

from services.contract.articles import SeenArticle, SourceState, Waiting
from services.contract.wire import ContractError, encode
from services.ingest.core.packed import PackedCursor, pack

NOW = datetime(2020, 11, 22, 10, 0, tzinfo=UTC)
SEEN = SeenArticle(
    article_id="a",
    item_hash="b",
    content_hash="c",
    revision=1,
    first_seen_at=NOW,
    last_listed_at=NOW,
)
STATE = SourceState(
    source_id="s", etag='"1"', interval_s=450.0, seen={"k": SEEN}, pending={"k": 2}, polled_at=NOW
)


def test_packing_loses_nothing_and_the_head_has_no_long_parts() -> None:
    cursor = PackedCursor.of(STATE)
    assert cursor.state() == STATE
    assert cursor.head == cursor.recorded == STATE.model_copy(update={"seen": {}, "pending": {}})


def test_a_message_read_back_is_the_same_cursor() -> None:
    assert PackedCursor.read(pack(encode(STATE))) == PackedCursor.of(STATE)


def test_it_knows_when_the_first_waiting_item_is_due() -> None:
    waiting = {
        str(hours): Waiting(due_at=NOW + timedelta(hours=hours), link="https://a.ly/1")
        for hours in (7, 1, 24)
    }
    state = STATE.model_copy(update={"waiting": waiting})
    for packed in (PackedCursor.of(state), PackedCursor.read(pack(encode(state)))):
        assert packed.is_idle(NOW)
        assert not packed.is_idle(NOW + timedelta(hours=1))
    assert PackedCursor.of(STATE).is_idle(NOW)


def test_another_head_keeps_the_long_parts() -> None:
    cursor = PackedCursor.of(STATE)
    later = cursor.with_head(cursor.head.model_copy(update={"failures": 3}))
    assert later.state() == STATE.model_copy(update={"failures": 3})
    assert later.recorded == cursor.recorded


@pytest.mark.parametrize("message", [b"[]", b"{", b'{"source_id": ""}'])
def test_a_message_that_is_no_state_is_named(message: bytes) -> None:
    with pytest.raises(ContractError):
        PackedCursor.read(pack(message))


def test_unreadable_long_parts_are_found_when_they_are_needed() -> None:
    cursor = PackedCursor.read(pack(b'{"source_id": "s", "seen": {"k": 1}}'))
    assert cursor.head.source_id == "s"
    with pytest.raises(ContractError):
        cursor.state()
