"""The picture of what was replayed."""

from collections.abc import Sequence
from math import ceil

import numpy as np

from services.alert.core.band import limits
from services.alert.core.chart import Alerted, Panel, Point, chart
from services.alert.core.message import TRIPOLI
from services.alert.core.replay import Replayed, Round
from services.alert.core.tails import Floats

_MOST_POINTS = 900
"""More cannot be told apart in the width of a picture."""


def picture(replayed: Sequence[Replayed]) -> str:
    """Return SVG with a panel for each that has rounds to draw, in the time of Libya.

    Where nothing was read all the time, all windows end with the last article: that is no line.
    """
    drawn = [one for one in replayed if len({round_.at for round_ in one.rounds}) > 1]
    panels = [_panel(one) for one in drawn]
    return chart(panels, "Tripoli time · بتوقيت طرابلس")


def limits_in(replayed: Replayed, rounds: Sequence[Round]) -> Floats:
    """Return the count at which each of ``rounds`` would have alerted (band.py)."""
    expected = np.array([one.figures.expected for one in rounds])
    shape = np.array([one.shape for one in rounds])
    return limits(replayed.watch, expected, shape, replayed.budget)


def _panel(replayed: Replayed) -> Panel:
    watch, rounds = replayed.watch, _thinned(replayed)
    return Panel(
        title=watch.title,
        title_en=watch.title_en,
        points=[
            Point(one.at.astimezone(TRIPOLI), one.figures.stories, one.figures.expected, limit)
            for one, limit in zip(rounds, limits_in(replayed, rounds), strict=True)
        ],
        alerts=[Alerted(told.fired_at, told.ended_at) for told in replayed.would_be],
    )


def _thinned(replayed: Replayed) -> list[Round]:
    """Return at most as many rounds as can be drawn: of those side by side the most extreme."""
    rounds, worst = replayed.rounds, max if replayed.watch.kind == "spike" else min
    together = ceil(len(rounds) / _MOST_POINTS)
    rows = (rounds[at : at + together] for at in range(0, len(rounds), together))
    return [worst(row, key=lambda one: one.figures.stories) for row in rows]
