"""Items that were given up, and their second chance when a person asks for it."""

from collections import Counter
from datetime import datetime

from services.contract.articles import SourceState
from services.ingest.core.answers import UNREAD
from services.ingest.core.attempts import MAX_ATTEMPTS


def given_up(state: SourceState) -> list[str]:
    """Return the keys of the listed items that are not tried any more."""
    return sorted(
        key
        for key, attempts in state.pending.items()
        if attempts >= MAX_ATTEMPTS and key not in state.backing_off
    )


def is_asked(state: SourceState, asked_at: datetime) -> bool:
    """Return whether what was asked for at ``asked_at`` is still to be done."""
    return state.retried_at is None or state.retried_at < asked_at


def retried(state: SourceState, asked_at: datetime, now: datetime) -> SourceState:
    """Return the cursor that tries again what was given up until ``now``, as asked at ``asked_at``.

    The source has to show its items for that, so it is asked without validators. The items count as
    tried once: one that has left the feed is given up anew then. Those that are counted as ``dead``
    are counted as ``retried``, since each is to have another outcome.
    """
    keys = given_up(state)
    again = Counter(retried=sum(key not in state.seen for key in keys))
    if not keys:
        return state.model_copy(update={"retried_at": asked_at})
    today, daily = now.date().isoformat(), dict(state.daily or {})
    daily[today] = dict(Counter(daily.get(today, {})) + again)
    return state.model_copy(
        update={
            **UNREAD,
            "pending": state.pending | dict.fromkeys(keys, 1),
            "totals": dict(Counter(state.totals or {}) + again),
            "daily": daily,
            "retried_at": asked_at,
        }
    )
