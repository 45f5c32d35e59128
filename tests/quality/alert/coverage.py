"""Sixty days of made-up coverage, with everything in it that makes alerts fire falsely.

Watches of very different rates share forty sources with the rest of the news. All of it has a
rhythm of the day and the week, wavers, and drifts; sources fall silent for hours or days, a large
one joins; the poller itself stands still now and then and catches up; wire copy goes from source
to source; old articles are imported by the hundred; and there are spikes, of which the truth is
kept. Nothing here knows how they are detected. All times are in steps of ten minutes.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

DAYS, STEPS_H = 60, 6
HOURS = DAYS * 24
STEPS = HOURS * STEPS_H
WATCHES, SOURCES = 36, 40
NEW_SOURCE_STEP = 40 * 24 * STEPS_H

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Spike:
    """What is to be found: ``stories`` more than usual of a watch, from ``begins`` to ``ends``."""

    watch: int
    begins: int
    ends: int
    stories: int


@dataclass(frozen=True, slots=True)
class Articles:
    """What was read, in arrays of one length. ``old`` are imports of the past and late finds."""

    step: Ints
    watch: Ints  # WATCHES: of no watch
    story: Ints
    source: Ints
    old: Flags


@dataclass(frozen=True, slots=True)
class Coverage:
    """The articles, and the truth: ``rate`` of new stories of each watch in each step, unspiked.

    ``rate`` is of what is read: sources that are silent have no part in it, and what is read late
    is in it when it is read.
    """

    articles: Articles
    rate: Floats  # (WATCHES, STEPS)
    spikes: tuple[Spike, ...]


def cover(seed: int) -> Coverage:
    """Return the coverage that ``seed`` gives."""
    chance = np.random.default_rng(seed)
    reading = _reading(chance)
    shares = _shares(chance)
    alive = _alive(chance)
    rates = _rates(chance)
    spikes = _spikes(chance)
    visible = shares @ alive
    visible /= shares[:, 1:].sum(axis=1, keepdims=True)
    truth = np.zeros((WATCHES, STEPS))
    for step, read in enumerate(reading):
        truth[:, read] += (rates * visible)[:WATCHES, step]
    written = _stories(chance, rates * visible, shares, alive, spikes)
    articles = _published(chance, written, alive, reading)
    return Coverage(_with_imports(chance, articles), truth, spikes)


def _rhythm() -> Floats:
    """Return how busy each step of the sixty days is, 1 on average."""
    clock = np.arange(STEPS) / STEPS_H % 24
    day = 0.25 + np.exp(-(((clock - 11.5) / 3) ** 2)) + 0.9 * np.exp(-(((clock - 19.5) / 2.5) ** 2))
    week = np.array([1.0, 1.05, 1.1, 1.05, 1.0, 0.6, 0.8])
    rhythm: Floats = day * week[np.arange(STEPS) // (24 * STEPS_H) % 7]
    return rhythm / rhythm.mean()


def _rates(chance: np.random.Generator) -> Floats:
    """Return the stories a step of each watch, and in the last row of everything else."""
    a_step = np.append(np.geomspace(0.02, 8, WATCHES), 60.0)[:, None] / STEPS_H
    turn = chance.integers(-3, 4, WATCHES + 1) * STEPS_H  # hours of their own
    own_hours = np.stack([np.roll(_rhythm(), by) for by in turn])
    ends = np.exp(chance.uniform(-0.7, 0.7, (WATCHES + 1, 1)))
    drift = ends ** np.linspace(-0.5, 0.5, STEPS)
    return a_step * own_hours * drift * _wavering(chance)


def _wavering(chance: np.random.Generator) -> Floats:
    """Return a factor around 1 that forgets itself within a few hours."""
    keeps = np.exp(-1 / (4 * STEPS_H))
    noise = chance.normal(0, np.sqrt(1 - keeps**2), (WATCHES + 1, STEPS))
    state = np.zeros(WATCHES + 1)
    wavering = np.empty_like(noise)
    for step in range(STEPS):
        state = keeps * state + noise[:, step]
        wavering[:, step] = state
    spread = np.append(np.full(WATCHES, 0.25), 0.12)[:, None]
    return np.exp(spread * wavering - spread**2 / 2)


def _shares(chance: np.random.Generator) -> Floats:
    """Return each source's part in each watch; the first source is the one that joins late."""
    sizes = 1 / np.arange(2, SOURCES + 1)
    known = np.stack(
        [chance.dirichlet(12 * sizes / sizes.sum() * SOURCES) for _ in range(WATCHES + 1)]
    )
    known[-1] = sizes / sizes.sum()
    return np.column_stack([np.full(WATCHES + 1, 0.25), known])


def _alive(chance: np.random.Generator) -> Floats:
    """Return whether each source writes in each step: outages of two hours to four days."""
    alive = np.ones((SOURCES, STEPS))
    alive[0, :NEW_SOURCE_STEP] = 0
    for source in range(1, SOURCES):
        for _ in range(chance.poisson(2)):
            begins = chance.integers(STEPS)
            alive[source, begins : begins + int(np.exp(chance.uniform(2.5, 6.4)))] = 0
    return alive


def _reading(chance: np.random.Generator) -> Ints:
    """Return when what is written in a step is read: later, where the poller stands still."""
    reading = np.arange(STEPS)
    for begins in chance.choice(STEPS - 100, 5, replace=False):
        ends = begins + chance.integers(6, 37)
        reading[begins:ends] = ends
    return reading


def _spikes(chance: np.random.Generator) -> tuple[Spike, ...]:
    """Return spikes of 3 to 80 stories in half an hour to eight hours, more than a day apart."""
    spikes = []
    for watch in range(WATCHES):
        days = np.sort(chance.choice(DAYS // 3, 11, replace=False)) * 3
        for day in days:
            begins = (day * 24 + chance.integers(0, 40)) * STEPS_H + chance.integers(0, STEPS_H)
            lasts = int(np.exp(chance.uniform(np.log(3), np.log(48))))
            stories = int(np.exp(chance.uniform(np.log(3), np.log(80))))
            spikes.append(Spike(watch, int(begins), int(min(begins + lasts, STEPS - 1)), stories))
    return tuple(spikes)


def _stories(
    chance: np.random.Generator,
    rates: Floats,
    shares: Floats,
    alive: Floats,
    spikes: tuple[Spike, ...],
) -> tuple[Ints, Ints, Ints]:
    """Return watch, step and source of the first article of each story."""
    number = chance.poisson(rates)
    watch, step = (np.repeat(where, number[number > 0]) for where in np.nonzero(number))
    for spike in spikes:
        at = chance.integers(spike.begins, spike.ends + 1, spike.stories)
        step = np.append(step, at)
        watch = np.append(watch, np.full(spike.stories, spike.watch))
    weights = shares[watch] * alive[:, step].T
    reached = np.cumsum(weights, axis=1)
    drawn = chance.random(len(step)) * reached[:, -1]
    source = (reached < drawn[:, None]).sum(axis=1)
    return watch, step, source


def _published(
    chance: np.random.Generator, written: tuple[Ints, Ints, Ints], alive: Floats, reading: Ints
) -> Articles:
    """Return the articles of all stories: three in ten are copied, within four hours."""
    watch, step, source = written
    story = np.arange(len(watch))
    copies = np.where(chance.random(len(watch)) < 0.3, chance.poisson(3, len(watch)), 0)
    delay = chance.exponential(STEPS_H, copies.sum()).astype(int)
    copied_step = np.repeat(step, copies) + np.minimum(delay, 4 * STEPS_H)
    copier = chance.integers(1, SOURCES, copies.sum())
    seen = copied_step < STEPS
    seen[seen] = alive[copier[seen], copied_step[seen]] > 0
    return Articles(
        step=reading[np.append(step, copied_step[seen])],
        watch=np.append(watch, np.repeat(watch, copies)[seen]),
        story=np.append(story, np.repeat(story, copies)[seen]),
        source=np.append(source, copier[seen]),
        old=np.zeros(len(step) + int(seen.sum()), dtype=np.bool_),
    )


def _with_imports(chance: np.random.Generator, articles: Articles) -> Articles:
    """Add imports of the past: hundreds of old articles of every watch within an hour."""
    size = 4_000
    begins = np.repeat(chance.integers(0, STEPS - STEPS_H, 5), size)
    first = int(articles.story.max()) + 1
    return Articles(
        step=np.append(articles.step, begins + chance.integers(0, STEPS_H, 5 * size)),
        watch=np.append(articles.watch, chance.integers(0, WATCHES + 1, 5 * size)),
        story=np.append(articles.story, first + np.arange(5 * size)),
        source=np.append(articles.source, chance.integers(1, SOURCES, 5 * size)),
        old=np.append(articles.old, np.ones(5 * size, dtype=np.bool_)),
    )
