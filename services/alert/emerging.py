"""What rises without a watch: looked for, judged as a watch is, and told once for each affair."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple

from services.alert.core.counting import Answer, Body
from services.alert.core.emerging import affairs, read_together, together_in
from services.alert.core.history import full_hour
from services.alert.core.subjects import (
    WINDOW,
    Subject,
    candidates_in,
    possible_in,
    read_candidates,
    read_possible,
)
from services.alert.judging import Counter, Judged, Judging, sure
from services.contract.search_clauses import Clause

EVERY = timedelta(minutes=1)
"""So much later it is looked again: more often costs more and finds little sooner."""


class Emerged(NamedTuple):
    """A subject that has risen or goes on, and the names of others of the same affair."""

    judged: Judged
    others: tuple[str, ...] = ()


class Emerging:
    """What is remembered from one look to the next. All of it can be asked anew."""

    def __init__(self, counter: Counter, judging: Judging) -> None:
        """``judging`` has a budget of its own: of all subjects that there might be."""
        self._counter = counter
        self._judging = judging
        self._looked: datetime | None = None
        self._possible: tuple[datetime | None, int] = (None, 0)

    def is_due(self, now: datetime) -> bool:
        """Return whether it is time to look again."""
        return self._looked is None or not timedelta(0) <= now - self._looked < EVERY

    def look(
        self, followed: Sequence[Subject], told: Mapping[str, Clause], now: datetime
    ) -> list[Emerged]:
        """Return what is to be said of the subjects ``followed``, and the new ones.

        ``told`` is what the watches and subjects that were told of ask for, by their ids: what is
        in their stories is not new. Raises as Judging does.
        """
        self._looked = now  # a look that fails keeps only this round from being a whole one
        found = read_candidates(self._ask(candidates_in(now - WINDOW, now)))
        known = {subject.id for subject in followed}
        fresh = [subject for subject in found.subjects if subject.id not in known]
        possible = self._count_possible(found.phrases_a_title, now)
        every = [
            _among(possible, judged)
            for judged in self._judging.judge([*followed, *fresh], now, possible)
        ]
        going_on = [Emerged(judged) for judged in every if judged.watch.id in known]
        risen = [one for one in every if one.watch.id not in known and _has_risen(one)]
        names = {subject.id: subject.name for subject in fresh}
        return going_on + self._new(risen, names, told)

    def _new(
        self, risen: list[Judged], names: Mapping[str, str], told: Mapping[str, Clause]
    ) -> list[Emerged]:
        """Return one of ``risen`` for each affair that was not told: the most surprising."""
        if not risen:
            return []
        risen.sort(key=lambda one: one.verdict.figures.false_alerts_per_month)
        by_id = {one.watch.id: one for one in risen}
        queries = {**told, **{one.watch.id: one.query for one in risen}}
        until = risen[0].verdict.evaluation.at
        together = read_together(self._ask(together_in(queries, until - WINDOW, until)))
        found = affairs(list(by_id), told.keys(), together)
        return [
            Emerged(by_id[name], tuple(names[other] for other in others))
            for name, others in found.items()
        ]

    def _count_possible(self, phrases_a_title: float, now: datetime) -> int:
        """Return how many subjects could have been candidates; counted once an hour."""
        hour = full_hour(now)
        if self._possible[0] != hour:
            self._possible = (hour, read_possible(self._ask(possible_in(now)), phrases_a_title))
        return self._possible[1]

    def _ask(self, search: Body) -> Answer:
        (answer,) = self._counter.ask([search])
        return sure(answer)


def _among(possible: int, judged: Judged) -> Judged:
    """Return it with what chance does to any of the ``possible`` subjects, not only this."""
    figures = judged.verdict.figures
    a_month = figures.false_alerts_per_month * possible
    said = figures.model_copy(update={"false_alerts_per_month": a_month})
    return judged._replace(verdict=replace(judged.verdict, figures=said))


def _has_risen(judged: Judged) -> bool:
    """Return whether it exceeds; while the history is short too much is new."""
    return judged.verdict.evaluation.exceeds and not judged.verdict.figures.learning
