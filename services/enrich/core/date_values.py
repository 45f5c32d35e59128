"""What the parts of a date expression mean together, seen from the day the article came out.

One function a meaning: parts and reference day in, period out. The names of the functions are what
the rules of ``knowledge/dates/rules.yaml`` say before the colon.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from services.contract.articles import DateKind
from services.enrich.core.date_periods import (
    Period,
    around,
    day_of,
    hijri_period,
    hijri_year,
    months_from,
    moved,
)

_FEW = 3  # how many days "a few days" are taken for
_YEARS_TO_A_LEAP_DAY = 9
_YEAR_OF_TWO_DIGITS = 40  # 39 is 2039, 40 is 1940
_HIJRI_YEARS = range(1300, 1501)


@dataclass(frozen=True, slots=True)
class Meaning:
    """A rule's meaning and the parts it is made of: values of words, or meanings again."""

    name: str
    parts: Mapping[str, Any]


@dataclass(slots=True)
class Reference:
    """The day that an article speaks from, and how it speaks of dates that name no year.

    ``asked`` remembers whether a meaning depended on the day; ``speaks_of_future`` is looked up
    only for dates that leave it open.
    """

    day: date
    speaks_of_future: Callable[[], bool] = bool
    asked: bool = field(default=False, init=False)

    @property
    def today(self) -> date:
        """The day of reference."""
        self.asked = True
        return self.day

    @property
    def future(self) -> bool:
        """Whether the words speak of what is to come."""
        return self.speaks_of_future()


Parts = Mapping[str, Any]


def resolve(meaning: Meaning | int, reference: Reference) -> Period:
    """Return the period meant; a bare number is a year.

    Raises ValueError or OverflowError for days that no calendar has.
    """
    if isinstance(meaning, int):
        return around(date(meaning, 1, 1), "year")
    return _RESOLVERS[meaning.name](meaning.parts, reference)


def is_meaning(name: str) -> bool:
    """Return whether rules may use ``name``."""
    return name in _RESOLVERS


def kind_of(meaning: Meaning, reference: Reference) -> DateKind:
    """Return how the expression fixes its date; ``reference`` is the one it was resolved with."""
    parts = meaning.parts
    if meaning.name in {"range", "days", "years"}:
        return "range"
    if meaning.name in {"hijri", "hijri_holiday"}:
        return "hijri"
    if not reference.asked:
        return "absolute"
    if meaning.name in {"part", "nth", "nth_weekday", "either"} and "of" in parts:
        of = parts["of"]
        return kind_of(of, reference) if isinstance(of, Meaning) else "absolute"
    if meaning.name in {"date", "season", "holiday"}:
        year = parts.get("year")
        return "relative" if "direction" in parts or year is not None else "partial"
    return "relative"


def _date(parts: Parts, reference: Reference) -> Period:
    """Day, month, year, as far as they are given; a weekday is checked against them."""
    if "date" in parts:
        return _checked(day_of(parts["date"]), parts)
    if "day_month" in parts:
        day, month = parts["day_month"]
    else:
        month, day = parts["month"], parts.get("day")
    if "year" in parts:
        return _checked(_in_year(_year_number(parts["year"], reference), month, day), parts)
    _in_year(2000, month, day)  # 31 February is in no year, 29 February in some
    direction = parts.get("direction")
    if direction == 0:
        return _checked(_in_year(reference.today.year, month, day), parts)
    if direction is None and "weekday" in parts and not reference.future:
        past, coming = (_yearly(month, day, at, reference.today) for at in (None, 1))
        fits = coming.first.isoweekday() == parts["weekday"] != past.first.isoweekday()
        return _checked(coming if fits else past, parts)
    return _checked(_yearly(month, day, _direction(parts, reference), reference.today), parts)


def _yearly(month: int, day: int | None, direction: int | None, today: date) -> Period:
    """Return the nearest such day or month: past or present for None, else past or to come."""
    step = 1 if direction is not None and direction > 0 else -1
    for year in range(today.year, today.year + step * _YEARS_TO_A_LEAP_DAY, step):
        try:
            period = _in_year(year, month, day)
        except ValueError:
            continue  # 29 February of a common year
        if _fits(period, direction, today):
            return period
    raise ValueError(f"no such day within {_YEARS_TO_A_LEAP_DAY} years")


def _fits(period: Period, direction: int | None, today: date) -> bool:
    if direction is None or direction == 0:
        return period.first <= today
    return period.first > today if direction > 0 else period.last < today


def _checked(period: Period, parts: Parts) -> Period:
    """A weekday that is not that of its date leaves the date standing, but not unquestioned."""
    weekday = parts.get("weekday")
    if weekday is None or period.grain != "day" or period.first.isoweekday() == weekday:
        return period
    return period.roughly()


def _direction(parts: Parts, reference: Reference) -> int | None:
    given: int | None = parts.get("direction")
    return 1 if given is None and reference.future else given


def _day_of_period(parts: Parts, reference: Reference) -> Period:
    """A day by its number in a month that is named otherwise: the 15th of this month."""
    of = resolve(parts["of"], reference) if "of" in parts else _this("month", reference, parts)
    if of.grain != "month":
        raise ValueError("a day of what is no month")
    day = of.first + timedelta(parts["day"] - 1)
    if day > of.last or parts["day"] < 1:
        raise ValueError("no such day of the month")
    return _checked(day_of(day), parts)


def _this(unit: str, reference: Reference, parts: Parts) -> Period:
    return around(moved(reference.today, unit, parts.get("direction", 0)), unit)


def _year(parts: Parts, reference: Reference) -> Period:
    return around(date(_year_number(parts["year"], reference), 1, 1), "year")


def _year_number(year: Any, reference: Reference) -> int:
    if isinstance(year, Meaning):
        return resolve(year, reference).first.year
    number = int(year)
    if number < 10:
        raise ValueError("a year of one digit")
    if number < 100:
        return number + (2000 if number < _YEAR_OF_TWO_DIGITS else 1900)
    return number


def _in_year(year: int, month: int, day: int | None) -> Period:
    return months_from(year, month, 1) if day is None else day_of(date(year, month, day))


def _relative_day(parts: Parts, reference: Reference) -> Period:
    """Yesterday, today; with a weekday beside it, the nearest that is that weekday."""
    offset = parts["relative_day"]
    day = reference.today + timedelta(offset)
    weekday = parts.get("weekday", day.isoweekday())
    away = (day.isoweekday() - weekday) % 7 if offset <= 0 else -((weekday - day.isoweekday()) % 7)
    period = day_of(day - timedelta(away))
    return period.roughly() if away else period


def _weekday(parts: Parts, reference: Reference) -> Period:
    if "of" in parts:
        week = resolve(parts["of"], reference)
        return day_of(week.first + timedelta(parts["weekday"] - 1))
    back = (reference.today.isoweekday() - parts["weekday"]) % 7
    direction = _direction(parts, reference)
    if direction is None or direction == 0:
        return day_of(reference.today - timedelta(back))
    if direction > 0:
        return day_of(reference.today + timedelta(7 * direction - back))
    return day_of(reference.today - timedelta((back or 7) + 7 * (-direction - 1)))


def _period(parts: Parts, reference: Reference) -> Period:
    """This, last or next week, month, year and so on."""
    return _this(parts["unit"], reference, parts)


def _run(parts: Parts, reference: Reference) -> Period:
    """The last three days, the coming weeks: whole units beside the present one."""
    unit, direction = unit_of(parts), parts["direction"]
    count = parts.get("count", 2 if "pair" in parts else _FEW)
    steps = (-count, -1) if direction < 0 else (1, count) if direction else (1 - count, 0)
    first, last = (around(moved(reference.today, unit, step), unit) for step in steps)
    period = Period(first.first, last.last, first.grain)
    return period if "count" in parts or "pair" in parts else period.roughly()


def _distance(parts: Parts, reference: Reference) -> Period:
    """So many units before or after today, or before or after another date."""
    unit, few = unit_of(parts), "few" in parts
    count = _FEW if few else parts.get("count", 2 if "pair" in parts else 1)
    anchor = resolve(parts["of"], reference) if "of" in parts else None
    steps = count * parts["distance"]
    if anchor is None:
        period = around(moved(reference.today, unit, steps), unit)
    elif anchor.first == anchor.last:
        period = day_of(moved(anchor.first, unit, steps))
    else:
        start = anchor.first if steps < 0 else anchor.last
        period = around(moved(start, unit, steps), unit)
    rough = few or "about" in parts or (anchor is not None and anchor.approximate)
    return period.roughly() if rough else period


def unit_of(parts: Parts) -> str:
    """A dual and a plural count themselves: the unit is theirs."""
    unit: str = parts.get("unit") or parts.get("pair") or parts["few"]
    return unit


def _within(parts: Parts, reference: Reference) -> Period:
    """Within the coming three days: from today on."""
    count = _FEW if "few" in parts else parts.get("count", 2 if "pair" in parts else 1)
    return Period(reference.today, moved(reference.today, unit_of(parts), count), "day")


def _part(parts: Parts, reference: Reference) -> Period:
    """The beginning, middle or end of a period: as vague as it sounds, a third of its days."""
    whole = resolve(parts["of"], reference)
    if whole.grain == "day" and whole.first == whole.last:
        return whole
    first, last = whole.part(parts["part"] % 3, 3)
    return Period(first, last, whole.grain, True, whole.value)


def _nth(parts: Parts, reference: Reference) -> Period:
    """The second week of May, the first half of the year, the last day of the month."""
    nth = parts["nth"].parts
    unit, ordinal = nth["unit"], nth["ordinal"]
    if "of" in parts:
        whole = resolve(parts["of"], reference)
    else:
        whole = _this(parts.get("of_unit", "year"), reference, {})
    at = ordinal - 1 if ordinal > 0 else ordinal
    if unit == "third":
        return Period(*whole.part(at % 3, 3), grain="day")
    if unit == "half" and whole.grain in {"month", "week", "season"}:
        return Period(*whole.part(at % 2, 2), grain="day")
    if unit == "half" and whole.grain in {"decade", "century"}:
        return Period(*whole.part(at % 2, 2), grain="year")
    start = whole.first if at >= 0 else whole.last
    steps = at if at >= 0 else at + 1
    if unit == "week" and whole.grain == "month":
        # The weeks of a month are counted from its first day.
        first = start + timedelta(7 * steps) if at >= 0 else start - timedelta(6)
        found = Period(first, min(first + timedelta(6), whole.last), "day")
    else:
        found = around(moved(start, unit, steps), unit)
    if found.first > whole.last or found.last < whole.first:
        raise ValueError("it has not so many")
    return found


def _nth_weekday(parts: Parts, reference: Reference) -> Period:
    """The third Sunday of November."""
    nth, whole = parts["nth"].parts, resolve(parts["of"], reference)
    weekday, ordinal = nth["weekday"], nth["ordinal"]
    if whole.grain == "month" and ordinal > 0:
        day = whole.first + timedelta(ordinal - 1)
        if day <= whole.last and (day.isoweekday() == weekday or ordinal > 5):
            return _checked(day_of(day), nth)  # Tuesday the third, not the third Tuesday
    if ordinal > 0:
        ahead = (weekday - whole.first.isoweekday()) % 7
        day = whole.first + timedelta(ahead + 7 * (ordinal - 1))
    else:
        day = whole.last - timedelta((whole.last.isoweekday() - weekday) % 7)
    if not whole.first <= day <= whole.last:
        raise ValueError("it has not so many")
    return day_of(day)


def _season(parts: Parts, reference: Reference) -> Period:
    month = parts["season"]
    if "year" in parts:
        return months_from(_year_number(parts["year"], reference), month, 3, "season")
    today = reference.today
    seasons = [months_from(today.year + at, month, 3, "season") for at in (-2, -1, 0, 1)]
    return _nearest(seasons, _direction(parts, reference), today)


def _nearest(periods: list[Period], direction: int | None, today: date) -> Period:
    """Return the nearest to come, or the nearest past. Raises ValueError if there is none."""
    fitting = [period for period in periods if _fits(period, direction, today)]
    if not fitting:
        raise ValueError("no such period near the day of reference")
    return fitting[0] if direction is not None and direction > 0 else fitting[-1]


def _decade(parts: Parts, reference: Reference) -> Period:
    """The eighties, of the century before the last ten years if no other is named."""
    tens = parts["decade"]
    if "of" in parts:
        return around(date(resolve(parts["of"], reference).first.year + tens, 1, 1), "decade")
    return around(date((1900 if tens >= 20 else 2000) + tens, 1, 1), "decade")


def _century(parts: Parts, _: Reference) -> Period:
    return around(date((parts["ordinal"] - 1) * 100 or 1, 1, 1), "century")


def _holiday(parts: Parts, reference: Reference) -> Period:
    month, day = map(int, parts["holiday"].split("-"))
    found = _date({**parts, "month": month, "day": day}, reference)
    return day_of(found.first + timedelta(parts.get("ordinal", 1) - 1))


def _hijri_holiday(parts: Parts, reference: Reference) -> Period:
    month, day, *length = map(int, parts["holiday"].split("-"))
    at = parts["ordinal"] - 1 if "ordinal" in parts else 0
    found = _hijri({**parts, "hijri_month": month, "day": day}, reference)
    days = length[0] if length and parts.get("all_days") else 1
    first = found.first + timedelta(at)
    return Period(first, first + timedelta(days - 1), "day", approximate=True)


def _hijri(parts: Parts, reference: Reference) -> Period:
    """A day, month or year of the Hijri calendar; its Gregorian twin, if given, decides."""
    if "twin" in parts:
        return resolve(parts["twin"], reference)
    month, day = parts.get("hijri_month"), parts.get("day")
    year = parts.get("year")
    if isinstance(year, Meaning) and year.parts.get("year") in _HIJRI_YEARS:
        year = year.parts["year"]
    if isinstance(year, int) and year in _HIJRI_YEARS:
        return hijri_period(year, month, day)
    if year is not None:  # Ramadan of 2020: the one that begins in that year
        whole = around(date(_year_number(year, reference), 1, 1), "year")
        found = _hijri_around(whole.first, month, day, (0, 1))
        return _nearest([p for p in found if p.first >= whole.first], None, whole.last)
    today, direction = reference.today, _direction(parts, reference)
    periods = _hijri_around(today, month, day, (-2, -1, 0, 1, 2))
    if direction == 0:
        return min(periods, key=lambda period: abs((period.first - today).days))
    return _nearest(periods, direction, today)


def _hijri_around(
    day: date, month: int | None, of_month: int | None, years: tuple[int, ...]
) -> list[Period]:
    now, found = hijri_year(day), []
    for at in years:
        # The 30th of a month is not in every year.
        with suppress(ValueError, OverflowError):
            found.append(hijri_period(now + at, month, of_month))
    return found


def _either(parts: Parts, reference: Reference) -> Period:
    """A day told twice, as Sunday last, 22 November: the date, on the side the weekday is."""
    of = parts["of"]
    if "direction" in parts and _open(of):
        of = replace(of, parts={**of.parts, "direction": parts["direction"]})
    return resolve(of, reference)


def _years(parts: Parts, _: Reference) -> Period:
    """2014-2016 as one word."""
    first, last = parts["years"]
    return Period(date(first, 1, 1), date(last, 12, 31), "year")


def _days(parts: Parts, reference: Reference) -> Period:
    """3-7 May: the days as one word."""
    first, last = parts["days"]
    begin = _date({**parts, "day": first}, reference)
    return Period(begin.first, begin.first + timedelta(last - first), "day")


def _range(parts: Parts, reference: Reference) -> Period:
    """From one date to another; what the first leaves out is said by the last."""
    first, last = parts["first"], parts["last"]
    if isinstance(first, int):  # a bare day, or a bare year
        if isinstance(last, int):
            return Period(date(first, 1, 1), date(last, 12, 31), "year")
        return _range_of(_completed(first, last), last, reference)
    return _range_of(first, last, reference)


def _completed(number: int, last: Meaning) -> Meaning:
    if last.name == "year":
        return Meaning("year", {"year": number})
    known = {part: value for part, value in last.parts.items() if part != "weekday"}
    return replace(last, parts={**known, "day": number})


def _range_of(first: Meaning, last: Meaning, reference: Reference) -> Period:
    if _open(first) and not _open(last):
        end = resolve(last, reference)
        year = last.parts["year"]
        begin = resolve(replace(first, parts={**first.parts, "year": year}), reference)
        if begin.first > end.first:  # from December to March 2021
            number = _year_number(year, reference) - 1
            begin = resolve(replace(first, parts={**first.parts, "year": number}), reference)
    else:
        begin = resolve(first, reference)
        inherited = {}
        if isinstance(last, Meaning) and last.name in {"date", "weekday"} and _open(last):
            # The end is the first such day after the beginning, not after today.
            inherited = {"direction": 1}
        elif last.name == "weekday" and "of" not in last.parts:
            inherited = {"direction": 1}
        if inherited:
            end = resolve(replace(last, parts={**last.parts, **inherited}), Reference(begin.first))
        else:
            end = resolve(last, reference)
    if end.last < begin.first:
        raise ValueError("it ends before it begins")
    grain = begin.grain if begin.grain == end.grain else "day"
    return Period(begin.first, end.last, grain, begin.approximate or end.approximate)


def _open(meaning: Meaning) -> bool:
    """Return whether a date leaves its year open, as another date may close it."""
    return meaning.name == "date" and not meaning.parts.keys() & {"year", "date", "direction"}


_RESOLVERS: dict[str, Callable[[Parts, Reference], Period]] = {
    "date": _date, "day_of_period": _day_of_period, "relative_day": _relative_day,
    "weekday": _weekday, "period": _period, "run": _run, "distance": _distance,
    "within": _within, "part": _part, "nth": _nth, "nth_weekday": _nth_weekday,
    "season": _season, "decade": _decade, "century": _century, "year": _year, "years": _years,
    "days": _days, "range": _range, "holiday": _holiday, "hijri_holiday": _hijri_holiday,
    "hijri": _hijri, "either": _either,
}  # fmt: skip
