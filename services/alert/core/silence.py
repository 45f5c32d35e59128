"""Which sources are silent, and how much of what a watch usually has comes from the others.

A count says less while sources are missing: judge.py expects so much less, and calls it degraded.
"""

import numpy as np

from services.alert.core.tails import Flags, Floats, at_most

_SILENT_BELOW = 0.01
"""A source is silent when chance makes it so quiet so seldom."""

_RHYTHM_SHAPE = 3.0
"""Sources keep hours and holidays of their own: a Poisson process would be silent every night."""

_PRIOR_STORIES = 10.0
"""So many stories of a watch say as much about where it is written of as all coverage does."""


def silent(stories: Floats, volume: Floats, quiet_h: Floats) -> Flags:
    """Return which sources have been quiet for longer than they are by chance.

    ``stories`` are those of each source in the hours of ``volume`` (all coverage by the hour, the
    last hour last), ``quiet_h`` the hours since each was last heard of. One that had no story in
    all that time is not expected to have any.
    """
    last_first = np.concatenate([[0.0], np.cumsum(volume[::-1])])
    missed = np.interp(quiet_h, np.arange(len(last_first)), last_first)
    expected = stories * missed / max(float(volume.sum()), 1e-9)
    nothing, shape = np.zeros_like(expected), np.full_like(expected, _RHYTHM_SHAPE)
    quiet: Flags = at_most(nothing, np.maximum(expected, 1e-9), shape) < _SILENT_BELOW
    return quiet


def alive_shares(by_source: Floats, stories: Floats, are_silent: Flags) -> Floats:
    """Return which share of each watch's usual stories comes from sources that are not silent.

    ``by_source`` are the stories of each watch by source (watches, sources), ``stories`` those of
    all coverage by source: of watches with few stories these say more.
    """
    usual = stories / max(float(stories.sum()), 1e-9)
    believed = by_source + _PRIOR_STORIES * usual
    shares: Floats = 1 - believed[:, are_silent].sum(axis=1) / np.maximum(
        believed.sum(axis=1), 1e-9
    )
    return shares
