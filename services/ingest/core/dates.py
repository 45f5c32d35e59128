"""Dates as feeds and pages write them, read in the source's zone where they name none.

Machines write ISO 8601 or RFC 822, badly programmed ones what ``written_dates.py`` reads.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Literal
from zoneinfo import ZoneInfo

from services.ingest.core.written_dates import FURTHEST_ZONE, find_written

EARLIEST_YEAR = 1990
FUTURE_TOLERANCE = timedelta(minutes=10)
"""Clocks differ; a date further ahead than this was made up by a content system."""

MIN_ITEMS_TO_COMPARE = 3
"""Two articles may well come out together."""

_ISO = re.compile(
    r"(\d{4}[-/]\d\d?[-/]\d\d?)"
    r"(?:[T ]+(\d\d?:\d\d(?::\d\d)?)(?:\.\d+)?\s*(Z|UTC|GMT|[+-]\d\d(?::?\d\d)?)?)?",
    re.IGNORECASE,
)
_HALF_DAY = re.compile(r"\d\s*[ap]\.?m\b", re.IGNORECASE)
"""What RFC 822 knows not and its parser passes over."""

_IN_PATH = re.compile(r"/(\d{4})[/-](\d{1,2})[/-](\d{1,2})(?=[/-]|$)")


@dataclass(frozen=True, slots=True)
class Moment:
    """A time in UTC, and whether it is one or only a day (then its first second in the zone)."""

    at: datetime
    precision: Literal["second", "day"]


def read_date(text: str | None, zone: ZoneInfo) -> Moment | None:
    """Return what a date means that a machine or a person wrote, None if it is none."""
    text = (text or "").strip()
    if not text:
        return None
    iso = _ISO.match(text)
    try:
        if iso:
            day, clock, offset = iso.groups()
            return _read_iso(day, clock, offset, zone)
        return _read_rfc_822(text, zone) or _read_written(text, zone)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def date_in_url(url: str, zone: ZoneInfo) -> Moment | None:
    """Return the day that the path of ``url`` names, as in /2020/11/25/."""
    found = _IN_PATH.search(url)
    if not found:
        return None
    try:
        year, month, day = map(int, found.groups())
        return Moment(_in_utc(datetime(year, month, day), zone), "day")  # noqa: DTZ001 - zone next
    except (ValueError, OverflowError):
        return None


def believable(moment: Moment | None, now: datetime) -> bool:
    """Return whether an article can have been published then."""
    return (
        moment is not None
        and moment.at.year >= EARLIEST_YEAR
        and moment.at <= now + FUTURE_TOLERANCE
    )


def is_made_up(moments: Sequence[Moment | None]) -> bool:
    """Return whether a feed gives all its items one time, which is then that of its making."""
    at = {moment and moment.at for moment in moments if moment and moment.precision == "second"}
    return len(moments) >= MIN_ITEMS_TO_COMPARE and len(at) == 1 and None not in moments


def _read_rfc_822(text: str, zone: ZoneInfo) -> Moment | None:
    if _HALF_DAY.search(text):
        return None
    try:
        return Moment(_in_utc(parsedate_to_datetime(text), zone), "second")
    except (ValueError, TypeError, IndexError):
        return None


def _read_written(text: str, zone: ZoneInfo) -> Moment | None:
    written = find_written(text)
    if written is None:
        return None
    precision: Literal["second", "day"] = "second" if written.timed else "day"
    if written.offset is not None:
        return Moment(written.at.replace(tzinfo=UTC) - written.offset, precision)
    return Moment(_in_utc(written.at, zone), precision)


def _read_iso(day: str, clock: str | None, offset: str | None, zone: ZoneInfo) -> Moment:
    year, month, dom = map(int, day.replace("/", "-").split("-"))
    on = date(year, month, dom)
    if not clock:
        return Moment(_in_utc(datetime(on.year, on.month, on.day), zone), "day")  # noqa: DTZ001
    hour, minute, second = [*map(int, clock.split(":")), 0][:3]
    written = datetime(on.year, on.month, on.day, hour, minute, second)  # noqa: DTZ001
    if offset is None:
        return Moment(_in_utc(written, zone), "second")
    if offset.upper() in ("Z", "UTC", "GMT"):
        return Moment(written.replace(tzinfo=UTC), "second")
    sign = -1 if offset[0] == "-" else 1
    digits = offset[1:].replace(":", "")
    ahead = timedelta(hours=int(digits[:2]), minutes=int(digits[2:] or 0)) * sign
    if abs(ahead) > FURTHEST_ZONE:
        return Moment(_in_utc(written, zone), "second")
    return Moment(written.replace(tzinfo=UTC) - ahead, "second")


def _in_utc(moment: datetime, zone: ZoneInfo) -> datetime:
    offset = moment.utcoffset()
    has_zone = offset is not None and abs(offset) <= FURTHEST_ZONE
    return (moment if has_zone else moment.replace(tzinfo=zone)).astimezone(UTC)
