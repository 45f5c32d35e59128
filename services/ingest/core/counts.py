"""What became of a source's items, counted: the names of the counts, and where they are kept."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta

from services.contract.articles import SourceState
from services.ingest.core.changes import GiveUp, Outcome, Publish, Skip, Unmodified

FIRST_OUTCOMES = ("published", "joined", "duplicate", "dead")
"""Of these every item that a feed showed has exactly one, unless it is still tried."""


def outcome_name(outcome: Outcome, state: SourceState) -> str | None:
    """Return under which name ``outcome`` is counted, given the cursor before it; None for not."""
    match outcome:
        case Publish():
            return outcome.outcome
        case Skip():
            return outcome.reason
        case Unmodified():
            return "unchanged"
        case GiveUp(key):
            return "missed" if key in state.seen else "dead"
    return None


def counted(state: SourceState, outcomes: Iterable[Outcome], now: datetime) -> dict[str, object]:
    """Return the totals and the last two days' counts with ``outcomes`` added."""
    names = Counter(filter(None, (outcome_name(outcome, state) for outcome in outcomes)))
    days = {(now - timedelta(days=ago)).date().isoformat() for ago in (1, 0)}
    daily = {day: counts for day, counts in (state.daily or {}).items() if day in days}
    today = now.date().isoformat()
    if names:
        daily[today] = dict(Counter(daily.get(today, {})) + names)
    return {"totals": dict(Counter(state.totals or {}) + names), "daily": daily}
