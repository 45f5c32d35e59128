"""One round after another: judge, follow what goes on, tell what happened."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from services.alert.core.incidents import follow
from services.alert.core.query import compile_query
from services.alert.core.record import Recorded
from services.alert.core.subjects import Subject, subject_told
from services.alert.core.tell import tell, tell_unwatched
from services.alert.core.watches import Watch
from services.alert.edges.counts import CountError
from services.alert.emerging import Emerging
from services.alert.judging import Judged, Judging
from services.alert.metrics import ALERTS, COUNTED_UNTIL, ROUND_DURATION, UNANSWERED
from services.contract.alerts import Alert

log = structlog.get_logger()


class Incidents(Protocol):
    """Keeps the last incident of each watch: edges/alerts.py."""

    def last_incidents(self) -> dict[str, Recorded]: ...  # noqa: D102

    def record(self, recorded: Recorded) -> None: ...  # noqa: D102


class Watching:
    """What is remembered from one round to the next. All of it can be made anew from the index."""

    def __init__(
        self,
        judging: Judging,
        incidents: Incidents,
        publish: Callable[[Alert], None],
        emerging: Emerging | None = None,
    ) -> None:
        """Go on from the ``incidents`` that are kept; None: what emerges is not looked for."""
        self._judging = judging
        self._emerging = emerging
        self._kept = incidents
        self._publish = publish
        last = incidents.last_incidents()
        self._incidents = {watch: recorded.incident for watch, recorded in last.items()}
        self._told = {watch: recorded.alert for watch, recorded in last.items()}
        self._subjects = {
            watch: subject_told(recorded.alert.watch)
            for watch, recorded in last.items()
            if emerging is not None and recorded.alert.watch.kind == "emerging"
        }
        self._unsaid = [recorded for recorded in last.values() if not recorded.published]

    def look(self, watches: Sequence[Watch], now: datetime) -> None:
        """Count what is watched, judge it, and tell what happened.

        Raises CountError and what the clients of Elasticsearch and Kafka raise. What was decided
        and could not be said is said first in the next round.
        """
        self._say_what_is_left()
        with ROUND_DURATION.time():
            every = self._judging.judge(watches, now)
            for judged in every:
                self._follow(judged)
            self._end_what_nobody_watches(watches, now)
            if self._emerging is not None and self._emerging.is_due(now):
                self._look_for_emerging(self._emerging, every, now)
        if every:
            COUNTED_UNTIL.set(every[0].verdict.evaluation.at.timestamp())

    def _end_what_nobody_watches(self, watches: Sequence[Watch], now: datetime) -> None:
        """Tell the end of what was going on in a watch that is there no more."""
        watched = {watch.id for watch in watches} | self._subjects.keys()
        for watch_id in self._told.keys() - watched:
            incident = self._incidents[watch_id]
            if incident.ended_at is None:
                over = replace(incident, ended_at=now)
                alert = tell_unwatched(self._told[watch_id], over, now)
                self._unsaid.append(Recorded(alert, over, published=False))
                self._incidents[watch_id] = over
        self._say_what_is_left()

    def _look_for_emerging(
        self, emerging: Emerging, watched: Sequence[Judged], now: datetime
    ) -> None:
        """Follow what has emerged and what emerges now, but for what is told in its stories."""
        told = {
            judged.watch.id: judged.query
            for judged in watched
            if judged.watch.kind == "spike" and self._goes_on(judged.watch, now)
        }
        recent = [one for one in self._subjects.values() if self._goes_on(one, now, one.cooldown)]
        told |= {subject.id: compile_query(subject.query, now) for subject in recent}
        followed = [subject for subject in recent if self._goes_on(subject, now)]
        try:
            found = emerging.look(followed, told, now)
        except CountError as error:
            UNANSWERED.inc()
            log.error("what emerges cannot be counted", error=str(error))
            return
        for emerged in found:
            self._follow(emerged.judged, emerged.others)

    def _goes_on(self, watch: Watch, now: datetime, after: timedelta = timedelta(0)) -> bool:
        """Return whether an incident goes on or has been over for less than ``after``."""
        incident = self._incidents.get(watch.id)
        if incident is None:
            return False
        return incident.ended_at is None or now - incident.ended_at < after

    def _follow(self, judged: Judged, others: tuple[str, ...] = ()) -> None:
        """Go on with the watch's incident, and tell what happened to it; ``others`` are in it."""
        watch, verdict = judged.watch, judged.verdict
        before = self._incidents.get(watch.id)
        incident, happening = follow(before, verdict.evaluation, watch)
        if incident is None:
            return
        if happening is not None:
            evidence = self._judging.evidence(judged)
            evidence = replace(evidence, terms=(*others, *evidence.terms))
            alert = tell(watch, incident, happening, verdict, evidence)
            self._unsaid.append(Recorded(alert, incident, published=False))
            self._told[watch.id] = alert
        self._incidents[watch.id] = incident
        if isinstance(watch, Subject):
            self._subjects[watch.id] = watch
        self._say_what_is_left()

    def _say_what_is_left(self) -> None:
        """Record what is decided, publish it, and record that it is published, in this order.

        What is published and not recorded would be found and said as something else after a kill.
        """
        while self._unsaid:
            recorded = self._unsaid[0]
            self._kept.record(recorded)
            self._publish(recorded.alert)
            self._kept.record(Recorded(recorded.alert, recorded.incident, published=True))
            self._unsaid.pop(0)
            alert = recorded.alert
            ALERTS.labels(alert.happening, alert.watch.severity).inc()
            log.info("alert", watch=alert.watch.id, happening=alert.happening, text=alert.text_en)
