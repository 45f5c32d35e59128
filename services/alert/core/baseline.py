"""What is expected of each watch: from its hours of the last four weeks, whatever spiked in them.

A watch is taken to have its share of all coverage, more at some hours of the week than at others.
Where a watch has too few stories to tell its hours, those of all coverage count. Hours in which
little or nothing was read (an outage) weigh as little as was read in them.
"""

from dataclasses import dataclass

import numpy as np

from services.alert.core.tails import MAX_SHAPE, Flags, Floats

WEEK_H = 168
HISTORY_H = 4 * WEEK_H

# The constants below were chosen on seeds 1 and 2 of tests/quality/alert, as few false alerts as
# the budget asks for coming before recall.
_HALF_LIFE_H = 14 * 24.0
_HALF_A_STORY = 0.5  # Jeffreys' prior: nothing seen in four weeks is not a rate of nothing

_STEADY_STORIES = 30.0
"""So many stories the usual volume weighs when an hour's own is told from what was read in it."""

_PRIOR_STORIES = 8.0
"""So many stories of an hour of the day (or of the week) must differ to be half believed."""

_USUAL_DISPERSION = 0.1
_DISPERSION_WEIGHT = 500.0
"""What a watch's own dispersion is measured against: the squares of so many expected stories."""

_CAP_DEVIATIONS = 4.0
_STRETCH_H = 7
_MOST_SPIKED = 0.2
_ROUNDS = 2

_LATE_H = 8
"""The hours whose counts say how a watch wavers at present: without them, a third more
false alerts."""


@dataclass(frozen=True, slots=True)
class Baseline:
    """What is known of all watches at the end of the history; the arrays' first axis is the watch.

    ``rate`` is stories an hour in each of the 168 hours that follow the history, at the ``volume``
    of all coverage that is usual in them; ``trend`` is what part of it was read in the
    last day; ``shape`` is how certain the rates are; ``days`` is how long the history is.
    """

    rate: Floats  # (watches, 168)
    volume: Floats  # (168,)
    trend: float
    shape: Floats  # (watches,)
    days: float


def learn(counts: Floats, volume: Floats, window_h: float) -> Baseline:
    """Return what ``counts`` of stories an hour (watches, HISTORY_H) lead to expect.

    The last hour is the one before the window that is to be judged; ``volume`` are the stories of
    all coverage in the same hours, 0 before there was any. ``window_h`` are the hours counted over.
    """
    known = _known(volume)
    usual = _usual_volume(volume, known)
    whole = np.tile(usual, HISTORY_H // WEEK_H)
    exposure = np.where(known, whole * (volume + _STEADY_STORIES) / (whole + _STEADY_STORIES), 0.0)
    exposure *= volume > 0
    weight = 0.5 ** (np.arange(HISTORY_H)[::-1] / _HALF_LIFE_H) * known
    expected = _quiet_share(counts, exposure)[:, None] * exposure
    for _ in range(_ROUNDS):
        usual_hours = _usual_hours(counts, expected)
        share, hours, evidence = _shares(counts * usual_hours, exposure * usual_hours, weight)
        expected = share[:, None] * np.tile(hours, HISTORY_H // WEEK_H) * exposure
    dispersion = _dispersion(counts * usual_hours, expected * usual_hours, window_h)
    day = slice(-24, None)
    return Baseline(
        rate=(share * _of_late(counts, expected, dispersion))[:, None] * hours * usual,
        volume=usual,
        trend=float((volume[day].sum() + _STEADY_STORIES) / (whole[day].sum() + _STEADY_STORIES)),
        shape=np.minimum(1 / (dispersion + 1 / (evidence + _HALF_A_STORY)), MAX_SHAPE),
        days=float(known.sum() / 24),
    )


def _known(volume: Floats) -> Flags:
    """Return which hours are not before the first story."""
    return np.logical_or.accumulate(volume > 0)


def _usual_volume(volume: Floats, known: Flags) -> Floats:
    """Return the median of each hour of the week, of the day where that is not known, smoothed."""
    heard = np.where(known, volume, np.nan)
    days = heard.reshape(-1, 24)
    weeks = heard.reshape(-1, WEEK_H)
    of_week = _median(weeks, np.tile(_median(days, np.full(24, volume.mean())), 7))
    return np.maximum(_smooth(of_week), 1e-3)


def _median(rows: Floats, otherwise: Floats) -> Floats:
    found = ~np.isnan(rows).all(axis=0)
    median = otherwise.copy()
    median[found] = np.nanmedian(rows[:, found], axis=0)
    return median


def _smooth(cycle: Floats) -> Floats:
    """Return the mean of each hour and its neighbours, which stand on both sides of the cycle."""
    return (np.roll(cycle, 1, axis=-1) + 2 * cycle + np.roll(cycle, -1, axis=-1)) / 4


def _shares(counts: Floats, exposure: Floats, weight: Floats) -> tuple[Floats, Floats, Floats]:
    """Return each watch's share of coverage, its hours of the week, and the stories that say so.

    The hours are factors around 1: first of the hour of the day, then of the hour of the week.
    """
    weighted, exposed = counts * weight, exposure * weight
    evidence = weighted.sum(axis=1)
    share = (evidence + _HALF_A_STORY) / np.maximum(exposed.sum(axis=1), 1e-9)
    seen, possible = _by_hour(weighted, WEEK_H), _by_hour(exposed, WEEK_H)
    expected = share[:, None] * possible
    of_day = _factor(_by_hour(seen, 24), _by_hour(expected, 24))
    hours = np.tile(of_day, 7)
    hours = hours * _factor(seen, expected * hours)
    share = share * (evidence + _HALF_A_STORY) / (share * (hours * possible).sum(axis=1) + 1e-9)
    return share, hours, evidence


def _by_hour(rows: Floats, cycle: int) -> Floats:
    summed: Floats = rows.reshape(len(rows), -1, cycle).sum(axis=1)
    return summed


def _factor(seen: Floats, expected: Floats) -> Floats:
    return (_smooth(seen) + _PRIOR_STORIES) / (_smooth(expected) + _PRIOR_STORIES)


def _quiet_share(counts: Floats, exposure: Floats) -> Floats:
    """Return each watch's share of coverage in all but its busiest twentieth of the hours."""
    busy = HISTORY_H - HISTORY_H // 20
    quiet = np.partition(counts, busy, axis=1)[:, :busy]
    share: Floats = quiet.sum(axis=1) / max(float(exposure.sum()) * busy / HISTORY_H, 1e-9)
    return share


def _usual_hours(counts: Floats, expected: Floats) -> Floats:
    """Return 1 for the hours to learn from and 0 for earlier spikes, which are not expected again.

    What is so for more than a fifth of the time is no spike but what is usual now.
    """
    spiked = counts > _cap(expected)
    spiked |= _stretches(counts) > _cap(_stretches(expected))
    spiked &= (spiked.mean(axis=1) <= _MOST_SPIKED)[:, None]
    return np.where(spiked, 0.0, 1.0)


def _stretches(hours: Floats) -> Floats:
    """Return the sums over the hours around each, as many as a long spike lasts."""
    half = _STRETCH_H // 2
    running = np.cumsum(np.pad(hours, ((0, 0), (half + 1, half)), mode="reflect"), axis=1)
    return running[:, 2 * half + 1 :] - running[:, : -2 * half - 1]


def _cap(expected: Floats) -> Floats:
    """Return the most that chance gives."""
    cap: Floats = (
        expected + 1 + _CAP_DEVIATIONS * np.sqrt(expected + _USUAL_DISPERSION * expected**2)
    )
    return cap


def _dispersion(counts: Floats, expected: Floats, window_h: float) -> Floats:
    """Return by how much windows vary more than chance: their variance is m + dispersion * m**2.

    Where few stories tell, it is the usual one.
    """
    hours = round(max(window_h, 1.0))
    seen, mean = _windows(counts, hours), _windows(expected, hours)
    excess = ((seen - mean) ** 2 - mean).sum(axis=1) + _DISPERSION_WEIGHT * _USUAL_DISPERSION
    dispersion: Floats = np.maximum(excess / ((mean**2).sum(axis=1) + _DISPERSION_WEIGHT), 0.0)
    return dispersion


def _of_late(counts: Floats, expected: Floats, dispersion: Floats) -> Floats:
    """Return by how much the last hours were above or below what was expected, as far as believed.

    What varies by ``dispersion`` is a rate with a Gamma distribution of that variance: this is its
    mean, given the counts. What spiked in these hours counts as much as chance gives.
    """
    late = slice(-_LATE_H, None)
    seen = np.minimum(counts[:, late], _cap(expected[:, late])).sum(axis=1)
    usual = expected[:, late].sum(axis=1)
    prior = 1 / np.maximum(dispersion, 1e-3)
    factor: Floats = (seen + prior) / (usual + prior)
    return factor


def _windows(hours: Floats, window_h: int) -> Floats:
    """Return the sums over ``window_h`` hours, one window beginning in each hour that can."""
    running = np.cumsum(hours, axis=1)
    first = running[:, window_h - 1 :]
    return first - np.pad(running, ((0, 0), (1, 0)))[:, : first.shape[1]]
