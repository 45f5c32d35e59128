"""What a channel's answer means: delivered, to be tried again and when, or refused for good."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime

FIRST_WAIT_S = 1.0
MAX_WAIT_S = 30.0
"""So long at most before the next try, if the channel does not ask for more: it may be back."""

MAX_ASKED_WAIT_S = 3_600.0
"""Retry-After is honoured so far."""

MISPLACED_FOR_S = 900.0
"""So long an answer is borne that says nothing of the alert (no such path, no such password): a
proxy that restarts gives it, too. Then the next alert has its turn."""

_BUSY = frozenset({408, 425, 429})
_NOT_FOR_ITS_CONTENT = frozenset({401, 402, 403, 404, 405, 407, 409, 421, 423})


@dataclass(frozen=True, slots=True)
class Delivered:
    """The channel has it."""


@dataclass(frozen=True, slots=True)
class Again:
    """Not now. ``reason`` is one of a few, ``within_s`` how long it is tried, None for ever."""

    reason: str
    after_s: float = 0.0
    within_s: float | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """The channel wants no such alert."""

    reason: str


Outcome = Delivered | Again | Refused


def of_status(status: int, asked_wait_s: float = 0.0) -> Outcome:
    """Return what an HTTP status means, with a Retry-After of ``asked_wait_s``."""
    reason = f"http-{status}"
    if 200 <= status < 300:
        return Delivered()
    if status >= 500 or status in _BUSY:
        return Again(reason, after_s=asked_wait_s)
    if status < 400 or status in _NOT_FOR_ITS_CONTENT:
        return Again(reason, within_s=MISPLACED_FOR_S)
    return Refused(reason)


def wait_s(attempt: int, asked_s: float, random: Callable[[], float]) -> float:
    """Return how long to wait after the ``attempt``-th failure in a row, counted from 1.

    Full jitter: anything from 0 to a limit that doubles, and what the channel asked for on top, so
    that those who wait for the same channel do not all come back in the same moment.
    """
    limit = min(MAX_WAIT_S, FIRST_WAIT_S * 2.0 ** min(attempt - 1, 10))
    return asked_s + limit * random()


def asked_wait_s(retry_after: str | None, now: datetime) -> float:
    """Return the seconds that a Retry-After header asks for, 0 if it cannot be read."""
    if retry_after is None:
        return 0.0
    try:
        asked = float(retry_after)
    except ValueError:
        try:
            asked = (parsedate_to_datetime(retry_after) - now).total_seconds()
        except (TypeError, ValueError, OverflowError):
            return 0.0
    return min(max(asked, 0.0), MAX_ASKED_WAIT_S) if asked == asked else 0.0
