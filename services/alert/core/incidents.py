"""What becomes of a watch from one evaluation to the next: fired, escalated, resolved, or nothing.

An incident is what a person is told about: it begins with the evaluation that exceeds, goes on
while the count is elevated, and ends when it falls back. Its state is kept beside its alert in the
index, so that a service that starts again goes on where the last one stopped.
"""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from services.alert.core.watches import Watch

Happening = Literal["fired", "escalated", "resolved"]

ESCALATES_AT = 2.0
"""An incident is told again when its count is so many times what was told last."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """One watch at one time: ``at`` is the end of the window, in UTC.

    ``exceeds`` is enough to fire, ``elevated`` enough to go on; ``degraded`` says that sources are
    missing, so that a low count means little.
    """

    at: datetime
    stories: int
    exceeds: bool
    elevated: bool
    degraded: bool


@dataclass(frozen=True, slots=True)
class Incident:
    """One rise or fall of a watch, as far as it is known.

    ``told`` is the count that was last told, None while nothing was (quiet hours); ``peak`` is the
    most extreme one. ``ended_at`` is None while it goes on.
    """

    watch_id: str
    began_at: datetime
    peak: int
    told: int | None = None
    told_at: datetime | None = None
    ended_at: datetime | None = None

    @property
    def id(self) -> str:
        """The same for the same incident, whoever finds it and however often."""
        name = f"{self.watch_id} {self.began_at.isoformat()}"
        return hashlib.sha256(name.encode()).hexdigest()[:32]


def fingerprint(watch: Watch) -> str:
    """Return what all alerts of a watch share, by which others know them as one."""
    return hashlib.sha256(f"{watch.kind} {watch.id}".encode()).hexdigest()[:16]


def follow(
    before: Incident | None, evaluation: Evaluation, watch: Watch
) -> tuple[Incident | None, Happening | None]:
    """Return the watch's last incident after ``evaluation``, and what is to be told of it, if any.

    ``before`` is the last incident, over or not; None if there was none.
    """
    if before is None or before.ended_at is not None:
        return _begin(before, evaluation, watch)
    if not evaluation.elevated and not (evaluation.degraded and watch.kind == "spike"):
        over = replace(before, ended_at=evaluation.at)
        return over, "resolved" if before.told is not None else None
    worst = max if watch.kind == "spike" else min
    going_on = replace(before, peak=worst(before.peak, evaluation.stories))
    if not evaluation.exceeds or _is_quiet(evaluation.at, watch):
        return going_on, None
    if before.told is None:
        return _told(going_on, evaluation), "fired"
    if _is_doubled(before.told, evaluation.stories, watch):
        return _told(going_on, evaluation), "escalated"
    return going_on, None


def _begin(
    before: Incident | None, evaluation: Evaluation, watch: Watch
) -> tuple[Incident | None, Happening | None]:
    if not evaluation.exceeds or _is_cooling_down(before, evaluation, watch):
        return before, None
    incident = Incident(watch_id=watch.id, began_at=evaluation.at, peak=evaluation.stories)
    if _is_quiet(evaluation.at, watch):
        return incident, None
    return _told(incident, evaluation), "fired"


def _told(incident: Incident, evaluation: Evaluation) -> Incident:
    return replace(incident, told=evaluation.stories, told_at=evaluation.at)


def _is_cooling_down(before: Incident | None, evaluation: Evaluation, watch: Watch) -> bool:
    if before is None or before.told is None or before.told_at is None:
        return False
    waits = evaluation.at < before.told_at + watch.cooldown
    return waits and not _is_doubled(before.peak, evaluation.stories, watch)


def _is_doubled(told: int, stories: int, watch: Watch) -> bool:
    if watch.kind == "drop":
        return told > 0 and stories * ESCALATES_AT <= told
    return stories >= told * ESCALATES_AT


def _is_quiet(at: datetime, watch: Watch) -> bool:
    if watch.quiet_hours is None or watch.severity == "critical":
        return False
    return watch.quiet_hours.contain(at.astimezone(watch.zone).time())
