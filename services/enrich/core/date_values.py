"""What the parts of a date expression mean together, seen from the day the article came out."""

import calendar
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from services.contract.articles import DateKind, Grain

Parts = Mapping[str, Any]
"""What a rule found: ``day``, ``month``, ``year``, ``weekday``, ``direction`` (-1 past, 0 this, 1
next), ``relative_day``, ``distance`` with ``count`` and ``unit``, ``period``, ``part`` or ``date``.
"""


_YEARS_TO_A_LEAP_DAY = 9


@dataclass(frozen=True, slots=True)
class Period:
    """From ``first`` to ``last`` day, as fine as ``grain``."""

    first: date
    last: date
    grain: Grain

    @property
    def value(self) -> str:
        """The period in ISO 8601."""
        if self.grain == "day":
            return self.first.isoformat()
        if self.grain == "week":
            year, week, _ = self.first.isocalendar()
            return f"{year}-W{week:02}"
        if self.grain == "month":
            return f"{self.first.year:04}-{self.first.month:02}"
        return f"{self.first.year:04}"

    def third(self, part: str) -> tuple[date, date]:
        """Return the days of the ``start``, ``middle`` or ``end`` of the period, a third each."""
        days = (self.last - self.first).days + 1
        at = ("start", "middle", "end").index(part)
        first = self.first + timedelta(days * at // 3)
        return first, self.first + timedelta(days * (at + 1) // 3 - 1)


def kind_of(parts: Parts) -> DateKind:
    """Return how the expression fixes its date."""
    if parts.keys() & {"direction", "relative_day", "distance"}:
        return "relative"
    if "year" in parts or "date" in parts:
        return "absolute"
    return "partial" if "month" in parts else "relative"


def grain_of(parts: Parts) -> Grain:
    """Return how fine the expression is."""
    unit = parts.get("unit") or parts.get("period")
    if unit:
        grain: Grain = unit
        return grain
    if parts.keys() & {"day", "weekday", "relative_day", "date"}:
        return "day"
    return "month" if "month" in parts else "year"


def resolve(parts: Parts, today: date | None) -> Period | None:
    """Return what ``parts`` mean on ``today``; None if that cannot be told without ``today``.

    Raises ValueError or OverflowError for days that no calendar has.
    """
    if "date" in parts:
        return _day(parts["date"])
    if "month" in parts and "year" in parts:
        return _in_year(parts, parts["year"])
    if "year" in parts:
        return _year(parts["year"])
    if "month" in parts and "day" in parts:
        # 31 فبراير is in no year; 29 فبراير is in some.
        _in_year(parts, 2000)
    if today is None:
        return None
    if "relative_day" in parts:
        return _day(today + timedelta(parts["relative_day"]))
    if "month" in parts:
        return _nearest_month(parts, today)
    if "weekday" in parts:
        return _nearest_weekday(parts, today)
    if "distance" in parts:
        steps = parts["distance"] * parts.get("count", 2)  # a dual counts itself
        return _around(_moved(today, parts["unit"], steps), parts["unit"])
    return _around(_moved(today, parts["period"], parts["direction"]), parts["period"])


def _nearest_month(parts: Parts, today: date) -> Period:
    """The nearest fitting past, as news are written, unless the words say otherwise."""
    direction = parts.get("direction")
    if direction == 0:
        return _in_year(parts, today.year)
    step = 1 if direction == 1 else -1
    for year in range(today.year, today.year + step * _YEARS_TO_A_LEAP_DAY, step):
        try:
            period = _in_year(parts, year)
        except ValueError:
            continue  # 29 February of a common year
        fits = {1: period.first > today, -1: period.last < today, None: period.first <= today}
        if fits[direction]:
            return period
    raise ValueError(f"no such day within {_YEARS_TO_A_LEAP_DAY} years")


def _nearest_weekday(parts: Parts, today: date) -> Period:
    back = (today.isoweekday() - parts["weekday"]) % 7
    direction = parts.get("direction")
    if direction == 1:
        return _day(today + timedelta(7 - back))
    if direction == -1 and back == 0:
        back = 7
    return _day(today - timedelta(back))


def _in_year(parts: Parts, year: int) -> Period:
    month = parts["month"]
    if "day" in parts:
        return _day(date(year, month, parts["day"]))
    return Period(
        date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1]), "month"
    )


def _moved(day: date, unit: str, steps: int) -> date:
    if unit == "day":
        return day + timedelta(steps)
    if unit == "week":
        return day + timedelta(7 * steps)
    months = day.year * 12 + day.month - 1 + steps * (12 if unit == "year" else 1)
    year, month = divmod(months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _around(day: date, unit: str) -> Period:
    if unit == "day":
        return _day(day)
    if unit == "week":
        monday = day - timedelta(day.weekday())
        return Period(monday, monday + timedelta(6), "week")
    if unit == "month":
        return _in_year({"month": day.month}, day.year)
    return _year(day.year)


def _day(day: date) -> Period:
    return Period(day, day, "day")


def _year(year: int) -> Period:
    return Period(date(year, 1, 1), date(year, 12, 31), "year")
