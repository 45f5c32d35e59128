"""Whether what was counted is worth an alert: expected, observed, and how often chance does that.

How surprising a count is, is said as the number of alerts a month that chance would raise if this
count were the limit. It can be compared with the budget of a watch as a person gives it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.alert.core.baseline import WEEK_H, Baseline
from services.alert.core.tails import Flags, Floats, at_least, at_most, probability_of

MONTH_H = 30 * 24.0
LEARNING_DAYS = 7.0
"""Before, neither the hours of the week nor what is usual are known: drops are not told at all."""

MIN_HISTORY_DAYS = 1.0
"""Before, everything is new and nothing is surprising."""

DEGRADED_BELOW = 0.8
"""Where sources with more than a fifth of a watch's stories are silent, its count says less."""

_STEADY_STORIES = 30.0


@dataclass(frozen=True, slots=True)
class Limits:
    """What each watch asks of an alert, as arrays over the watches."""

    min_articles: Floats
    min_sources: Floats
    min_ratio: Floats
    false_alerts_per_month: Floats
    drop: Flags


@dataclass(frozen=True, slots=True)
class Counted:
    """What was seen in one window, as arrays over the watches.

    ``from_h`` is where the window begins, in hours after the end of the baseline's history;
    ``volume`` are the stories of all coverage, ``alive`` is what share of a watch's usual stories
    comes from sources that are not silent (silence.py), ``volume_alive`` the same of all coverage.
    """

    from_h: float
    window_h: float
    stories: Floats
    sources: Floats
    volume: float
    alive: Floats
    volume_alive: float


@dataclass(frozen=True, slots=True)
class Judged:
    """What came of it, as arrays over the watches.

    ``shape`` is how certain ``expected`` is; ``exceeds`` are those within their budgets and limits,
    before the watches are looked at together; ``elevated`` is what an alert must at least be to go
    on.
    """

    expected: Floats
    shape: Floats
    probability: Floats
    false_alerts_per_month: Floats
    exceeds: Flags
    elevated: Flags
    degraded: Flags
    learning: bool


def judge(baseline: Baseline, counted: Counted, limits: Limits) -> Judged:
    """Compare what was counted in one window with what the baseline expects there."""
    expected = _expected(baseline, counted)
    degraded = counted.alive < DEGRADED_BELOW
    learning = baseline.days < LEARNING_DAYS
    stories, shape, drop = counted.stories, baseline.shape, limits.drop
    probability = at_least(stories, expected, shape)
    probability[drop] = at_most(stories[drop], expected[drop], shape[drop])
    false_alerts = alerts_a_month(stories, expected, shape, probability, counted.window_h)
    within = false_alerts <= limits.false_alerts_per_month
    rises = _high(counted, expected, limits, limits.min_ratio) & (
        counted.sources >= limits.min_sources
    )
    sinks = counted.stories * limits.min_ratio <= expected
    known = baseline.days >= MIN_HISTORY_DAYS
    return Judged(
        expected=expected,
        shape=shape,
        probability=probability,
        false_alerts_per_month=false_alerts,
        exceeds=within & np.where(limits.drop, sinks & ~degraded & (not learning), rises) & known,
        elevated=np.where(
            limits.drop,
            counted.stories * np.sqrt(limits.min_ratio) <= expected,
            _high(counted, expected, limits, np.sqrt(limits.min_ratio)),
        ),
        degraded=degraded,
        learning=learning,
    )


def join(groups: Sequence[Judged]) -> Judged:
    """Return what came of all ``groups`` of watches, one after the other."""

    def joined(name: str) -> NDArray[Any]:
        return np.concatenate([getattr(group, name) for group in groups])

    return Judged(
        expected=joined("expected"),
        shape=joined("shape"),
        probability=joined("probability"),
        false_alerts_per_month=joined("false_alerts_per_month"),
        exceeds=joined("exceeds"),
        elevated=joined("elevated"),
        degraded=joined("degraded"),
        learning=any(group.learning for group in groups),
    )


def usual_windows(baseline: Baseline, from_h: float, window_h: float, count: int) -> Floats:
    """Return what is usual in the ``count`` windows of which the last begins at ``from_h``.

    By row of the baseline: (watches, count).
    """
    begins = [from_h - back * window_h for back in range(count - 1, -1, -1)]
    return np.stack([_over(baseline.rate, begin, window_h) for begin in begins], axis=1)


def _high(counted: Counted, expected: Floats, limits: Limits, ratio: Floats) -> Flags:
    enough: Flags = counted.stories >= np.maximum(limits.min_articles, ratio * expected)
    return enough


def _expected(baseline: Baseline, counted: Counted) -> Floats:
    """Return the stories expected, by what else was read in the window and by who is alive.

    The rest of coverage tells how much was read; a watch's own spike must not make it expected.
    """
    rate = _over(baseline.rate, counted.from_h, counted.window_h)
    volume = _over(baseline.volume[None, :], counted.from_h, counted.window_h)
    rest_usual = np.maximum(volume - rate, 0.0)
    rest = np.maximum(counted.volume - counted.stories, 0.0)
    scale = (rest + _STEADY_STORIES * baseline.trend) / (rest_usual + _STEADY_STORIES)
    return np.maximum(rate * scale * counted.alive / max(counted.volume_alive, 0.05), 1e-6)


def _over(rates: Floats, from_h: float, window_h: float) -> Floats:
    """Return the integral of hourly ``rates`` (rows, 168) over a window, hours in part too."""
    edges = np.arange(int(np.floor(from_h)), int(np.ceil(from_h + window_h)))
    begins = np.maximum(edges, from_h)
    parts = np.minimum(edges + 1, from_h + window_h) - begins
    total: Floats = rates[:, edges % WEEK_H] @ parts
    return total


def alerts_a_month(
    stories: Floats, expected: Floats, shape: Floats, probability: Floats, window_h: float
) -> Floats:
    """Return how many alerts a month chance would raise if ``stories`` were the limit.

    A window that slides is looked at more often than once in its length. A count is reached anew
    stories * P(stories) times in a window's length, and of these the part is a beginning that the
    rate, given that count, does not lead back to it at once (Aldous' clumping, for a mixture of
    Poisson processes). That is never less than if windows did not overlap.
    """
    point = probability_of(stories, expected, shape)
    beginnings = point * np.abs(stories - expected) / (1 + expected / shape)
    alerts: Floats = np.maximum(probability, beginnings) * MONTH_H / window_h
    return alerts


def discoveries(judged: Judged, limits: Limits, total_per_month: float) -> Flags:
    """Return which of the watches that exceed may alert when all of them are looked at together.

    All watches may raise ``total_per_month`` false alerts together. If their own budgets add up to
    more, they are cut alike; but the more of them exceed at once, the less of them is chance: so
    many times the cut limit holds (Benjamini and Hochberg's step-up, weighted by the budgets).
    """
    budgets = limits.false_alerts_per_month
    cut = min(1.0, total_per_month / float(budgets.sum()))
    used = np.where(judged.exceeds, judged.false_alerts_per_month / budgets, np.inf)
    rank: NDArray[Any] = np.arange(1, len(used) + 1)
    within = np.sort(used) <= np.minimum(cut * rank, 1.0)
    if not within.any():
        return np.zeros(len(used), dtype=np.bool_)
    limit = min(cut * (int(np.flatnonzero(within)[-1]) + 1), 1.0)
    allowed: Flags = used <= limit
    return allowed
