"""How often and how many at a time a host is asked: as gently as its answers call for.

All times are seconds; moments are of one clock that never goes back.
"""

from dataclasses import dataclass, replace

MAX_CONCURRENCY = 4
FIRST_CONCURRENCY = 2
"""Before the first answer."""

SMOOTHING = 0.25
"""How much the newest response time counts in the average."""

QUICK_S, FAIR_S, SLOW_S = 0.5, 1.0, 2.0
"""A host whose answers take longer on average gets 3, 2, 1 requests at a time instead of 4."""

FIRST_PAUSE_S = 30.0
"""After a 429 that does not say for how long; each further one doubles it."""
MAX_PAUSE_S = 3_600.0
MAX_ASKED_PAUSE_S = 86_400.0
"""Retry-After is honoured so far: a mistyped year must not end a source."""


@dataclass(frozen=True, slots=True)
class Manners:
    """How a source wants its hosts asked: at least ``min_gap_s`` apart, None for the usual gap."""

    min_gap_s: float | None = None
    max_concurrency: int = MAX_CONCURRENCY


@dataclass(frozen=True, slots=True)
class Pace:
    """What a host's own answers say.

    ``response_s`` is the smoothed response time, None before the first answer; ``refusals`` how
    often in a row it asked us to slow down; ``not_before`` the moment until which it wants no
    request.
    """

    response_s: float | None = None
    refusals: int = 0
    not_before: float = 0.0


def concurrency(pace: Pace, at_most: int) -> int:
    """Return how many requests may be under way at the host: 1 to 4."""
    if pace.refusals:
        fitting = 1
    elif pace.response_s is None:
        fitting = FIRST_CONCURRENCY
    else:
        fitting = MAX_CONCURRENCY - sum(pace.response_s > s for s in (QUICK_S, FAIR_S, SLOW_S))
    return max(1, min(fitting, at_most))


def after_answer(pace: Pace, now: float, took_s: float) -> Pace:
    """Return the pace after an answer, good or bad, or after none came for ``took_s``."""
    before = took_s if pace.response_s is None else pace.response_s
    smoothed = before + SMOOTHING * (took_s - before)
    # An answer that was on its way when the host refused others does not take that back.
    refusals = pace.refusals if now < pace.not_before else 0
    return replace(pace, response_s=smoothed, refusals=refusals)


def after_refusal(pace: Pace, now: float, asked_s: float | None) -> Pace:
    """Return the pace after the host asked for a pause, of ``asked_s`` if it said for how long.

    Requests that were under way together are refused together: that counts once.
    """
    again = now >= pace.not_before
    refusals = pace.refusals + again
    if asked_s is not None:
        pause_s = min(asked_s, MAX_ASKED_PAUSE_S)
    elif again:
        pause_s = min(FIRST_PAUSE_S * 2.0 ** min(refusals - 1, 20), MAX_PAUSE_S)
    else:
        pause_s = 0.0
    return replace(pace, refusals=refusals, not_before=max(pace.not_before, now + pause_s))
