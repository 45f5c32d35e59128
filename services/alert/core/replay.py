"""What would have been said at moments that have passed: rounds over what had been seen by then.

Each round is the service's own (evaluate.py, incidents.py), as if it had just started. What it
cannot know any more: an article counts from when it was first seen, though it was indexed some
seconds later, and is read as it is now.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from services.alert.core.counting import counted_until
from services.alert.core.evaluate import Expectations, Present, Verdict, evaluate
from services.alert.core.history import HOUR, KEPT_H, Past, full_hour
from services.alert.core.incidents import Happening, Incident, follow
from services.alert.core.sightings import Sightings
from services.alert.core.watches import Watch
from services.contract.alerts import Figures


@dataclass(frozen=True, slots=True)
class Round:
    """What was said of one watch in the window that ended ``at``, and what happened to it.

    ``shape`` is how certain the expected count is; ``incident`` is the one that goes on or has just
    ended, if any.
    """

    at: datetime
    figures: Figures
    shape: float
    happening: Happening | None
    incident: Incident | None

    @property
    def ratio(self) -> float:
        """How many times what is expected was counted."""
        return self.figures.stories / max(self.figures.expected, 1e-9)


@dataclass(frozen=True, slots=True)
class WouldBe:
    """An incident that would have been told. ``ended_at`` is None while it goes on.

    ``onset`` is the end of the last window before it that had no more (of a drop, no less) than was
    expected, None if there is none among the rounds; ``peak`` is its most extreme round.
    """

    onset: datetime | None
    fired_at: datetime
    ended_at: datetime | None
    peak: Round


@dataclass(frozen=True, slots=True)
class Replayed:
    """A watch, its rounds, and the incidents that would have been told in them.

    ``budget`` is what it may raise a month by chance while no other watch exceeds.
    """

    watch: Watch
    budget: float
    rounds: Sequence[Round]
    would_be: Sequence[WouldBe]


def replay(
    watches: Sequence[Watch],
    coverage: Sightings,
    watched: Mapping[str, Sightings],
    moments: Sequence[datetime],
    false_alerts_per_month: float,
) -> dict[str, list[Round]]:
    """Return the rounds of each watch, by its id: one for each of ``moments``, ascending.

    ``coverage`` and ``watched``, by the watch's id, reach back KEPT_H hours before the first full
    hour of them.
    """
    rounds: dict[str, list[Round]] = {watch.id: [] for watch in watches}
    incidents: dict[str, Incident | None] = dict.fromkeys(rounds)
    seen = [watched[watch.id] for watch in watches]
    for verdicts in _verdicts(watches, coverage, seen, moments, false_alerts_per_month):
        for watch, verdict in zip(watches, verdicts, strict=True):
            before = incidents[watch.id]
            after, happening = follow(before, verdict.evaluation, watch)
            concerns = after is not None and (after.ended_at is None or after != before)
            at, incident = verdict.evaluation.at, after if concerns else None
            one = Round(at, verdict.figures, verdict.shape, happening, incident)
            rounds[watch.id].append(one)
            incidents[watch.id] = after
    return rounds


def would_be(watch: Watch, rounds: Sequence[Round]) -> list[WouldBe]:
    """Return the incidents of ``watch`` that would have been told, the oldest first."""
    worst = max if watch.kind == "spike" else min
    found = []
    for at, one in enumerate(rounds):
        if one.happening == "fired" and one.incident:
            own = [r for r in rounds if r.incident and r.incident.id == one.incident.id]
            found.append(
                WouldBe(
                    onset=_onset(watch, rounds[:at]),
                    fired_at=one.at,
                    ended_at=own[-1].incident.ended_at if own[-1].incident else None,
                    peak=worst(own, key=lambda r: r.figures.stories),
                )
            )
    return found


def _verdicts(
    watches: Sequence[Watch],
    coverage: Sightings,
    seen: Sequence[Sightings],
    moments: Sequence[datetime],
    false_alerts_per_month: float,
) -> Iterator[Sequence[Verdict]]:
    for hour, rounds in groupby(moments, key=full_hour):
        expectations = Expectations(_past(coverage, hour), [_past(one, hour) for one in seen])
        for now in rounds:
            present = _present(watches, coverage, seen, now)
            yield evaluate(watches, expectations, present, false_alerts_per_month)


def _past(sightings: Sightings, until: datetime) -> Past:
    since = until - KEPT_H * HOUR
    hours, by_source = sightings.by_hour(since, until), sightings.by_source(since, until)
    return Past(until, until, hours, by_source)


def _present(
    watches: Sequence[Watch], coverage: Sightings, seen: Sequence[Sightings], now: datetime
) -> Present:
    heard = coverage.heard(now - KEPT_H * HOUR, now)
    until = counted_until(now, heard.newest)
    counts = [
        own.window(until - watch.window, until) for watch, own in zip(watches, seen, strict=True)
    ]
    spans = {watch.window for watch in watches}
    return Present(
        until=until,
        stories=[stories for stories, _ in counts],
        sources=[sources for _, sources in counts],
        volume={span: coverage.window(until - span, until)[0] for span in spans},
        heard=heard,
    )


def _onset(watch: Watch, before: Sequence[Round]) -> datetime | None:
    for one in reversed(before):
        above = one.figures.stories - one.figures.expected
        if (above if watch.kind == "spike" else -above) <= 0:
            return one.at
    return None
