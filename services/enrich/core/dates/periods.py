"""Runs of days, how they are written in ISO 8601 / EDTF, and the steps from one to another."""

import calendar
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import NamedTuple

from services.contract.articles import DateKind, Grain

MONTHS_OF: dict[str, int] = {
    "month": 1,
    "quarter": 3,
    "half": 6,
    "year": 12,
    "decade": 120,
    "century": 1200,
}
_QUARTERS = 32  # EDTF writes the first quarter as month 33
_SEASONS = 20  # and spring as month 21


@dataclass(frozen=True, slots=True)
class Period:
    """From ``first`` to ``last`` day, both included, named as finely as ``grain``.

    ``name`` is how it is written; it is made from the days where it is left out. ``kind`` is None
    where it only depends on whether the day of reference was asked for.
    """

    first: date
    last: date
    grain: Grain
    approximate: bool = False
    name: str | None = None
    kind: DateKind | None = None

    @property
    def value(self) -> str:
        """The period in ISO 8601 or EDTF: one name, or the names of its ends."""
        if self.name is not None:
            return self.name
        first, last = name_of(self.first, self.grain), name_of(self.last, self.grain)
        return first if first == last else f"{first}/{last}"

    def roughly(self) -> "Period":
        """Return the same period, not to be taken at its word."""
        return replace(self, approximate=True)

    def of_kind(self, kind: DateKind) -> "Period":
        """Return the same period, said in another way."""
        return replace(self, kind=kind)

    def part(self, at: int, of: int) -> tuple[date, date]:
        """Return the first and last day of the ``at``-th of ``of`` equal parts, from 0."""
        days = (self.last - self.first).days + 1
        return (
            self.first + timedelta(days * at // of),
            self.first + timedelta(max(days * (at + 1) // of - 1, days * at // of)),
        )


class Unfixed(NamedTuple):
    """An expression's value in ISO 8601 / EDTF, its grain and kind, and the day if it is one."""

    value: str | None
    grain: Grain
    kind: DateKind
    day: date | None = None


def name_of(day: date, grain: Grain) -> str:
    """Return how the period of ``grain`` that ``day`` is in is written."""
    match grain:
        case "day":
            return day.isoformat()
        case "week":
            year, week, _ = day.isocalendar()
            return f"{year:04}-W{week:02}"
        case "month":
            return f"{day.year:04}-{day.month:02}"
        case "quarter":
            return f"{day.year:04}-{_QUARTERS + (day.month + 2) // 3}"
        case "season":
            year = day.year - (day.month < 3)  # a winter is that of the year it begins in
            return f"{year:04}-{_SEASONS + (day.month // 3 or 4)}"
        case "year":
            return f"{day.year:04}"
        case "decade":
            return f"{day.year // 10:03}X"
        case "century":
            return f"{day.year // 100:02}XX"


def day_of(day: date) -> Period:
    """Return ``day`` as a period."""
    return Period(day, day, "day")


def months_from(year: int, month: int, count: int, grain: Grain = "month") -> Period:
    """Return ``count`` months from ``month`` of ``year`` on. Raises ValueError out of the calendar.

    ``month`` may be any number: 0 is December of the year before.
    """
    first = _first_of_month(year * 12 + month - 1)
    return Period(first, _first_of_month(year * 12 + month - 1 + count) - timedelta(1), grain)


def around(day: date, unit: str) -> Period:
    """Return the ``unit`` (day, week, month ... century) that ``day`` is in."""
    if unit == "day":
        return day_of(day)
    if unit in {"week", "weekend"}:
        monday = day - timedelta(day.weekday())
        if unit == "week":
            return Period(monday, monday + timedelta(6), "week")
        return Period(monday + timedelta(4), monday + timedelta(5), "day")  # Friday, Saturday
    if unit == "season":
        # Three months each, winter from December: so are the seasons of the weather counted.
        return months_from(day.year, day.month // 3 * 3, 3, "season")
    if unit == "half":
        return months_from(day.year, 1 if day.month < 7 else 7, 6)
    grain: Grain = unit  # type: ignore[assignment]
    months = MONTHS_OF[unit]
    before = (day.year * 12 + day.month - 1) % months
    return months_from(day.year, day.month - before, months, grain)


def moved(day: date, unit: str, steps: int) -> date:
    """Return the day ``steps`` units after ``day``, the last of the month if there is none such."""
    if unit == "day":
        return day + timedelta(steps)
    if unit in {"week", "weekend"}:
        return day + timedelta(7 * steps)
    months = 3 if unit == "season" else MONTHS_OF[unit]
    year, month = divmod(day.year * 12 + day.month - 1 + steps * months, 12)
    if not 1 <= year <= 9999:
        raise ValueError(f"no such year: {year}")
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _first_of_month(months: int) -> date:
    return date(months // 12, months % 12 + 1, 1)
