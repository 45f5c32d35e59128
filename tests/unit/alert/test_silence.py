"""Sources that fall silent are noticed, those that keep their own hours are not."""

import numpy as np
import pytest

from services.alert.core.silence import alive_shares, silent

DAY = np.where(np.arange(24) < 8, 10.0, 50.0)
VOLUME = np.tile(DAY, 28)  # ends at midnight


def is_silent(a_day: float, quiet_h: float, volume: np.ndarray = VOLUME) -> bool:
    days = len(volume) / 24
    return bool(silent(np.array([a_day * days]), volume, np.array([quiet_h]))[0])


@pytest.mark.parametrize(
    ("a_day", "quiet_h", "expected"),
    [(40, 1, False), (40, 24, True), (5, 24, False), (5, 96, True), (0.3, 120, False)],
    ids=["busy, just heard", "busy, a day", "small, a day", "small, days", "seldom, days"],
)
def test_a_source_is_silent_when_it_is_quiet_for_longer_than_chance_makes_it(
    a_day: float, quiet_h: float, expected: bool
) -> None:
    assert is_silent(a_day, quiet_h) is expected


def test_a_night_is_no_silence() -> None:
    by_night, by_day = np.roll(VOLUME, -8), VOLUME  # the last eight hours are of the night, the day
    assert not is_silent(40, 8, by_night)
    assert is_silent(40, 8, by_day)


def test_a_source_that_never_wrote_is_not_missed() -> None:
    assert not is_silent(0, 672)


def test_a_source_that_has_been_away_for_longer_than_the_history_is_no_error() -> None:
    assert is_silent(1, 5_000)


def test_without_any_coverage_nobody_is_missed() -> None:
    assert not is_silent(0, 3, np.zeros(672))


def test_a_watch_loses_the_share_that_silent_sources_have_in_it() -> None:
    stories = np.array([600.0, 300.0, 100.0])
    by_source = np.array([[0.0, 500.0, 500.0], [600.0, 300.0, 100.0], [0.0, 0.0, 0.0]])
    shares = alive_shares(by_source, stories, np.array([False, True, False]))
    assert shares == pytest.approx([0.5, 0.7, 0.7], abs=0.005)


def test_when_nobody_is_silent_nothing_is_lost() -> None:
    shares = alive_shares(np.ones((2, 3)), np.ones(3), np.zeros(3, dtype=np.bool_))
    assert shares.tolist() == [1.0, 1.0]


def test_when_all_are_silent_nothing_is_left() -> None:
    shares = alive_shares(np.ones((2, 3)), np.ones(3), np.ones(3, dtype=np.bool_))
    assert shares == pytest.approx([0.0, 0.0])
