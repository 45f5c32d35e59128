"""What is counted of each watch, and what is to be said of it: one round, nobody is told."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

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
from services.alert.core.query import compile_query
from services.alert.core.watches import Watch
from services.alert.edges.counts import CountError
from services.alert.metrics import UNANSWERED
from services.contract.search_clauses import Clause

_ALL = "\0"
"""Stands for all coverage among queries and ids; those of watches cannot begin with it."""

log = structlog.get_logger()


class Counter(Protocol):
    """Answers searches: edges/counts.py."""

    def ask(self, searches: Sequence[Body]) -> Iterable[Answer | CountError]: ...  # noqa: D102


class Judged(NamedTuple):
    """A watch, what it asks for, and what is to be said of it."""

    watch: Watch
    query: Clause
    verdict: Verdict


class Judging:
    """What is remembered from one round to the next. All of it can be counted anew."""

    def __init__(self, counter: Counter, false_alerts_per_month: float) -> None:
        """``false_alerts_per_month`` is what all watches may raise together by mere chance."""
        self._counter = counter
        self._false_alerts_per_month = false_alerts_per_month
        self._pasts: dict[str, Past] = {}
        self._articles = 0  # when the past was counted
        self._expected: tuple[object, Expectations] | None = None

    def judge(
        self, watches: Sequence[Watch], now: datetime, chosen_from: int | None = None
    ) -> list[Judged]:
        """Return what is to be said of ``watches``, without those that cannot be counted.

        They are all that there are, or the most conspicuous of ``chosen_from``.
        Raises CountError and what the client of Elasticsearch raises.
        """
        queries = {watch.query: compile_query(watch.query, now) for watch in watches}
        last = self._last_heard(now)
        until = counted_until(now, last.newest)
        if has_changed(last.articles, self._articles):
            self._pasts, self._articles = {}, last.articles
        pasts = self._count_past({_ALL: EVERYTHING, **queries}, now)
        counts = self._count_present(watches, queries, until)
        counted = [watch for watch in watches if watch.query in pasts and watch.id in counts]
        present = Present(
            until=until,
            stories=[counts[watch.id][0] for watch in counted],
            sources=[counts[watch.id][1] for watch in counted],
            volume={watch.window: counts[_volume_of(watch)][0] for watch in counted},
            heard=last,
        )
        expectations = self._expect(counted, pasts)
        share = len(counted) / chosen_from if chosen_from else 1.0
        verdicts = evaluate(counted, expectations, present, self._false_alerts_per_month * share)
        return [
            Judged(watch, queries[watch.query], verdict)
            for watch, verdict in zip(counted, verdicts, strict=True)
        ]

    def evidence(self, judged: Judged) -> Evidence:
        """Return what an alert shows of the window; nothing, rather than to keep the alert back,
        if Elasticsearch answers that it cannot say. Raises what its client raises.
        """
        watch, query, until = judged.watch, judged.query, judged.verdict.evaluation.at
        shown = evidence_of(query, until - watch.window, until)
        searches = [shown, *windows_before(query, watch.window, until)]
        try:
            answer, *before = [sure(one) for one in self._counter.ask(searches)]
        except CountError as error:
            UNANSWERED.inc()
            log.error("an alert is told without its reasons", watch=watch.id, error=str(error))
            return Evidence()
        return read_evidence(answer, read_before(before, watch.window, until))

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
        for query, answer in self._answers(whole):
            hours = counted_hours(answer, since, until)
            kept[query] = Past(now, until, hours, counted_sources(answer))
        for query, answer in self._answers(parts):
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
        return {key: counted_window(answer) for key, answer in self._answers(searches)}

    def _expect(self, watches: Sequence[Watch], pasts: Mapping[str, Past]) -> Expectations:
        """Return what is expected; learnt anew when an hour has passed or a watch has changed."""
        of = [(watch.id, watch.window, pasts[watch.query].read_at) for watch in watches]
        state = (pasts[_ALL].until, of)
        if self._expected is None or self._expected[0] != state:
            watched = [pasts[watch.query] for watch in watches]
            self._expected = (state, Expectations(pasts[_ALL], watched))
        return self._expected[1]

    def _answers(self, searches: Mapping[str, Body]) -> Iterator[tuple[str, Answer]]:
        """Yield the answers that there are: a watch that cannot be counted stops no other."""
        found = self._counter.ask(list(searches.values()))
        for key, answer in zip(searches, found, strict=True):
            if not isinstance(answer, CountError):
                yield key, answer
            elif key.startswith(_ALL):
                raise answer
            else:
                UNANSWERED.inc()
                log.error("a watch cannot be counted", watch=key, error=str(answer))

    def _answer(self, search: Body) -> Answer:
        (answer,) = self._counter.ask([search])
        return sure(answer)


def sure(answer: Answer | CountError) -> Answer:
    """Return the answer; raise the CountError that stands for it."""
    if isinstance(answer, CountError):
        raise answer
    return answer


def _volume_of(watch: Watch) -> str:
    """Name all coverage in the window of ``watch``."""
    return f"{_ALL}{watch.window}"
