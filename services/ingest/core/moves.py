"""Where a source is asked: at the catalogue's address, or where that has moved to for good.

Servers say "permanently" lightly: a wrong redirect that was believed at once would cost the source.
So a move is only followed, poll after poll, until it has held for a while. Then the new address is
asked directly, until it fails, or for RECHECK_AFTER: after that the old one may speak again.
"""

from datetime import datetime, timedelta

from services.contract.articles import SourceState
from services.ingest.core.answers import UNREAD

HELD_FOR = timedelta(days=7)
HELD_POLLS = 10
RECHECK_AFTER = timedelta(days=30)

_FORGOTTEN = {"moved_to": None, "moved_since": None, "moved_polls": 0}


def at_address(state: SourceState, url: str) -> SourceState:
    """Return ``state`` as it holds for the catalogue's ``url``.

    Validators and a move that were learned at another address say nothing about this one.
    """
    if state.url == url:
        return state
    if state.url is None:  # written by a build that did not keep the address
        return state.model_copy(update={"url": url})
    return state.model_copy(update={"url": url} | UNREAD | _FORGOTTEN)


def address(state: SourceState, url: str, now: datetime) -> str:
    """Return what to ask: ``url``, or where it has moved to."""
    if state.moved_to is None or state.moved_since is None:
        return url
    held = now - state.moved_since
    trusted = HELD_FOR <= held < HELD_FOR + RECHECK_AFTER and state.moved_polls >= HELD_POLLS
    return state.moved_to if trusted else url


def after_answer(
    state: SourceState, asked: str, moved_to: str | None, now: datetime
) -> SourceState:
    """Return ``state`` after ``asked`` answered, redirected permanently to ``moved_to`` or not."""
    if asked == state.moved_to and moved_to is None:
        return state  # asked directly, and there it is
    if moved_to is None:
        return state.model_copy(update=_FORGOTTEN) if state.moved_to else state
    since = state.moved_since if moved_to == state.moved_to else None
    if since is None or now - since >= HELD_FOR + RECHECK_AFTER:
        return state.model_copy(update={"moved_to": moved_to, "moved_since": now, "moved_polls": 1})
    return state.model_copy(update={"moved_polls": state.moved_polls + 1})


def after_failure(state: SourceState, asked: str) -> SourceState:
    """Return ``state`` after ``asked`` failed: the next poll asks the catalogue's address."""
    if asked != state.moved_to:
        return state
    return state.model_copy(update=UNREAD | _FORGOTTEN)
