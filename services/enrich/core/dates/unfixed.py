"""Expressions that name no one run of days: what recurs, what lasts, what is called after a day."""

from collections.abc import Mapping
from datetime import date, timedelta

from services.contract.articles import Grain
from services.enrich.core.dates.meaning import Parts, Reference
from services.enrich.core.dates.periods import Period, Unfixed
from services.enrich.core.dates.spans import unit_of, within

_DURATION_UNITS = {
    "day": ("D", 1), "week": ("W", 1), "weekend": ("W", 1), "month": ("M", 1), "quarter": ("M", 3),
    "half": ("M", 6), "season": ("M", 3), "year": ("Y", 1), "decade": ("Y", 10),
    "century": ("Y", 100),
}  # fmt: skip
_NOT_A_GRAIN: Mapping[str, Grain] = {"weekend": "week", "half": "quarter"}
# The year of what is called after a day or a month.
_YEARS = {
    (2, 17): 2011, (2, None): 2011, (9, 1): 1969, (9, 11): 2001, (7, 23): 1952, (1, 25): 2011,
    (6, 30): 2013, (1, 14): 2011, (10, 6): 1973, (10, None): 1973, (9, None): 1969,
}  # fmt: skip


def recurring(parts: Parts, reference: Reference) -> Unfixed:
    """ISO 8601 repeats an interval, from the first time on or after the day of reference."""
    today = reference.today
    if "weekday" in parts:
        first = today + timedelta((parts["weekday"] - today.isoweekday()) % 7)
        return Unfixed(f"R/{first.isoformat()}/P1W", "day", "recurring")
    if "month" in parts:
        month, day = parts["month"], parts.get("day")
        passed = (today.month, today.day) > (month, day or 31)
        first = date(today.year + passed, month, day or 1)
        grain: Grain = "month" if day is None else "day"
        start = first.isoformat() if day else f"{first.year:04}-{first.month:02}"
        return Unfixed(f"R/{start}/P1Y", grain, "recurring")
    if "of" in parts:  # the 15th of each month, Hijri feasts of each year
        return Unfixed(None, "day", "recurring")
    return Unfixed(f"R/{_duration_of(parts)}", _grain(unit_of(parts)), "recurring")


def duration(parts: Parts, _: Reference) -> Unfixed:
    """So long, from no date."""
    return Unfixed(_duration_of(parts), _grain(unit_of(parts)), "duration")


def during(parts: Parts, reference: Reference) -> Unfixed | Period:
    """Within three months: of what is to come a range from today, else only how long it took."""
    return within(parts, reference) if reference.future else duration(parts, reference)


def event(parts: Parts, _: Reference) -> Unfixed:
    """What is called after a day: a revolution, a street."""
    month, day = parts["month"], parts.get("day")
    year = parts.get("year") or _YEARS.get((month, day))
    if day is None:
        return Unfixed(f"{year or 'XXXX'}-{month:02}", "month", "event")
    found = date(year if isinstance(year, int) else 2000, month, day)
    if isinstance(year, int):
        return Unfixed(found.isoformat(), "day", "event", found)
    return Unfixed(f"XXXX{found.isoformat()[4:]}", "day", "event")


def _duration_of(parts: Parts) -> str:
    letter, units = _DURATION_UNITS[unit_of(parts)]
    if "few" in parts:
        return f"PX{letter}"
    count = parts.get("count", 2 if "pair" in parts else 1)
    return f"P{count * units}{letter}"


def _grain(unit: str) -> Grain:
    grain: Grain = _NOT_A_GRAIN.get(unit) or unit  # type: ignore[assignment]
    return grain
