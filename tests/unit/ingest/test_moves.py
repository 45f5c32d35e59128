"""A permanent move is followed at once, believed after a while, and not for ever."""

from datetime import UTC, datetime, timedelta

from services.contract.articles import SourceState
from services.ingest.core import moves
from services.ingest.core.moves import HELD_FOR, HELD_POLLS, RECHECK_AFTER

NOW = datetime(2020, 11, 22, 10, 0, tzinfo=UTC)
OLD, NEW, OTHER = "https://old.ly/rss", "https://new.ly/rss", "https://other.ly/rss"


def polled(state: SourceState, moved_to: str | None, at: datetime) -> SourceState:
    """Return ``state`` after a poll of a catalogue that says OLD."""
    state = moves.at_address(state, OLD)
    return moves.after_answer(state, moves.address(state, OLD, at), moved_to, at)


def held(polls: int = HELD_POLLS, for_: timedelta = HELD_FOR) -> SourceState:
    """Return the state of a source that has moved to NEW at NOW - ``for_``."""
    state = SourceState(source_id="s")
    for number in range(polls):
        state = polled(state, NEW, NOW - for_ + number * timedelta(seconds=1))
    return state


def test_a_move_is_used_directly_only_after_a_week_and_enough_polls() -> None:
    assert moves.address(held(), OLD, NOW) == NEW
    assert moves.address(held(for_=HELD_FOR - timedelta(hours=1)), OLD, NOW) == OLD
    assert moves.address(held(polls=HELD_POLLS - 1), OLD, NOW) == OLD


def test_once_used_directly_it_stays_while_it_answers() -> None:
    state = polled(held(), None, NOW)
    assert moves.address(state, OLD, NOW + timedelta(days=1)) == NEW


def test_an_answer_without_the_redirect_or_with_another_starts_anew() -> None:
    state = held(for_=HELD_FOR - timedelta(hours=1))
    assert polled(state, None, NOW).moved_to is None
    elsewhere = polled(state, OTHER, NOW)
    assert (elsewhere.moved_to, elsewhere.moved_since, elsewhere.moved_polls) == (OTHER, NOW, 1)


def test_a_move_that_fails_is_forgotten_and_the_catalogues_address_is_asked() -> None:
    state = moves.after_failure(held().model_copy(update={"etag": '"1"'}), NEW)
    assert (state.moved_to, state.etag) == (None, None)
    assert moves.address(state, OLD, NOW) == OLD


def test_a_failure_of_the_catalogues_address_is_none_of_the_move() -> None:
    state = held(polls=2)
    assert moves.after_failure(state, OLD) == state


def test_a_believed_move_is_looked_at_again_after_a_month() -> None:
    later = NOW + RECHECK_AFTER
    assert moves.address(held(), OLD, later) == OLD
    assert polled(held(), None, later).moved_to is None
    again = polled(held(), NEW, later)
    assert (again.moved_since, again.moved_polls) == (later, 1)


def test_an_edit_of_the_catalogue_wins() -> None:
    state = held().model_copy(update={"etag": '"1"', "last_modified": "yesterday"})
    edited = moves.at_address(state, OTHER)
    assert moves.address(edited, OTHER, NOW) == OTHER
    assert (edited.etag, edited.last_modified, edited.moved_to) == (None, None, None)


def test_a_cursor_of_an_older_build_keeps_its_validators() -> None:
    old = SourceState(source_id="s", etag='"1"')
    assert moves.at_address(old, OLD).etag == '"1"'
