"""From which count on a watch would have alerted, wherever it was looked at."""

from collections.abc import Sequence

import numpy as np

from services.alert.core.history import HOUR
from services.alert.core.judge import alerts_a_month
from services.alert.core.tails import Floats, at_least, at_most
from services.alert.core.watches import Watch

_HALVINGS = 20
"""A limit is looked for among 2**20 counts: there is none beyond."""


def limits(watch: Watch, expected: Floats, shape: Floats, budget: float) -> Floats:
    """Return the least stories that are a spike, or the most that are a drop; nan: none are.

    ``expected`` and ``shape`` are those of windows of ``watch``, ``budget`` the false alerts a
    month that it may raise. Sources, silence and a short history may ask for more.
    """
    rises = watch.kind == "spike"
    least = np.ceil(np.maximum(watch.min_articles, watch.min_ratio * expected))
    nearest = least if rises else np.floor(expected / watch.min_ratio)
    too_near = np.full(len(expected), -1.0)  # steps from the nearest that do not suffice
    enough = np.full(len(expected), 2.0**_HALVINGS - 1)
    for _ in range(_HALVINGS):
        steps = np.floor((too_near + enough) / 2)
        stories = nearest + steps if rises else np.maximum(nearest - steps, 0)
        tail = (at_least if rises else at_most)(stories, expected, shape)
        alerts = alerts_a_month(stories, expected, shape, tail, watch.window / HOUR)
        suffices = alerts <= budget
        enough, too_near = np.where(suffices, steps, enough), np.where(suffices, too_near, steps)
    falls: Floats = np.where(enough <= nearest, nearest - enough, np.nan)
    return np.asarray(nearest + enough) if rises else falls


def budget_of(watch: Watch, watches: Sequence[Watch], false_alerts_per_month: float) -> float:
    """Return what ``watch`` may raise if no other exceeds: all together may raise no more."""
    together = sum(one.false_alerts_per_month for one in watches)
    return watch.false_alerts_per_month * min(1.0, false_alerts_per_month / together)
