"""Weeks, months, seasons, years and longer: named, counted from today, or parts of one another."""

from dataclasses import replace
from datetime import date, timedelta

from services.enrich.core.dates.days import calendar_date
from services.enrich.core.dates.meaning import (
    Meaning,
    Parts,
    Reference,
    direction_of,
    nearest,
    resolve,
    this,
    year_of,
)
from services.enrich.core.dates.periods import Period, Unfixed, around, day_of, months_from, moved

_FEW = 3  # how many days "a few days" are taken for
_YEARS_TOLD_BARE = range(1940, 2036)
_HALVES = {
    "month": ("day", 15),
    "year": ("month", 6),
    "decade": ("year", 5),
    "century": ("year", 50),
}


def year(parts: Parts, reference: Reference) -> Period:
    """A year by its number."""
    return around(date(year_of(parts["year"], reference), 1, 1), "year")


def bare_year(parts: Parts, reference: Reference) -> Period:
    """A year by a number that nothing else says to be one."""
    if parts["year"] not in _YEARS_TOLD_BARE:
        raise ValueError("an amount")
    if reference.around is None or reference.around.counting:
        raise ValueError("an amount")
    return year(parts, reference)


def iso(parts: Parts, _: Reference) -> Period:
    """2020-W47, 2020-W47-2, 2020-Q3."""
    year, letter, number, weekday = parts["iso"]
    if letter == "Q":
        if not 1 <= number <= 4 or weekday:
            raise ValueError("no such quarter")
        return months_from(year, number * 3 - 2, 3, "quarter")
    day = date.fromisocalendar(year, number, weekday or 1)
    return around(day, "day" if weekday else "week")


def period(parts: Parts, reference: Reference) -> Period:
    """This, last or next week, month, year and so on."""
    return this(parts["unit"], parts, reference)


def opening(parts: Parts, reference: Reference) -> Period:
    """The first days of this month or the next: as vague as its beginning."""
    return part({"part": 0, "of": Meaning(period, parts)}, reference)


def season(parts: Parts, reference: Reference) -> Period:
    """A season, of three months each; that of no year is the nearest."""
    month = parts["season"]
    if "year" in parts:
        return months_from(year_of(parts["year"], reference), month, 3, "season")
    today = reference.today
    seasons = [months_from(today.year + at, month, 3, "season") for at in (-2, -1, 0, 1)]
    found = nearest(seasons, direction_of(parts, reference), today)
    return found if "direction" in parts else found.of_kind("partial")


def decade(parts: Parts, reference: Reference) -> Period:
    """The eighties, of the century before the last ten years if no other is named."""
    tens = parts["decade"]
    if "of" in parts:
        return around(date(resolve(parts["of"], reference).first.year + tens, 1, 1), "decade")
    return around(date((1900 if tens >= 20 else 2000) + tens, 1, 1), "decade")


def decade_of(parts: Parts, _: Reference) -> Period:
    """The 1980s, by the first of its years: 1980, 80, 198 (of 1980s) or 8 (of 80s)."""
    number: int = parts["year"]
    number *= 10 if number < 10 or 100 <= number < 1000 else 1
    return around(date(number + (1900 if number < 100 else 0), 1, 1), "decade")


def century(parts: Parts, _: Reference) -> Period:
    """The nineteenth century, as 18XX."""
    return around(date((parts["ordinal"] - 1) * 100 or 1, 1, 1), "century")


def run(parts: Parts, reference: Reference) -> Period:
    """The last three days, the coming weeks: whole units beside the present one."""
    unit, direction = unit_of(parts), parts["direction"]
    count = parts.get("count", 2 if "pair" in parts else _FEW)
    steps = (-count, -1) if direction < 0 else (1, count) if direction else (1 - count, 0)
    first, last = (around(moved(reference.today, unit, step), unit) for step in steps)
    period = Period(first.first, last.last, first.grain)
    return period if "count" in parts or "pair" in parts else period.roughly()


def within(parts: Parts, reference: Reference) -> Period:
    """Within the coming three days: from today on."""
    return Period(reference.today, moved(reference.today, unit_of(parts), _count_of(parts)), "day")


def distance(parts: Parts, reference: Reference) -> Period:
    """So many units before or after today, or before or after another date."""
    unit, few = unit_of(parts), "few" in parts
    count = _count_of(parts)
    anchor = resolve(parts["of"], reference) if "of" in parts else None
    steps = count * parts["distance"]
    if "half" in parts:
        period = _moved_by_half(moved(reference.today, unit, steps), unit, parts["distance"])
    elif anchor is None:
        period = around(moved(reference.today, unit, steps), unit)
    elif anchor.first == anchor.last:
        period = day_of(moved(anchor.first, unit, steps))
    else:
        start = anchor.first if steps < 0 else anchor.last
        period = around(moved(start, unit, steps), unit)
    rough = few or "about" in parts or (anchor is not None and anchor.approximate)
    return period.roughly() if rough else period


def half_distance(parts: Parts, reference: Reference) -> Period:
    """Half a unit before or after today."""
    return _moved_by_half(reference.today, unit_of(parts), parts["distance"])


def _moved_by_half(day: date, unit: str, direction: int) -> Period:
    """Return where half a ``unit`` from ``day`` on or back is, told in the next smaller unit."""
    if unit not in _HALVES:
        raise ValueError(f"half a {unit}")
    smaller, half = _HALVES[unit]
    return around(moved(day, smaller, half * direction), smaller)


def part(parts: Parts, reference: Reference) -> Period:
    """The beginning, middle or end of a period: as vague as it sounds, a third of its days."""
    whole = resolve(parts["of"], reference)
    if whole.grain == "day" and whole.first == whole.last:
        return whole
    first, last = whole.part(parts["part"] % 3, 3)
    return Period(first, last, whole.grain, True, whole.value, whole.kind)


def nth(parts: Parts, reference: Reference) -> Period:
    """The second week of May, the first half of the year, the last day of the month."""
    nth = parts["nth"].parts if "nth" in parts else parts
    unit, ordinal = nth.get("unit", "day"), nth["ordinal"]
    whole = _whole(parts, reference)
    found = _nth_of(whole, unit, ordinal - 1 if ordinal > 0 else ordinal)
    if found.first > whole.last or found.last < whole.first:
        raise ValueError("it has not so many")
    return replace(found, kind=whole.kind)


def edge(parts: Parts, reference: Reference) -> Period:
    """The first ten days of October, the last two weeks of the year."""
    whole, unit, count = _whole(parts, reference), unit_of(parts), _count_of(parts)
    if parts["ordinal"] > 0:
        found = Period(whole.first, moved(whole.first, unit, count) - timedelta(1), "day")
    else:
        found = Period(moved(whole.last + timedelta(1), unit, -count), whole.last, "day")
    if found.last > whole.last or found.first < whole.first:
        raise ValueError("it has not so many")
    return replace(found, kind=whole.kind, approximate="count" not in parts)


def _whole(parts: Parts, reference: Reference) -> Period:
    if "of" in parts:
        return resolve(parts["of"], reference)
    if "month" in parts:
        return calendar_date(parts, reference)
    return this(parts.get("of_unit", "year"), {}, reference)


def same(parts: Parts, reference: Reference) -> Period | Unfixed:
    """The same as the date before it in the text, the next after that, or a day of its month."""
    unit = parts.get("unit", "day")
    if reference.said is None:
        return Unfixed(None, unit, "relative")
    if "day" in parts:
        return day_of(reference.said.replace(day=parts["day"])).of_kind("relative")
    if "weekday" in parts:
        ahead = (parts["weekday"] - reference.said.isoweekday() - 1) % 7 + 1
        steps = ahead if parts["same"] else ahead % 7
        return day_of(reference.said + timedelta(steps)).of_kind("relative")
    return around(moved(reference.said, unit, parts["same"]), unit).of_kind("relative")


def _nth_of(whole: Period, unit: str, at: int) -> Period:
    """Return the ``at``-th ``unit`` of ``whole``, from 0; -1 is the last."""
    if unit == "third":
        return Period(*whole.part(at % 3, 3), grain="day")
    if unit == "half" and whole.grain in {"month", "week", "season"}:
        return Period(*whole.part(at % 2, 2), grain="day")
    if unit == "half" and whole.grain in {"decade", "century"}:
        return Period(*whole.part(at % 2, 2), grain="year")
    if unit == "week" and whole.grain == "month":
        # The weeks of a month are counted from its first day.
        first = whole.first + timedelta(7 * at) if at >= 0 else whole.last - timedelta(6)
        return Period(first, min(first + timedelta(6), whole.last), "day")
    if at < 0:
        return around(moved(whole.last, unit, at + 1), unit)
    # The first week of a year is that of its fourth of January.
    start = whole.first + timedelta(3) if unit == "week" else whole.first
    return around(moved(start, unit, at), unit)


def _count_of(parts: Parts) -> int:
    count: int = _FEW if "few" in parts else parts.get("count", 2 if "pair" in parts else 1)
    return count


def unit_of(parts: Parts) -> str:
    """A dual and a plural count themselves: the unit is theirs."""
    unit: str = parts.get("unit") or parts.get("pair") or parts["few"]
    return unit
