"""Ways to tell a spike, on the same counts: ours, an oracle's, and two that are widely used."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np

from services.alert.core.baseline import HISTORY_H, learn
from services.alert.core.incidents import Evaluation, Incident, follow
from services.alert.core.judge import Counted, Limits, alerts_a_month, discoveries, judge
from services.alert.core.tails import MAX_SHAPE, at_least
from services.alert.core.watches import Watch
from tests.quality.alert.counting import WINDOW, Counts
from tests.quality.alert.coverage import STEPS, STEPS_H, WATCHES, Flags, Floats, Spike

FIRST = HISTORY_H * STEPS_H + WINDOW
MONTHS = (STEPS - FIRST) / (30 * 24 * STEPS_H)
WATCH = Watch(id="simulated", title="م", title_en="s", query="x")
BUDGET = WATCH.false_alerts_per_month * WATCHES * MONTHS

_LIMITS = Limits(
    min_articles=np.full(WATCHES, float(WATCH.min_articles)),
    min_sources=np.full(WATCHES, float(WATCH.min_sources)),
    min_ratio=np.full(WATCHES, WATCH.min_ratio),
    false_alerts_per_month=np.full(WATCHES, WATCH.false_alerts_per_month),
    drop=np.zeros(WATCHES, dtype=np.bool_),
)
_START = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Verdicts:
    """Of each watch at each step: does it exceed, and is it elevated: (WATCHES, STEPS + 1)."""

    exceeds: Flags
    elevated: Flags


@dataclass(frozen=True, slots=True)
class Score:
    """What a rule found; ``false_by_watch`` are the alerts that no spike explains."""

    found: int
    spikes: int
    false_by_watch: tuple[int, ...]
    delays_h: tuple[float, ...]

    @property
    def recall(self) -> float:
        return self.found / self.spikes

    @property
    def false(self) -> int:
        return sum(self.false_by_watch)


def ours(counts: Counts) -> Verdicts:
    """Learn each hour from the four weeks before the window, judge each step."""
    exceeds = np.zeros((WATCHES, STEPS + 1), dtype=np.bool_)
    elevated = np.zeros_like(exceeds)
    baseline, learnt = None, -1
    everyone = np.ones(WATCHES)
    for step in range(FIRST, STEPS + 1):
        begins = step - WINDOW
        hour = begins // STEPS_H
        if baseline is None or hour != learnt:
            past = counts.hourly[:, hour - HISTORY_H : hour]
            baseline, learnt = learn(past[:WATCHES], past[WATCHES], WINDOW / STEPS_H), hour
        counted = Counted(
            from_h=begins / STEPS_H - hour,
            window_h=WINDOW / STEPS_H,
            stories=counts.stories[:WATCHES, step],
            sources=counts.sources[:WATCHES, step],
            volume=counts.stories[WATCHES, step],
            alive=everyone,
            volume_alive=1.0,
        )
        judged = judge(baseline, counted, _LIMITS)
        total = float(_LIMITS.false_alerts_per_month.sum())
        exceeds[:, step] = discoveries(judged, _LIMITS, total)
        elevated[:, step] = judged.elevated
    return Verdicts(exceeds, elevated)


def oracle(counts: Counts, truth: Floats) -> Callable[[float], Verdicts]:
    """Know the true rate of each moment; the limits and the way from budget to limit are ours.

    The rule is called with the false alerts a month that it may raise.
    """
    stories = counts.stories[:WATCHES]
    mean = np.maximum(truth, 1e-9)
    within = _within_limits(counts, mean)
    certain = np.full(int(within.sum()), MAX_SHAPE)
    seen = stories[within], mean[within], certain
    false_alerts = np.full_like(mean, np.inf)
    false_alerts[within] = alerts_a_month(*seen, at_least(*seen), WINDOW / STEPS_H)
    elevated = _elevated(stories, mean)
    return lambda budget: Verdicts(false_alerts <= budget, elevated)


def ratio_of_windows(counts: Counts) -> Callable[[float], Verdicts]:
    """ElastAlert2's spike: so many times the window before, and enough articles."""
    stories = counts.stories[:WATCHES]
    before = np.pad(stories, ((0, 0), (WINDOW, 0)))[:, : STEPS + 1]

    def rule(height: float) -> Verdicts:
        fires = (stories >= height * before) & (stories >= WATCH.min_articles)
        return Verdicts(fires, fires)

    return rule


def fixed_threshold(counts: Counts) -> Callable[[float], Verdicts]:
    """So many articles in a window, whatever is usual."""
    stories = counts.stories[:WATCHES]
    return lambda least: Verdicts(stories >= least, stories >= least)


def _within_limits(counts: Counts, mean: Floats) -> Flags:
    stories, sources = counts.stories[:WATCHES], counts.sources[:WATCHES]
    within: Flags = (
        (stories >= WATCH.min_articles)
        & (sources >= WATCH.min_sources)
        & (stories >= WATCH.min_ratio * mean)
    )
    return within


def _elevated(stories: Floats, mean: Floats) -> Flags:
    elevated: Flags = stories >= np.maximum(WATCH.min_articles, WATCH.min_ratio**0.5 * mean)
    return elevated


def held_to_budget(
    rule: Callable[[float], Verdicts], settings: Floats, counts: Counts, spikes: tuple[Spike, ...]
) -> tuple[float, Score]:
    """Return the loosest of ``settings`` (loose to strict) whose false alerts are within BUDGET."""
    for setting in settings:
        verdict = score(rule(float(setting)), counts, spikes)
        if verdict.false <= BUDGET:
            break
    return float(setting), verdict


def score(verdicts: Verdicts, counts: Counts, spikes: tuple[Spike, ...]) -> Score:
    """Return what comes of the verdicts when each watch is followed through its incidents."""
    judged = [spike for spike in spikes if spike.begins >= FIRST]
    found, delays, false = 0, [], []
    for watch in range(WATCHES):
        fired = _fired(verdicts, counts, watch)
        own = [spike for spike in spikes if spike.watch == watch]
        false.append(sum(not any(_explains(spike, step) for spike in own) for step in fired))
        for spike in judged:
            if spike.watch == watch:
                hits = [step for step in fired if _explains(spike, step)]
                found += bool(hits)
                delays += [(min(hits) - spike.begins) / STEPS_H] if hits else []
    return Score(found, len(judged), tuple(false), tuple(delays))


def _explains(spike: Spike, step: int) -> bool:
    """Return whether a window that ends at ``step`` can have stories of ``spike`` or its copies."""
    return spike.begins < step <= spike.ends + 4 * STEPS_H + WINDOW


def _fired(verdicts: Verdicts, counts: Counts, watch: int) -> list[int]:
    fired = []
    incident: Incident | None = None
    exceeds, elevated = verdicts.exceeds[watch], verdicts.elevated[watch]
    starts = np.flatnonzero(exceeds[FIRST:]) + FIRST
    step = 0
    for start in starts:
        if start < step:
            continue
        step = int(start)
        while step <= STEPS:
            evaluation = Evaluation(
                at=_START + timedelta(hours=step / STEPS_H),
                stories=int(counts.stories[watch, step]),
                exceeds=bool(exceeds[step]),
                elevated=bool(elevated[step]),
                degraded=False,
            )
            incident, happened = follow(incident, evaluation, WATCH)
            if happened == "fired":
                fired.append(step)
            step += 1
            if incident is None or incident.ended_at is not None:
                break
    return fired
