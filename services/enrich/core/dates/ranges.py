"""From one date to another; what one end leaves out is said by the other."""

from datetime import date, timedelta

from services.enrich.core.dates.days import calendar_date, day_of_period, relative_day, weekday
from services.enrich.core.dates.hijri import hijri
from services.enrich.core.dates.meaning import Meaning, Parts, Reference, resolve, year_of
from services.enrich.core.dates.periods import Period, day_of
from services.enrich.core.dates.spans import nth, same, year

_OF_A_MONTH = (calendar_date, day_of_period, hijri, same)


def years(parts: Parts, _: Reference) -> Period:
    """2014-2016 as one word."""
    first, last = parts["years"]
    return Period(date(first, 1, 1), date(last, 12, 31), "year", kind="range")


def days(parts: Parts, reference: Reference) -> Period:
    """3-7 May: the days as one word."""
    first, last = parts["days"]
    begin = calendar_date({**parts, "day": first}, reference)
    return Period(begin.first, begin.first + timedelta(last - first), "day", kind="range")


def date_range(parts: Parts, reference: Reference) -> Period:
    """From one date to another, or to today where no last is told."""
    first: Meaning | int = parts.get("first") or Meaning(relative_day, {"relative_day": 0})
    last: Meaning | int | None = parts.get("last")
    if isinstance(last, int):
        last = Meaning(year, {"year": last})
    if isinstance(first, int):  # a bare year, or a bare day
        if last is None or last.understand is year:
            first = Meaning(year, {"year": first})
        else:
            first = _in_month_of(last, first)
    begin, end = _ends(first, last, reference)
    if end.last < begin.first:
        raise ValueError("it ends before it begins")
    grain = begin.grain if begin.grain == end.grain else "day"
    approximate = begin.approximate or end.approximate
    return Period(begin.first, end.last, grain, approximate, kind="range")


def _in_month_of(last: Meaning, day: int) -> Meaning:
    if last.understand not in _OF_A_MONTH:
        raise ValueError("a day of no month")
    known = {part: value for part, value in last.parts.items() if part != "weekday"}
    return Meaning(last.understand, {**known, "day": day})


def _ends(first: Meaning, last: Meaning | None, reference: Reference) -> tuple[Period, Period]:
    if last is None:
        return resolve(first, reference), day_of(reference.today)
    if _open(first) and "year" in last.parts:
        end = resolve(last, reference)
        begin = resolve(first.but(year=last.parts["year"]), reference)
        if begin.first > end.first:  # from December to March 2021
            number = year_of(last.parts["year"], reference) - 1
            begin = resolve(first.but(year=number), reference)
        return begin, end
    if first.understand is nth and "of" not in first.parts and "of" in last.parts:
        first = first.but(of=last.parts["of"])  # from the first to the second quarter of 2020
    if _bare_weekday(first) and _bare_weekday(last) and not reference.future:
        # The days that are running are meant, before those to come.
        begin = resolve(first, Reference(reference.today))
        end = resolve(last.but(direction=1), Reference(begin.first))
        if end.last >= reference.today:
            return begin, end
    begin = resolve(first, reference)
    if last.understand is same:
        return begin, resolve(last, Reference(begin.first, said=begin.first))
    if _open(last) or _bare_weekday(last):
        # The end is the first such day after the beginning, not after today.
        return begin, resolve(last.but(direction=1), Reference(begin.first))
    return begin, resolve(last, reference)


def _bare_weekday(meaning: Meaning) -> bool:
    return meaning.understand is weekday and not meaning.parts.keys() & {"of", "direction"}


def _open(meaning: Meaning) -> bool:
    """Return whether a date leaves its year open, as another date may close it."""
    return meaning.understand is calendar_date and not meaning.parts.keys() & {
        "year", "date", "direction",
    }  # fmt: skip
