"""Days, months, years and feasts of the Hijri calendar (Umm al-Qura, by hijridate).

All are approximate: where the moon is looked for, a month may begin a day sooner or later.
"""

from contextlib import suppress
from datetime import date, timedelta

from hijridate import Gregorian, Hijri

from services.enrich.core.dates.meaning import (
    Meaning,
    Parts,
    Reference,
    direction_of,
    nearest,
    resolve,
    year_of,
)
from services.enrich.core.dates.periods import Period, around, day_of

_YEARS = range(1300, 1501)
_JUST_AFTER = timedelta(10)


def hijri(parts: Parts, reference: Reference) -> Period:
    """A day, month or year of the Hijri calendar; its Gregorian twin, if given, decides."""
    found = resolve(parts["twin"], reference) if "twin" in parts else _untwinned(parts, reference)
    return found.of_kind("hijri")


def _untwinned(parts: Parts, reference: Reference) -> Period:
    if "date" in parts:
        return _period(*parts["date"])
    month, day = parts.get("hijri_month"), parts.get("day")
    year = parts.get("year")
    if isinstance(year, Meaning) and year.parts.get("year") in _YEARS:
        year = year.parts["year"]
    if isinstance(year, int) and year in _YEARS:
        return _period(year, month, day)
    if year is not None:  # Ramadan of 2020: the one that begins in that year
        whole = around(date(year_of(year, reference), 1, 1), "year")
        found = _hijri_around(whole.first, month, day, (0, 1))
        return nearest([p for p in found if p.first >= whole.first], None, whole.last)
    today, direction = reference.today, direction_of(parts, reference)
    periods = _hijri_around(today, month, day, (-2, -1, 0, 1, 2))
    if direction == 0:
        return min(periods, key=lambda period: abs((period.first - today).days))
    return nearest(periods, direction, today)


def hijri_holiday(parts: Parts, reference: Reference) -> Period:
    """A feast, or one of its days; of several that have the name, the nearest.

    Just after a feast it is meant, even if the words speak of the future: those of good wishes do.
    """
    if reference.future and not parts.keys() & {"direction", "year"}:
        past = hijri_holiday(parts, Reference(reference.day))
        if reference.today - past.last <= _JUST_AFTER:
            return past
    later = timedelta(parts["ordinal"] - 1 if "ordinal" in parts else 0)
    found = []
    for feast in parts["holiday"].split():
        month, day = map(int, feast.split("-"))
        found.append(hijri({**parts, "hijri_month": month, "day": day}, reference).first + later)
    feast_day = max(found) if min(found) <= reference.today else min(found)
    return day_of(feast_day).roughly().of_kind("hijri")


def _hijri_around(
    day: date, month: int | None, of_month: int | None, years: tuple[int, ...]
) -> list[Period]:
    now, found = _year(day), []
    for at in years:
        # The 30th of a month is not in every year.
        with suppress(ValueError, OverflowError):
            found.append(_period(now + at, month, of_month))
    return found


def _period(year: int, month: int | None, day: int | None) -> Period:
    """Return the days of a day, month or year.

    Raises ValueError or OverflowError for what the calendar does not have.
    """
    if day is not None and month is not None:
        return day_of(_gregorian(year, month, day)).roughly()
    first_month, last_month = (1, 12) if month is None else (month, month)
    first = _gregorian(year, first_month, 1)
    last_day = Hijri(year, last_month, 1).month_length()
    last = _gregorian(year, last_month, last_day)
    name = f"{first.isoformat()}/{last.isoformat()}"
    return Period(first, last, "year" if month is None else "month", True, name)


def _year(day: date) -> int:
    """Return the Hijri year of ``day``. Raises OverflowError where the calendar does not reach."""
    return int(Gregorian(day.year, day.month, day.day).to_hijri().year)


def _gregorian(year: int, month: int, day: int) -> date:
    return date.fromisoformat(Hijri(year, month, day).to_gregorian().isoformat())
