"""How often the page of an item is tried, and when again.

An attempt that fails for what will pass (a 503, a timeout, an outage of our own) is not over: the
same attempt goes on, ever more seldom, for two days. Only an answer that says something of the page
itself ends it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from services.contract.articles import BackOff, SourceState
from services.ingest.core.answers import WEIGHTS

MAX_ATTEMPTS = 5
"""Attempts at a page that gives no text, before its item is left as it is."""

TRIED_FOR = timedelta(hours=48)
"""How long one attempt goes on: more than a weekend's outage of a site that nobody watches."""

STAND_IN_AFTER = timedelta(minutes=30)
"""A headline is not kept back for longer because its page is down."""

SHORTEST_REST = timedelta(minutes=1)
LONGEST_REST = timedelta(hours=4)
"""It rests for as long as it has failed, between these: some twenty tries in all."""

_WILL_PASS = frozenset(str(reason) for reason, weight in WEIGHTS.items() if weight == "temporary")


@dataclass(frozen=True, slots=True)
class Attempt:
    """The attempt that has just found no page: the ``number``-th at its item.

    ``rest`` is since when and until when it waits to go on; None: it is over. ``is_last``: after
    it the page is not asked for any more. ``is_long``: it has kept its item back for long enough.
    """

    number: int
    rest: BackOff | None = None
    is_last: bool = False
    is_long: bool = False


def failed_attempt(key: str, state: SourceState, reason: str, now: datetime) -> Attempt:
    """Return the attempt at the item ``key`` that failed for ``reason``."""
    under_way = state.backing_off.get(key)
    number = state.pending.get(key, 0) + (0 if under_way else 1)
    if reason not in _WILL_PASS:
        return Attempt(number, is_last=number >= MAX_ATTEMPTS)
    since = under_way.since if under_way else now
    failing_for = now - since
    if failing_for >= TRIED_FOR:
        return Attempt(number, is_last=True, is_long=True)
    rest = min(max(failing_for, SHORTEST_REST), LONGEST_REST, since + TRIED_FOR - now)
    until = BackOff(since=since, until=now + rest)
    return Attempt(number, until, is_long=failing_for >= STAND_IN_AFTER)


def may_try(key: str, state: SourceState, now: datetime) -> bool:
    """Return whether the page of an item may be asked for: it neither rests nor is given up."""
    if rest := state.backing_off.get(key):
        return rest.until <= now
    return state.pending.get(key, 0) < MAX_ATTEMPTS
