"""Days of the calendar: by date, by weekday, from today, by their place in a period, by feast."""

from dataclasses import replace
from datetime import date, timedelta

from dateutil.easter import easter

from services.enrich.core.dates.meaning import (
    Parts,
    Reference,
    direction_of,
    fits,
    nearest,
    resolve,
    this,
    year_of,
)
from services.enrich.core.dates.periods import Period, around, day_of, months_from

_YEARS_TO_A_LEAP_DAY = 9


def calendar_date(parts: Parts, reference: Reference) -> Period:
    """Day, month, year, as far as they are given; a weekday is checked against them."""
    if "date" in parts:
        return _checked(day_of(parts["date"]), parts)
    partial = not parts.keys() & {"year", "month_year", "direction"}
    found = _checked(_in_calendar(parts, reference), parts)
    return found.of_kind("partial") if partial else found


def _in_calendar(parts: Parts, reference: Reference) -> Period:
    if "month_year" in parts:
        month, year = parts["month_year"]
        return _in_year(year, month, None)
    if "day_month" in parts:
        day, month = parts["day_month"]
    else:
        month, day = parts["month"], parts.get("day")
    if "year" in parts:
        return _in_year(year_of(parts["year"], reference), month, day)
    _in_year(2000, month, day)  # 31 February is in no year, 29 February in some
    direction = parts.get("direction")
    if direction == 0:
        return _in_year(reference.today.year, month, day)
    if direction is None and reference.until:
        past, coming = (_yearly(month, day, at, reference.today) for at in (None, 1))
        today = reference.today
        return coming if coming.first - today < today - past.last else past
    if direction is None and "weekday" in parts and not reference.future:
        past, coming = (_yearly(month, day, at, reference.today) for at in (None, 1))
        is_coming = coming.first.isoweekday() == parts["weekday"] != past.first.isoweekday()
        return coming if is_coming else past
    return _yearly(month, day, direction_of(parts, reference), reference.today)


def _yearly(month: int, day: int | None, direction: int | None, today: date) -> Period:
    """Return the nearest such day or month: past or present for None, else past or to come."""
    step = 1 if direction is not None and direction > 0 else -1
    for year in range(today.year, today.year + step * _YEARS_TO_A_LEAP_DAY, step):
        try:
            period = _in_year(year, month, day)
        except ValueError:
            continue  # 29 February of a common year
        if fits(period, direction, today):
            return period
    raise ValueError(f"no such day within {_YEARS_TO_A_LEAP_DAY} years")


def _in_year(year: int, month: int, day: int | None) -> Period:
    return months_from(year, month, 1) if day is None else day_of(date(year, month, day))


def _checked(period: Period, parts: Parts) -> Period:
    """A weekday that is not that of its date leaves the date standing, but not unquestioned."""
    weekday = parts.get("weekday")
    if weekday is None or period.grain != "day" or period.first.isoweekday() == weekday:
        return period
    return period.roughly()


def day_of_period(parts: Parts, reference: Reference) -> Period:
    """A day by its number in a month that is named otherwise: the 15th of this month."""
    month = resolve(parts["of"], reference) if "of" in parts else this("month", parts, reference)
    if not parts.keys() & {"of", "of_unit", "direction"}:  # the nearest such day that fits
        ahead = reference.coming or parts["day"] <= reference.today.day
        month = month if ahead else this("month", {"direction": -1}, reference)
    if month.grain != "month":
        raise ValueError("a day of what is no month")
    day = month.first + timedelta(parts["day"] - 1)
    if day > month.last or parts["day"] < 1:
        raise ValueError("no such day of the month")
    return _checked(day_of(day), parts)


def relative_day(parts: Parts, reference: Reference) -> Period:
    """Yesterday, today; with a weekday beside it, the nearest that is that weekday."""
    offset = parts["relative_day"]
    day = reference.today + timedelta(offset)
    weekday = parts.get("weekday", day.isoweekday())
    away = (day.isoweekday() - weekday) % 7 if offset <= 0 else -((weekday - day.isoweekday()) % 7)
    period = day_of(day - timedelta(away))
    return period.roughly() if away else period


def dialect_day(parts: Parts, reference: Reference) -> Period:
    """Tomorrow by a word of spoken Arabic that means other things in writing."""
    if reference.around is None or not reference.around.dialect:
        raise ValueError("another word")
    return relative_day(parts, reference)


def weekday(parts: Parts, reference: Reference) -> Period:
    """A weekday: of a week, the last, the next, or the nearest past."""
    if "of" in parts:
        week = resolve(parts["of"], reference)
        return day_of(week.first + timedelta(parts["weekday"] - 1))
    back = (reference.today.isoweekday() - parts["weekday"]) % 7
    direction = direction_of(parts, reference)
    if direction == 0:
        return day_of(around(reference.today, "week").first + timedelta(parts["weekday"] - 1))
    if direction is None or "direction" not in parts:
        ahead = -back % 7 if reference.coming else -back
        return day_of(reference.today + timedelta(ahead))
    if direction > 0:
        return day_of(reference.today + timedelta(7 * direction - back))
    return day_of(reference.today - timedelta((back or 7) + 7 * (-direction - 1)))


def nth_weekday(parts: Parts, reference: Reference) -> Period:
    """The third Sunday of November."""
    nth = parts["nth"].parts if "nth" in parts else parts
    if "of" in parts:
        whole = resolve(parts["of"], reference)
    elif "of_unit" in parts:
        whole = this(parts["of_unit"], {}, reference)
    else:
        whole = calendar_date({part: parts[part] for part in parts if part != "nth"}, reference)
    weekday, ordinal = nth["weekday"], nth["ordinal"]
    if whole.grain == "month" and ordinal > 0:
        day = whole.first + timedelta(ordinal - 1)
        if day <= whole.last and (day.isoweekday() == weekday or ordinal > 5):
            # Tuesday the third, not the third Tuesday.
            return replace(_checked(day_of(day), nth), kind=whole.kind)
    if ordinal > 0:
        ahead = (weekday - whole.first.isoweekday()) % 7
        day = whole.first + timedelta(ahead + 7 * (ordinal - 1))
    else:
        day = whole.last - timedelta((whole.last.isoweekday() - weekday) % 7)
    if not whole.first <= day <= whole.last:
        raise ValueError("it has not so many")
    return replace(day_of(day), kind=whole.kind)


def holiday(parts: Parts, reference: Reference) -> Period:
    """A feast of fixed day, or one of the days after it."""
    month, day = map(int, parts["holiday"].split("-"))
    found = calendar_date({**parts, "month": month, "day": day}, reference)
    later = timedelta(parts.get("ordinal", 1) - 1)
    return replace(found, first=found.first + later, last=found.last + later)


def moving_holiday(parts: Parts, reference: Reference) -> Period:
    """A feast of no fixed day: days after Easter, or after the nth weekday of a month."""
    numbers = [int(number) for number in parts["moving_holiday"].split()]
    if "year" in parts:
        return _moving(year_of(parts["year"], reference), numbers)
    year = reference.today.year
    days = [_moving(year + at, numbers) for at in (-2, -1, 0, 1, 2)]
    return nearest(days, direction_of(parts, reference), reference.today)


def _moving(year: int, numbers: list[int]) -> Period:
    *of_month, later = numbers
    if not of_month:
        return day_of(easter(year) + timedelta(later))
    month, weekday, which = of_month
    first = date(year, month, 1)
    ahead = (weekday - first.isoweekday()) % 7
    return day_of(first + timedelta(ahead + 7 * (which - 1) + later))


def either(parts: Parts, reference: Reference) -> Period:
    """A day told twice, as Sunday last, 22 November: the date, on the side the weekday is."""
    of = parts["of"]
    if "direction" in parts and not of.parts.keys() & {"year", "date", "direction"}:
        of = of.but(direction=parts["direction"])
    return resolve(of, reference)
