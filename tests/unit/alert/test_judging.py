"""What is expected of watches, and what is too much or too little of it."""

from dataclasses import replace

import numpy as np
import pytest

from services.alert.core.baseline import HISTORY_H, WEEK_H, Baseline, learn
from services.alert.core.judge import Counted, Judged, Limits, alerts_a_month, discoveries, judge
from services.alert.core.tails import MAX_SHAPE, at_least

DAY = np.where(np.arange(24) < 8, 10.0, 50.0)
VOLUME = np.tile(DAY, 28)
"""Four weeks of all coverage by the hour: ten stories an hour in the night, fifty in the day."""


def history(a_day_hour: float) -> np.ndarray:
    """A watch with so many stories an hour in the day, and its share of the night's."""
    return VOLUME * a_day_hour / 50


def learned(*counts: np.ndarray, volume: np.ndarray = VOLUME, window_h: float = 1.0) -> Baseline:
    return learn(np.stack(counts), volume, window_h)


def limits(watches: int = 1, drop: bool = False, budget: float = 0.1) -> Limits:
    return Limits(
        min_articles=np.full(watches, 3.0),
        min_sources=np.full(watches, 2.0),
        min_ratio=np.full(watches, 2.0),
        false_alerts_per_month=np.full(watches, budget),
        drop=np.full(watches, drop),
    )


def counted(
    stories: float, hour: int = 12, volume: float | None = None, sources: float = 5
) -> Counted:
    """``stories`` in an hour in which the rest of coverage is as usual, or all is ``volume``."""
    return Counted(
        from_h=hour,
        window_h=1.0,
        stories=np.array([float(stories)]),
        sources=np.array([float(sources)]),
        volume=46.0 + stories if volume is None else volume,
        alive=np.ones(1),
        volume_alive=1.0,
    )


def test_the_hours_of_the_day_are_learned() -> None:
    baseline = learned(history(4))
    assert baseline.rate[0, 12] == pytest.approx(4, rel=0.15)
    assert baseline.rate[0, 3] == pytest.approx(0.8, rel=0.3)
    assert baseline.days == 28


def test_the_days_of_the_week_are_learned() -> None:
    friday = np.arange(HISTORY_H) // 24 % 7 == 5
    baseline = learned(np.where(friday, 0.1, 1.0) * history(10))
    assert baseline.rate[0, 5 * 24 + 12] < 0.4 * baseline.rate[0, 4 * 24 + 12]


def test_an_earlier_spike_is_not_expected_again() -> None:
    spiked = history(4).copy()
    spiked[2 * WEEK_H + 60 : 2 * WEEK_H + 66] += 40
    assert learned(spiked).rate[0] == pytest.approx(learned(history(4)).rate[0], rel=0.1)


def test_what_has_been_so_for_days_is_no_spike_to_leave_out() -> None:
    risen = history(1).copy()
    risen[-10 * 24 :] *= 8
    assert learned(risen).rate[0, 12] > 3


def test_an_outage_of_everything_teaches_nothing() -> None:
    silent, volume = history(4).copy(), VOLUME.copy()
    silent[3 * WEEK_H : 3 * WEEK_H + 48] = volume[3 * WEEK_H : 3 * WEEK_H + 48] = 0
    assert learned(silent, volume=volume).rate[0] == pytest.approx(
        learned(history(4)).rate[0], rel=0.1
    )


def test_a_watch_that_varies_is_less_certain() -> None:
    chance = np.random.default_rng(1)
    steady = chance.poisson(np.tile(10.0, HISTORY_H)).astype(float)
    restless = chance.poisson(10 * chance.gamma(2, 0.5, HISTORY_H)).astype(float)
    shape = learned(steady, restless, volume=np.full(HISTORY_H, 50.0)).shape
    assert shape[0] > 5 * shape[1]


def test_a_spike_exceeds_and_the_usual_does_not() -> None:
    baseline = learned(history(4))
    usual, spike = (judge(baseline, counted(stories), limits()) for stories in (4, 25))
    assert not usual.exceeds[0]
    assert spike.exceeds[0]
    assert spike.expected[0] == pytest.approx(4, rel=0.2)
    assert spike.false_alerts_per_month[0] < 0.1 < usual.false_alerts_per_month[0]


@pytest.mark.parametrize(
    ("changed", "value"),
    [("min_articles", 30.0), ("min_sources", 6.0), ("min_ratio", 8.0)],
)
def test_a_spike_is_as_large_as_the_watch_asks(changed: str, value: float) -> None:
    asked = replace(limits(), **{changed: np.array([value])})
    assert not judge(learned(history(4)), counted(25), asked).exceeds[0]


def test_what_is_much_by_night_is_usual_by_day() -> None:
    baseline = learned(history(5))
    assert judge(baseline, counted(10, hour=3, volume=15), limits()).exceeds[0]
    assert not judge(baseline, counted(10, hour=12), limits()).exceeds[0]


def test_when_everything_is_more_a_watch_is_not_a_spike() -> None:
    """After an outage of our own, all that was missed is read at once."""
    baseline = learned(history(4))
    assert judge(baseline, counted(16, volume=54), limits()).exceeds[0]
    caught_up = judge(baseline, counted(16, volume=250), limits())
    assert not caught_up.exceeds[0]
    assert caught_up.expected[0] > 12


def test_a_watch_s_own_spike_does_not_make_it_expected() -> None:
    baseline = learned(history(4))
    judged = judge(baseline, counted(60, volume=106), limits())
    assert judged.expected[0] == pytest.approx(4, rel=0.2)


def test_of_sources_that_are_silent_nothing_is_expected() -> None:
    baseline = learned(history(8))
    half = replace(counted(4, volume=45), alive=np.array([0.5]), volume_alive=0.9)
    judged = judge(baseline, half, limits())
    assert judged.degraded[0]
    assert judged.expected[0] == pytest.approx(4, rel=0.2)


def test_silence_is_a_drop_unless_its_sources_are_silent() -> None:
    baseline = learned(history(20))
    silent = judge(baseline, counted(0, volume=30), limits(drop=True))
    assert silent.exceeds[0]
    missing = replace(counted(0, volume=30), alive=np.array([0.3]), volume_alive=0.9)
    assert not judge(baseline, missing, limits(drop=True)).exceeds[0]
    assert not judge(learned(history(2)), counted(0, volume=48), limits(drop=True)).exceeds[0]


def test_a_short_history_says_that_it_is_learning() -> None:
    volume = VOLUME.copy()
    volume[: -3 * 24] = 0
    short = np.where(volume > 0, history(4), 0)
    baseline = learned(short, volume=volume)
    judged = judge(baseline, counted(40), limits())
    assert (baseline.days, judged.learning) == (3, True)
    assert judged.exceeds[0]
    assert not judge(learned(history(20)), counted(40), limits()).learning
    assert not judge(baseline, counted(0, volume=46), limits(drop=True)).exceeds[0]


def test_on_the_first_day_nothing_is_surprising() -> None:
    volume = np.zeros(HISTORY_H)
    volume[-12:] = 50
    baseline = learned(np.zeros(HISTORY_H), volume=volume)
    assert not judge(baseline, counted(40), limits()).exceeds[0]


def test_before_any_history_there_is_no_error() -> None:
    empty = np.zeros(HISTORY_H)
    assert not judge(learned(empty, volume=empty), counted(4, volume=4), limits()).exceeds[0]


def test_a_larger_budget_is_more_sensitive() -> None:
    baseline = learned(history(4))
    least = [
        next(
            stories for stories in range(100) if judge(baseline, counted(stories), asked).exceeds[0]
        )
        for asked in (limits(budget=0.01), limits(budget=0.1), limits(budget=1), limits(budget=10))
    ]
    assert least == sorted(least, reverse=True)
    assert least[0] > least[-1]


@pytest.mark.parametrize(("mean", "limit"), [(0.2, 3), (2, 7), (10, 20)])
def test_the_alerts_of_chance_are_as_many_as_said(mean: float, limit: int) -> None:
    """A window of an hour that slides over Poisson's arrivals, for three thousand months."""
    hours = 3_000 * 720 if mean < 1 else 200 * 720
    chance = np.random.default_rng(7)
    arrivals = np.sort(chance.uniform(0, hours, chance.poisson(mean * hours)))
    inside = np.arange(1, len(arrivals) + 1) - np.searchsorted(arrivals, arrivals - 1)
    reached = arrivals[inside >= limit]
    beginnings = 1 + int((np.diff(reached) > 1).sum())
    asked = [np.array([number]) for number in (float(limit), mean, MAX_SHAPE)]
    said = alerts_a_month(*asked, at_least(*asked), window_h=1.0)[0] * hours / 720
    assert beginnings == pytest.approx(said, rel=0.25)


def exceeding(*false_alerts: float) -> Judged:
    count = len(false_alerts)
    return Judged(
        expected=np.ones(count),
        shape=np.ones(count),
        probability=np.ones(count),
        false_alerts_per_month=np.array(false_alerts),
        exceeds=np.array(false_alerts) <= 0.1,
        elevated=np.ones(count, dtype=np.bool_),
        degraded=np.zeros(count, dtype=np.bool_),
        learning=False,
    )


def test_many_watches_share_the_budget_of_all() -> None:
    one_doubtful = exceeding(0.05, *[50.0] * 99)
    assert discoveries(one_doubtful, limits(100), total_per_month=10).tolist()[0]
    assert not discoveries(one_doubtful, limits(100), total_per_month=1).any()
    assert discoveries(exceeding(0.005, *[50.0] * 99), limits(100), total_per_month=1)[0]


def test_the_more_watches_exceed_the_more_of_them_are_believed() -> None:
    many = exceeding(*[0.05] * 10, *[50.0] * 90)
    assert discoveries(many, limits(100), total_per_month=1).tolist() == [True] * 10 + [False] * 90
