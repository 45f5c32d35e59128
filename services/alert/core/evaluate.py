"""One round: what was counted in the present, against what the past leads to expect."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

import numpy as np

from services.alert.core.baseline import Baseline, learn
from services.alert.core.counting import Heard
from services.alert.core.history import (
    HOUR,
    Past,
    full_hour,
    history_before,
    sources_of,
    stories_by_source,
)
from services.alert.core.incidents import Evaluation
from services.alert.core.judge import (
    Counted,
    Judged,
    Limits,
    discoveries,
    join,
    judge,
    usual_windows,
)
from services.alert.core.silence import alive_shares, silent
from services.alert.core.tails import Floats
from services.alert.core.watches import Watch
from services.contract.alerts import Figures, Point

SPARK_POINTS = 24


@dataclass(frozen=True, slots=True)
class Present:
    """What was counted in the windows that end ``until``.

    ``stories`` and ``sources`` are of each watch in its window, ``volume`` is all coverage by the
    length of the window.
    """

    until: datetime
    stories: Sequence[int]
    sources: Sequence[int]
    volume: Mapping[timedelta, int]
    heard: Heard


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a round says of one watch; ``usual`` is what was expected in the windows before.

    ``shape`` is how certain the expected count is.
    """

    evaluation: Evaluation
    figures: Figures
    usual: Floats
    shape: float


class Expectations:
    """What the past of all coverage and of each watch leads to expect: learnt once an hour."""

    def __init__(self, coverage: Past, watched: Sequence[Past]) -> None:
        self._coverage = coverage
        self._hours = np.array([past.hours for past in watched]).reshape(
            len(watched), coverage.hours.size
        )
        self._sources = sources_of([coverage])
        self._by_source = stories_by_source([coverage, *watched], self._sources)
        self._learnt: dict[tuple[timedelta, datetime], Baseline] = {}

    def of(self, window: timedelta, rows: Sequence[int], until: datetime) -> tuple[Baseline, float]:
        """Return what is expected of the watches in ``rows``, and where the window begins in it."""
        ends = full_hour(until - window)
        key = (window, ends)
        if key not in self._learnt:
            after = (self._coverage.until - ends) // HOUR
            self._learnt[key] = learn(
                history_before(self._hours[rows], after),
                history_before(self._coverage.hours[None, :], after)[0],
                window / HOUR,
            )
        return self._learnt[key], (until - window - ends) / HOUR

    def alive(self, heard: Heard, until: datetime) -> tuple[Floats, float]:
        """Return the share of each watch's usual stories whose sources are not silent, of all, too.

        A source that has not been heard of in all that time is not expected to be.
        """
        if not self._sources:
            return np.ones(len(self._hours)), 1.0
        quiet_h = np.array(
            [(until - heard.last.get(source, until)) / HOUR for source in self._sources]
        )
        stories = self._by_source[0]
        gone = silent(stories, self._coverage.hours, quiet_h)
        shares = alive_shares(self._by_source, stories, gone)
        return shares[1:], float(shares[0])


def evaluate(
    watches: Sequence[Watch],
    expectations: Expectations,
    present: Present,
    false_alerts_per_month: float,
) -> list[Verdict]:
    """Return what is to be said of each of ``watches``.

    Together they may raise ``false_alerts_per_month`` by mere chance.
    """
    if not watches:
        return []
    alive, volume_alive = expectations.alive(present.heard, present.until)
    by_window = sorted(range(len(watches)), key=lambda at: watches[at].window)
    judged: list[Judged] = []
    usual: list[Floats] = []
    for window, group in groupby(by_window, key=lambda at: watches[at].window):
        rows = list(group)
        baseline, from_h = expectations.of(window, rows, present.until)
        counted = Counted(
            from_h=from_h,
            window_h=window / HOUR,
            stories=np.array([float(present.stories[at]) for at in rows]),
            sources=np.array([float(present.sources[at]) for at in rows]),
            volume=float(present.volume[window]),
            alive=alive[rows],
            volume_alive=volume_alive,
        )
        judged.append(judge(baseline, counted, limits_of([watches[at] for at in rows])))
        usual += list(usual_windows(baseline, from_h, window / HOUR, SPARK_POINTS))
    together = join(judged)
    limits = limits_of([watches[at] for at in by_window])
    fires = discoveries(together, limits, false_alerts_per_month)
    verdicts = {
        at: _verdict(present, at, together, row, bool(fires[row]), usual[row])
        for row, at in enumerate(by_window)
    }
    return [verdicts[at] for at in range(len(watches))]


def _verdict(
    present: Present, at: int, judged: Judged, row: int, fires: bool, usual: Floats
) -> Verdict:
    """Return what is said of the watch ``at``, which is judged in ``row``."""
    figures = Figures(
        stories=present.stories[at],
        sources=present.sources[at],
        expected=float(judged.expected[row]),
        probability=float(judged.probability[row]),
        false_alerts_per_month=float(judged.false_alerts_per_month[row]),
        learning=judged.learning,
        degraded=bool(judged.degraded[row]),
    )
    evaluation = Evaluation(
        at=present.until,
        stories=figures.stories,
        exceeds=fires,
        elevated=bool(judged.elevated[row]),
        degraded=figures.degraded,
    )
    return Verdict(evaluation, figures, usual, float(judged.shape[row]))


def limits_of(watches: Sequence[Watch]) -> Limits:
    """Return what each of ``watches`` asks of an alert."""
    return Limits(
        min_articles=np.array([float(watch.min_articles) for watch in watches]),
        min_sources=np.array([float(watch.min_sources) for watch in watches]),
        min_ratio=np.array([watch.min_ratio for watch in watches]),
        false_alerts_per_month=np.array([watch.false_alerts_per_month for watch in watches]),
        drop=np.array([watch.kind == "drop" for watch in watches]),
    )


def sparkline(verdict: Verdict, watch: Watch, stories: Mapping[datetime, int]) -> tuple[Point, ...]:
    """Return the window and those before it; ``stories`` were counted in each, by its end."""
    at = verdict.evaluation.at
    ends = [at - back * watch.window for back in range(SPARK_POINTS - 1, 0, -1)]
    before = [
        Point(at=end, stories=stories.get(end, 0), expected=float(expected))
        for end, expected in zip(ends, verdict.usual[:-1], strict=True)
    ]
    last = Point(at=at, stories=verdict.figures.stories, expected=verdict.figures.expected)
    return (*before, last)
