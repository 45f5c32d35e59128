"""Dates as people write them: الأحد ٣ كانون الثاني ٢٠٢٦ - 10:15 ص, 12 رمضان 1441, 25/11/2020.

Weekdays and other words beside are passed over. Numbers alone are day, month, year, as everywhere
that the sources write from; one beyond 12 is the day wherever it stands.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from hijridate import Hijri

from services.contract.folding import fold_letters
from services.ingest.core.months import HIJRI_MONTHS, MONTHS

MAX_CHARS = 300
"""What is longer than this is no date, with whatever words beside it."""

FURTHEST_ZONE = timedelta(hours=14)
"""What is further from UTC is no zone."""

_CLOCK_WITHIN_CHARS = 30


def _alternatives(months: dict[int, str]) -> tuple[dict[str, int], str]:
    """Return the number of each form, and a pattern of all of them, the longest first."""
    numbers = {form: number for number, forms in months.items() for form in forms.split(" | ")}
    return numbers, "|".join(sorted(numbers, key=len, reverse=True))


_MONTHS, _MONTH = _alternatives(MONTHS)
_HIJRI_MONTHS, _HIJRI_MONTH = _alternatives(HIJRI_MONTHS)

_BETWEEN = r"(?:[\s،,./-]|\b(?:من|شهر|de|of)\b)*"
_DAY_MONTH_YEAR = re.compile(
    rf"(?<!\d)(\d{{1,2}})(?:st|nd|rd|th|er)?{_BETWEEN}\b({_MONTH})\b"
    rf"(?:\s*/\s*(?:{_MONTH})\b)?{_BETWEEN}(?:عام|سنه)?\s*(\d{{4}})(?!\d)"
)
_MONTH_DAY_YEAR = re.compile(
    rf"\b({_MONTH})\b[\s.]*(\d{{1,2}})(?:st|nd|rd|th)?[\s،,]+(?:at\s)?(\d{{4}})(?!\d)"
)
_HIJRI = re.compile(
    rf"(?<!\d)(\d{{1,2}}){_BETWEEN}\b({_HIJRI_MONTH})\b{_BETWEEN}(?:عام|سنه)?\s*(1[345]\d\d)(?!\d)"
)
_YEAR_LAST = re.compile(r"(?<![\d/.-])(\d{1,2})\s?([/.-])\s?(\d{1,2})\s?\2\s?(\d{4})(?!\d)")
_YEAR_FIRST = re.compile(r"(?<![\d/.-])(\d{4})\s?([/.-])\s?(\d{1,2})\s?\2\s?(\d{1,2})(?!\d)")
_CLOCK = re.compile(
    r"(?<![\d:])(\d{1,2})\s?[:h]\s?(\d{2})(?::(\d{2}))?(?!\d)"
    r"\s*(?P<half>ص\b|م\b|صباحا|مساء|ظهرا|am\b|pm\b|a\.m|p\.m)?\s*"
    r"(?P<zone>بتوقيت غرينتش|بتوقيت جرينتش|gmt|utc|z\b)?\s*(?P<offset>[+-]\d\d:?\d\d(?!\d))?"
)
_AFTERNOON = ("م", "مساء", "ظهرا", "pm", "p.m")


@dataclass(frozen=True, slots=True)
class Written:
    """A date as written: whether it has a time, and None for ``offset`` if it names no zone."""

    at: datetime  # without a zone
    timed: bool
    offset: timedelta | None = None


def find_written(text: str) -> Written | None:
    """Return the first date in ``text``, Gregorian before Hijri; None if there is none."""
    text = fold_letters(text[:MAX_CHARS])
    for pattern, read in _READERS:
        for found in pattern.finditer(text):
            try:
                day = read(found)
            except (ValueError, OverflowError):
                continue
            after, before = text[found.end() :], text[: found.start()]
            clock = _CLOCK.search(after[:_CLOCK_WITHIN_CHARS])
            return _with_clock(day, clock or _CLOCK.search(before[-_CLOCK_WITHIN_CHARS:]))
    return None


def _with_clock(day: datetime, clock: re.Match[str] | None) -> Written:
    if clock is None:
        return Written(day, timed=False)
    hour, minute, second = int(clock[1]), int(clock[2]), int(clock[3] or 0)
    half = clock["half"]
    if half and hour <= 12:
        hour = hour % 12 + (12 if half in _AFTERNOON else 0)
    if hour > 23 or minute > 59 or second > 59:
        return Written(day, timed=False)
    return Written(day.replace(hour=hour, minute=minute, second=second), True, _offset(clock))


def _offset(clock: re.Match[str]) -> timedelta | None:
    if not clock["offset"]:
        return timedelta(0) if clock["zone"] else None
    digits = clock["offset"].replace(":", "")
    ahead = timedelta(hours=int(digits[1:3]), minutes=int(digits[3:]))
    if ahead > FURTHEST_ZONE:
        return None
    return -ahead if digits[0] == "-" else ahead


def _day(year: int, month: int, day: int) -> datetime:
    return datetime(year, month, day)  # noqa: DTZ001 - the zone is the caller's to give


def _numbers(found: re.Match[str]) -> datetime:
    day, month, year = int(found[1]), int(found[3]), int(found[4])
    return _day(year, day, month) if month > 12 else _day(year, month, day)


def _hijri(found: re.Match[str]) -> datetime:
    day = Hijri(int(found[3]), _HIJRI_MONTHS[found[2]], int(found[1])).to_gregorian()
    return _day(day.year, day.month, day.day)


_READERS = (
    (_DAY_MONTH_YEAR, lambda found: _day(int(found[3]), _MONTHS[found[2]], int(found[1]))),
    (_MONTH_DAY_YEAR, lambda found: _day(int(found[3]), _MONTHS[found[1]], int(found[2]))),
    (_YEAR_LAST, _numbers),
    (_YEAR_FIRST, lambda found: _day(int(found[1]), int(found[3]), int(found[4]))),
    (_HIJRI, _hijri),
)
