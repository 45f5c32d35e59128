"""One round after another: count, judge, tell."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

import structlog

from services.alert.core.counting import (
    EVERYTHING,
    Answer,
    Body,
    Heard,
    by_hour,
    by_hour_and_source,
    counted_hours,
    counted_sources,
    counted_until,
    counted_window,
    heard,
    last_heard,
    window,
)
from services.alert.core.evaluate import Expectations, Present, Verdict, evaluate
from services.alert.core.evidence import (
    Evidence,
    evidence_of,
    read_before,
    read_evidence,
    windows_before,
)
from services.alert.core.history import HOUR, KEPT_H, Past, full_hour, has_changed
from services.alert.core.incidents import follow
from services.alert.core.query import compile_query
from services.alert.core.record import Recorded
from services.alert.core.tell import tell
from services.alert.core.watches import Watch
from services.alert.edges.counts import CountError
from services.alert.metrics import ALERTS, COUNTED_UNTIL, ROUND_DURATION, UNANSWERED
from services.contract.alerts import Alert
from services.contract.search_clauses import Clause

_ALL = "\0"
"""Stands for all coverage among queries and ids; those of watches cannot begin with it."""

log = structlog.get_logger()


class Counter(Protocol):
    """Answers searches: edges/counts.py."""

    def ask(self, searches: Sequence[Body]) -> list[Answer | CountError]: ...  # noqa: D102


class Incidents(Protocol):
    """Keeps the last incident of each watch: edges/alerts.py."""

    def last_incidents(self) -> dict[str, Recorded]: ...  # noqa: D102

    def record(self, recorded: Recorded) -> None: ...  # noqa: D102


class Watching:
    """What is remembered from one round to the next. All of it can be made anew from the index."""

    def __init__(
        self,
        counter: Counter,
        incidents: Incidents,
        publish: Callable[[Alert], None],
        false_alerts_per_month: float,
    ) -> None:
        """``false_alerts_per_month`` is what all watches may raise together by mere chance."""
        self._counter = counter
        self._kept = incidents
        self._publish = publish
        self._false_alerts_per_month = false_alerts_per_month
        self._pasts: dict[str, Past] = {}
        self._articles = 0  # when the past was counted
        self._expected: tuple[object, Expectations] | None = None
        last = incidents.last_incidents()
        self._incidents = {watch: recorded.incident for watch, recorded in last.items()}
        self._unsaid = [recorded for recorded in last.values() if not recorded.published]

    def look(self, watches: Sequence[Watch], now: datetime) -> None:
        """Count what is watched, judge it, and tell what happened.

        Raises CountError and what the clients of Elasticsearch and Kafka raise. What was decided
        and could not be said is said first in the next round.
        """
        self._say_what_is_left()
        with ROUND_DURATION.time():
            queries = {watch.query: compile_query(watch.query, now) for watch in watches}
            last = self._last_heard(now)
            until = counted_until(now, last.newest)
            if has_changed(last.articles, self._articles):
                self._pasts, self._articles = {}, last.articles
            pasts = self._count_past({_ALL: EVERYTHING, **queries}, now)
            counts = self._count_present(watches, queries, until)
            judged = [watch for watch in watches if watch.query in pasts and watch.id in counts]
            present = Present(
                until=until,
                stories=[counts[watch.id][0] for watch in judged],
                sources=[counts[watch.id][1] for watch in judged],
                volume={watch.window: counts[_volume_of(watch)][0] for watch in judged},
                heard=last,
            )
            expectations = self._expect(judged, pasts)
            verdicts = evaluate(judged, expectations, present, self._false_alerts_per_month)
            for watch, verdict in zip(judged, verdicts, strict=True):
                self._follow(watch, queries[watch.query], verdict)
        COUNTED_UNTIL.set(until.timestamp())

    def _last_heard(self, now: datetime) -> Heard:
        return heard(self._answer(last_heard(now - KEPT_H * HOUR, now)))

    def _count_past(self, queries: Mapping[str, Clause], now: datetime) -> Mapping[str, Past]:
        """Return the past of each query: what is kept of it, and what has passed since."""
        until, since = full_hour(now), full_hour(now) - KEPT_H * HOUR
        kept = {query: self._pasts[query] for query in queries if query in self._pasts}
        fresh = [query for query in queries if query not in kept or kept[query].is_stale(now)]
        late = [query for query in kept if query not in fresh and kept[query].until < until]
        whole = {query: by_hour_and_source(queries[query], since, until) for query in fresh}
        parts = {q: by_hour(queries[q], kept[q].late_since(), until) for q in late}
        for query, answer in self._answers(whole).items():
            hours = counted_hours(answer, since, until)
            kept[query] = Past(now, until, hours, counted_sources(answer))
        for query, answer in self._answers(parts).items():
            hours = counted_hours(answer, kept[query].late_since(), until)
            kept[query] = kept[query].with_late(hours, until)
        self._pasts = {query: past for query, past in kept.items() if past.until == until}
        return self._pasts

    def _count_present(
        self, watches: Sequence[Watch], queries: Mapping[str, Clause], until: datetime
    ) -> dict[str, tuple[int, int]]:
        """Return the stories and sources in each watch's window, and in all coverage."""
        searches = {
            watch.id: window(queries[watch.query], until - watch.window, until) for watch in watches
        }
        for watch in watches:
            searches[_volume_of(watch)] = window(EVERYTHING, until - watch.window, until)
        return {key: counted_window(answer) for key, answer in self._answers(searches).items()}

    def _expect(self, watches: Sequence[Watch], pasts: Mapping[str, Past]) -> Expectations:
        """Return what is expected; learnt anew when an hour has passed or a watch has changed."""
        of = [(watch.id, watch.window, pasts[watch.query].read_at) for watch in watches]
        state = (pasts[_ALL].until, of)
        if self._expected is None or self._expected[0] != state:
            watched = [pasts[watch.query] for watch in watches]
            self._expected = (state, Expectations(pasts[_ALL], watched))
        return self._expected[1]

    def _follow(self, watch: Watch, query: Clause, verdict: Verdict) -> None:
        """Go on with the watch's incident, and tell what happened to it."""
        before = self._incidents.get(watch.id)
        incident, happening = follow(before, verdict.evaluation, watch)
        if incident is None:
            return
        if happening is not None:
            evidence = self._evidence(watch, query, verdict.evaluation.at)
            alert = tell(watch, incident, happening, verdict, evidence)
            self._unsaid.append(Recorded(alert, incident, published=False))
        self._incidents[watch.id] = incident
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

    def _evidence(self, watch: Watch, query: Clause, until: datetime) -> Evidence:
        answer = self._answer(evidence_of(query, until - watch.window, until))
        searches = windows_before(query, watch.window, until)
        before = [self._sure(one) for one in self._counter.ask(searches)]
        return read_evidence(answer, read_before(before, watch.window, until))

    def _answers(self, searches: Mapping[str, Body]) -> dict[str, Answer]:
        """Return the answers that there are: a watch that cannot be counted stops no other."""
        answers = {}
        found = self._counter.ask(list(searches.values())) if searches else []
        for key, answer in zip(searches, found, strict=True):
            if not isinstance(answer, CountError):
                answers[key] = answer
            elif key.startswith(_ALL):
                raise answer
            else:
                UNANSWERED.inc()
                log.error("a watch cannot be counted", watch=key, error=str(answer))
        return answers

    def _answer(self, search: Body) -> Answer:
        (answer,) = self._counter.ask([search])
        return self._sure(answer)

    def _sure(self, answer: Answer | CountError) -> Answer:
        if isinstance(answer, CountError):
            raise answer
        return answer


def _volume_of(watch: Watch) -> str:
    """Name all coverage in the window of ``watch``."""
    return f"{_ALL}{watch.window}"
