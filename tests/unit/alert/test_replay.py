"""What would have fired in coverage that is made up here."""

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta

import numpy as np
import pytest

from services.alert.core.band import limits
from services.alert.core.picture import picture
from services.alert.core.replay import Replayed, Round, replay, would_be
from services.alert.core.sightings import Ints, Sightings
from services.alert.core.watches import QuietHours, Watch

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
STEP, HOUR, DAY = timedelta(minutes=10), timedelta(hours=1), timedelta(days=1)
PORTS = Watch(id="ports", title="الموانئ", title_en="Ports", query="ports")
SOURCES = ("one", "two", "three", "four")
EVEN = np.arange(-35 * 24 * 60, 24 * 60, 4)
"""Minutes from noon: fifteen articles an hour of everything, for five weeks and a day."""


def sightings(minutes: Sequence[int] | Ints) -> Sightings:
    at_ms = round(NOON.timestamp() * 1000) + np.array(minutes, dtype=np.int64) * 60_000
    number = np.arange(len(at_ms))
    return Sightings(at_ms, number, number % len(SOURCES), SOURCES)


def rounds_of(watch: Watch, minutes: Sequence[int] | Ints, hours: int = 24) -> list[Round]:
    """Return the rounds of ``watch`` from noon on, whose articles are seen at ``minutes``."""
    moments = [NOON + n * STEP for n in range(hours * 6 + 1)]
    coverage = sightings(np.append(EVEN, minutes))
    return replay([watch], coverage, {watch.id: sightings(minutes)}, moments, 5)[watch.id]


def at(minutes: int) -> datetime:
    return NOON + timedelta(minutes=minutes)


def test_a_spike_would_have_fired_once_as_late_as_its_first_articles_left_it() -> None:
    spike = range(121, 181, 5)  # one article in five minutes, for an hour
    rounds = rounds_of(PORTS, spike)
    (told,) = would_be(PORTS, rounds)
    assert told.onset == at(120), "the last window without any"
    assert at(130) < told.fired_at <= at(150)
    assert told.peak.figures.stories == 12
    assert told.ended_at is not None
    assert at(180) < told.ended_at <= at(240)
    assert [one.happening for one in rounds if one.happening] == ["fired", "escalated", "resolved"]


def test_a_round_counts_only_what_had_been_seen_by_then() -> None:
    spike = range(121, 181, 5)
    alone, and_later = rounds_of(PORTS, spike), rounds_of(PORTS, [*spike, *range(400, 800, 2)])
    assert and_later[:40] == alone[:40]
    assert and_later[50] != alone[50]


@pytest.mark.parametrize("kind", ["spike", "drop"])
def test_at_each_round_the_limit_is_what_would_have_been_enough(kind: str) -> None:
    watch = PORTS.model_copy(update={"kind": kind})
    usual = np.random.default_rng(4).integers(-35 * 24 * 60, 180, 35 * 24 * 12)
    rounds = rounds_of(watch, np.append(usual, np.arange(60, 130)), hours=6)
    expected = np.array([one.figures.expected for one in rounds])
    shape = np.array([one.shape for one in rounds])
    stories = np.array([one.figures.stories for one in rounds])
    chance = np.array([one.figures.false_alerts_per_month for one in rounds])
    limit = limits(watch, expected, shape, watch.false_alerts_per_month)
    is_enough = stories >= limit if kind == "spike" else stories <= limit
    is_far = stories >= 2 * expected if kind == "spike" else stories * 2 <= expected
    surprises = is_far & (chance <= watch.false_alerts_per_month)
    assert (is_enough == surprises).all()
    assert 0 < surprises.sum() < len(rounds)


def test_a_subject_that_falls_silent_would_have_fired_as_a_drop() -> None:
    watch = PORTS.model_copy(update={"kind": "drop"})
    until_three = np.random.default_rng(4).integers(-35 * 24 * 60, 180, 35 * 24 * 12)
    rounds = rounds_of(watch, until_three)
    (told,) = would_be(watch, rounds)
    assert told.onset is not None
    assert at(120) <= told.onset < told.fired_at <= at(240)
    assert (told.ended_at, told.peak.figures.stories) == (None, 0)


def test_no_count_is_a_drop_of_what_is_hardly_expected() -> None:
    rare = PORTS.model_copy(update={"kind": "drop"})
    assert np.isnan(limits(rare, np.array([0.5]), np.array([50.0]), 0.1)).all()


@pytest.mark.parametrize(("quiet_until", "fires_after"), [(15, 60), (17, 180)])
def test_in_quiet_hours_nobody_would_have_been_told(quiet_until: int, fires_after: int) -> None:
    quiet = QuietHours(start=time(13), end=time(quiet_until))
    watch = PORTS.model_copy(update={"quiet_hours": quiet, "timezone": "UTC"})
    told = would_be(watch, rounds_of(watch, range(125, 305, 5)))
    assert [one.fired_at >= at(fires_after) for one in told] == [True]
    assert told[0].onset == at(120)


def test_what_goes_on_from_the_first_round_has_no_onset() -> None:
    (told,) = would_be(PORTS, rounds_of(PORTS, range(-55, 60, 5)))
    assert (told.onset, told.fired_at) == (None, NOON)


def test_what_was_replayed_is_drawn_unless_nothing_was_read_in_all_that_time() -> None:
    rounds = rounds_of(PORTS, range(121, 181, 5))
    for some, panels in ((rounds, 1), ([rounds[3], rounds[3]], 0), ([], 0)):
        replayed = Replayed(PORTS, 0.1, some, would_be(PORTS, some))
        assert picture([replayed]).count("Ports") == panels
