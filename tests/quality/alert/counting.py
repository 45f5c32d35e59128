"""Counts as the index gives them: of stories and of sources in a window, not of copies."""

from dataclasses import dataclass

import numpy as np

from tests.quality.alert.coverage import (
    HOURS,
    SOURCES,
    STEPS,
    STEPS_H,
    WATCHES,
    Articles,
    Coverage,
    Floats,
    Ints,
)

WINDOW = STEPS_H


@dataclass(frozen=True, slots=True)
class Counts:
    """Of windows by the step after their end, and of whole hours. The last row is all coverage."""

    stories: Floats  # (WATCHES + 1, STEPS + 1)
    sources: Floats
    hourly: Floats  # (WATCHES + 1, HOURS)


def count(articles: Articles) -> Counts:
    """Return the counts of what is not old: imports and late finds never count."""
    step, watch = articles.step[~articles.old], articles.watch[~articles.old]
    story, source = articles.story[~articles.old], articles.source[~articles.old]
    every = np.full(len(step), WATCHES)
    own = watch < WATCHES
    rows = np.append(watch[own], every)
    steps, stories = np.append(step[own], step), np.append(story[own], story)
    sources = np.append(source[own], source)
    return Counts(
        stories=_sliding(rows, steps, stories, int(story.max()) + 1),
        sources=_sliding(rows, steps, sources, SOURCES),
        hourly=_distinct(rows, steps // STEPS_H, stories, HOURS, int(story.max()) + 1),
    )


def expected_by_truth(coverage: Coverage) -> Floats:
    """Return how many stories each window has on average, by the true rates: (WATCHES, STEPS + 1).

    A story is in a window if any of its articles is; how probable that is some steps after its
    first article is seen on the stories themselves.
    """
    articles = coverage.articles
    step, story = articles.step[~articles.old], articles.story[~articles.old]
    first = np.full(int(story.max()) + 1, STEPS)
    np.minimum.at(first, story, step)
    lag = (step - first[story])[:, None] + np.arange(1, WINDOW + 1)
    lags = int(lag.max()) + 1
    pairs = np.unique(story[:, None] * lags + lag)
    presence = np.bincount(pairs % lags, minlength=lags) / len(np.unique(story))
    expected = np.zeros((WATCHES, STEPS + 1))
    for after in range(1, lags):
        expected[:, after:] += coverage.rate[:, : STEPS + 1 - after] * presence[after]
    return expected


def _sliding(rows: Ints, steps: Ints, names: Ints, size: int) -> Floats:
    """Return how many different names each window has: an article is in WINDOW windows."""
    ends = steps[:, None] + np.arange(1, WINDOW + 1)
    repeated = np.ones(WINDOW, dtype=np.int64)
    inside = (ends <= STEPS).ravel()
    return _distinct(
        np.outer(rows, repeated).ravel()[inside],
        ends.ravel()[inside],
        np.outer(names, repeated).ravel()[inside],
        STEPS + 1,
        size,
    )


def _distinct(rows: Ints, columns: Ints, names: Ints, width: int, size: int) -> Floats:
    cells = np.unique((rows * width + columns) * size + names) // size
    counted = np.bincount(cells, minlength=(WATCHES + 1) * width)
    return counted.reshape(WATCHES + 1, width).astype(np.float64)
