"""What is written in digits: numbers, years, whole dates, pairs of days, and what is none."""

import re
from datetime import date
from typing import Any, NamedTuple

CLASSES = (
    "number", "big_number", "old_year", "year_number", "full_date", "hijri_date", "days", "years",
    "day_month", "month_year", "iso",
)  # fmt: skip
"""Classes of numerals: 1 to 99, 100 to 999, 1000 to 1799, 1800 to 2100, 21/3/2020, 3-7, 2014-2016,
21/3, 3/2020, 2020-W47."""

# A range of dates is two numerals; else what is joined is one.
_JOINED = r"(?:(?: ?[-–/] ?|[.,:٫٬])[0-9]+)"
NUMERAL = re.compile(
    r"[0-9]{1,2}([-/.])[0-9]{1,2}\1[0-9]{2,4}"
    r"(?= ?[-–] ?[0-9]{1,2}\1[0-9]{1,2}\1[0-9]{2,4}(?![0-9]))"
    r"|[0-9]{1,2}/[0-9]{1,2}(?= ?[-–] ?[0-9]{1,2}/[0-9]{1,2}(?![0-9/]))"
    r"|[0-9]{4}-?[WQ][0-9]{1,2}(?:-[1-7])?(?![0-9])"
    rf"|[0-9]+{_JOINED}*"
)
SHORTEST_DATE = 3
"""Characters of the shortest numeral that is a date by itself: 5/3."""

_HIJRI_YEARS = range(1300, 1501)
_FULL_DATES = (
    (re.compile(r"([0-9]{4}) ?([-/.]) ?([0-9]{1,2}) ?\2 ?([0-9]{1,2})"), (1, 3, 4)),
    (re.compile(r"([0-9]{1,2}) ?([-/.–]) ?([0-9]{1,2}) ?\2 ?([0-9]{4})"), (4, 3, 1)),
    (re.compile(r"([0-9]{1,2}) ?([-/]) ?([0-9]{1,2}) ?\2 ?([0-9]{2})"), (4, 3, 1)),
)
_ISO = re.compile(r"([0-9]{4})-?([WQ])([0-9]{1,2})(?:-([1-7]))?")
_PAIR = re.compile(r"([0-9]{1,4}) ?([-–/.]) ?([0-9]{1,4})")
_CENTURY_TURN = 40  # 21/3/39 is of 2039


class HijriDate(NamedTuple):
    """A date of the Hijri calendar as it is written: 12/9/1441."""

    year: int
    month: int
    day: int


def read_numeral(digits: str) -> tuple[str | None, Any]:
    """Return the class of what is written in digits, None if it is of no date, and its value."""
    if digits.isdigit():
        return _read_number(digits)
    if match := _ISO.fullmatch(digits):
        year, letter, number, weekday = match.groups()
        return "iso", (int(year), letter, int(number), weekday and int(weekday))
    for pattern, groups in _FULL_DATES:
        if match := pattern.fullmatch(digits):
            return _read_full_date(*(int(match[group]) for group in groups))
    if match := _PAIR.fullmatch(digits):
        return _read_pair(*match.groups())
    return None, None


def _read_number(digits: str) -> tuple[str | None, Any]:
    number = int(digits) if len(digits) <= 4 else 0
    if len(digits) <= 2:
        return "number", number
    if len(digits) == 3:
        return "big_number", number
    if 1800 <= number <= 2100:
        return "year_number", number
    return ("old_year", number) if 1000 <= number < 1800 else (None, None)


def _read_full_date(year: int, month: int, day: int) -> tuple[str | None, Any]:
    if year < 100:
        year += 2000 if year < _CENTURY_TURN else 1900
    if month > 12 >= day:  # the day comes first, unless it cannot
        month, day = day, month
    if year in _HIJRI_YEARS and 0 < month <= 12 and 0 < day <= 30:
        return "hijri_date", HijriDate(year, month, day)
    try:
        return ("full_date", date(year, month, day)) if year >= 1800 else (None, None)
    except ValueError:
        return None, None  # 31/2/2020


def _read_pair(first: str, mark: str, last: str) -> tuple[str | None, Any]:
    one, other = int(first), int(last)
    if len(first) == 4 and 1800 <= one <= 2100 and mark != ".":
        is_month = len(last) == 2 and 0 < other <= 12
        if is_month and (one % 100 != other - 1 if mark == "/" else one % 100 >= other):
            return "month_year", (other, one)
        if len(last) == 2:
            other += one // 100 * 100
        return ("years", (one, other)) if one < other <= min(one + 100, 2100) else (None, None)
    if len(last) == 4 and 1800 <= other <= 2100:
        return ("month_year", (one, other)) if 0 < one <= 12 else (None, None)
    if len(first) <= 2 and len(last) <= 2 and mark != ".":
        if mark == "/":
            return ("day_month", (one, other)) if 0 < one <= 31 and 0 < other <= 12 else (None, 0)
        if 0 < one < other <= 31:
            return "days", (one, other)
    return None, None
