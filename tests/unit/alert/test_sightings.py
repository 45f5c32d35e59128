"""What is counted of articles that were read at once is what counting them one by one gives."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from services.alert.core.history import HOUR
from services.alert.core.sightings import Sightings

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
NAMES = ("one", "two", "three")
MINUTES = np.random.default_rng(5).integers(0, 8 * 60, 120)
STORIES = np.random.default_rng(6).integers(0, 40, 120)
SOURCES = np.random.default_rng(7).integers(0, 3, 120)
SPANS = [(0, 480), (0, 60), (60, 120), (100, 130), (300, 301), (470, 900), (480, 500)]


def minute(number: int) -> datetime:
    return NOON + timedelta(minutes=int(number))


def ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


SIGHTINGS = Sightings(np.array([ms(minute(number)) for number in MINUTES]), STORIES, SOURCES, NAMES)


def inside(since: int, until: int) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    return (since <= MINUTES) & (until > MINUTES)


@pytest.mark.parametrize(("since", "until"), SPANS)
def test_in_a_window_copies_of_a_story_are_one_and_articles_of_a_source_too(
    since: int, until: int
) -> None:
    own = inside(since, until)
    expected = len(set(STORIES[own])), len(set(SOURCES[own]))
    assert SIGHTINGS.window(minute(since), minute(until)) == expected


def test_a_story_is_counted_in_each_hour_that_it_is_seen_in() -> None:
    expected = [len(set(STORIES[inside(h * 60, h * 60 + 60)])) for h in range(2, 10)]
    assert SIGHTINGS.by_hour(minute(120), minute(600)).tolist() == expected


@pytest.mark.parametrize(("since", "until"), SPANS)
def test_a_story_is_counted_for_each_source_that_has_it(since: int, until: int) -> None:
    own = inside(since, until)
    expected = {name: len(set(STORIES[own & (n == SOURCES)])) for n, name in enumerate(NAMES)}
    assert SIGHTINGS.by_source(minute(since), minute(until)) == {
        name: count for name, count in expected.items() if count
    }


@pytest.mark.parametrize(("since", "until"), SPANS)
def test_a_source_was_heard_of_when_its_last_article_was_seen(since: int, until: int) -> None:
    heard = SIGHTINGS.heard(minute(since), minute(until))
    own = inside(since, until)
    assert heard.last == {
        name: minute(max(MINUTES[own & (n == SOURCES)]))
        for n, name in enumerate(NAMES)
        if (own & (n == SOURCES)).any()
    }
    assert heard.newest == (max(heard.last.values()) if heard.last else None)
    assert heard.articles == own.sum()


def test_of_what_nobody_wrote_of_there_is_nothing() -> None:
    empty = np.zeros(0, dtype=np.int64)
    nothing = Sightings(empty, empty, empty, ())
    assert nothing.window(NOON, NOON + HOUR) == (0, 0)
    assert nothing.by_hour(NOON, NOON + 3 * HOUR).tolist() == [0, 0, 0]
    assert nothing.heard(NOON, NOON + HOUR).newest is None
