"""Fifty-eight days of quiet coverage of 3000 subjects, and twenty that nobody ever wrote of before.

Subjects are as unequal as words are, they have the hours of the day, and each wavers by itself.
Four weeks are learned from, thirty days are judged every half hour.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from numpy.typing import NDArray

from services.alert.config import AlertSettings
from services.alert.core.baseline import HISTORY_H, learn
from services.alert.core.evaluate import limits_of
from services.alert.core.incidents import Evaluation, Incident, follow
from services.alert.core.judge import Counted, discoveries, judge
from services.alert.core.subjects import MIN_STORIES, WINDOW, subject_told
from services.contract.alerts import AlertedWatch

SUBJECTS, NEW, SOURCES = 3_000, 20, 30
JUDGED_H = 30 * 24
WINDOW_H = WINDOW // timedelta(hours=1)
BUDGET = AlertSettings.model_fields["emerging_false_alerts_per_month"].default
START = datetime(2026, 1, 1, tzinfo=UTC)
SUBJECT = subject_told(
    AlertedWatch(id="s", title="م", title_en="s", query="x", kind="emerging", severity="info")
)


@dataclass(frozen=True, slots=True)
class Told:
    """When each subject was told of, in hours after the beginning, and when the new ones begin."""

    at_h: dict[int, list[float]]
    began_h: NDArray[np.int64]


@pytest.fixture(scope="module")
def told() -> Told:
    chance = np.random.default_rng(11)
    hours = HISTORY_H + JUDGED_H
    began = chance.integers(HISTORY_H + 1, hours - 2 * WINDOW_H, NEW)
    rate = np.zeros((SUBJECTS + NEW, hours))
    rate[:SUBJECTS] = 4 / np.arange(1, SUBJECTS + 1)[:, None]
    rate *= 1 + 0.8 * np.sin(np.arange(hours) * 2 * np.pi / 24)
    rate *= np.repeat(chance.gamma(10, 0.1, (SUBJECTS + NEW, hours // 6)), 6, axis=1)
    for row, begins in enumerate(began, start=SUBJECTS):
        rate[row, begins : begins + WINDOW_H] = 6
    halves = chance.poisson(np.repeat(rate / 2, 2, axis=1)).astype(np.uint8)
    return Told(_judged_every_half_hour(halves, chance), began)


def _judged_every_half_hour(
    halves: NDArray[np.uint8], chance: np.random.Generator
) -> dict[int, list[float]]:
    """Return when each subject is told of, given its stories by the half hour."""
    hourly = halves.reshape(len(halves), -1, 2).sum(axis=2).astype(float)
    volume = hourly.sum(axis=0)
    incidents: dict[int, Incident] = {}
    fired: dict[int, list[float]] = {}
    for end in range(2 * (HISTORY_H + WINDOW_H), halves.shape[1]):
        window = halves[:, end - 2 * WINDOW_H : end].sum(axis=1).astype(float)
        rows = np.union1d(np.flatnonzero(window >= MIN_STORIES), _going_on(incidents))
        if not rows.size:
            continue
        hour = end // 2 - WINDOW_H
        past = slice(hour - HISTORY_H, hour)
        counted = Counted(
            from_h=(end % 2) / 2,
            window_h=WINDOW_H,
            stories=window[rows],
            sources=np.array(
                [float(len(set(chance.integers(0, SOURCES, int(n))))) for n in window[rows]]
            ),
            volume=float(window.sum()),
            alive=np.ones(len(rows)),
            volume_alive=1.0,
        )
        limits = limits_of([SUBJECT] * len(rows))
        judged = judge(learn(hourly[rows, past], volume[past], WINDOW_H), counted, limits)
        tells = discoveries(judged, limits, BUDGET * len(rows) / len(halves))
        for at, row in enumerate(rows):
            evaluation = Evaluation(
                at=START + timedelta(hours=end / 2),
                stories=int(window[row]),
                exceeds=bool(tells[at]),
                elevated=bool(judged.elevated[at]),
                degraded=False,
            )
            incident, happening = follow(incidents.get(row), evaluation, SUBJECT)
            if incident is not None:
                incidents[row] = incident
            if happening == "fired":
                fired.setdefault(int(row), []).append(end / 2)
    return fired


def _going_on(incidents: dict[int, Incident]) -> NDArray[np.int64]:
    return np.array([row for row, one in incidents.items() if one.ended_at is None], dtype=int)


@pytest.mark.slow
def test_what_chance_raises_is_within_the_budget(told: Told) -> None:
    false = sum(len(at) for row, at in told.at_h.items() if row < SUBJECTS)
    print(f"\nfalse alerts in 30 days: {false}, budget {BUDGET:g}")
    assert false <= BUDGET


@pytest.mark.slow
def test_what_nobody_wrote_of_before_is_told_within_a_window(told: Told) -> None:
    delays = [
        told.at_h.get(row, [np.inf])[0] - begins
        for row, begins in enumerate(told.began_h, start=SUBJECTS)
    ]
    print(f"\nhours until a new subject is told: median {np.median(delays)}, most {max(delays)}")
    assert max(delays) <= WINDOW_H
    assert all(len(told.at_h[row]) == 1 for row in range(SUBJECTS, SUBJECTS + NEW))
