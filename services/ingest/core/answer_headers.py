"""What an answer's headers say of time: how long it holds, when it changed, when to come back.

Headers are a mapping of lower-case names; ``now`` is aware. A header that makes no sense is one
that is not there.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

Headers = Mapping[str, str]

MAX_ETAG_CHARS = 1_000
EARLIEST_CHANGE = datetime(1990, 1, 1, tzinfo=UTC)
CLOCKS_DIFFER = timedelta(minutes=10)
_MAX_AGE = re.compile(r"(?:^|[\s,])max-age=\"?(\d{1,10})", re.IGNORECASE)
_NO_CACHE = re.compile(r"(?:^|[\s,])no-(?:cache|store)(?:$|[\s,])", re.IGNORECASE)
_SECONDS = re.compile(r"\d{1,10}")
_VISIBLE = re.compile(r"[\x21-\x7e]+")


def fresh_for_s(headers: Headers, now: datetime) -> float | None:
    """Return for how many seconds more the answer will not change, None if that is not said."""
    control = headers.get("cache-control", "")
    if _NO_CACHE.search(control):
        return None
    if max_age := _MAX_AGE.search(control):
        age = headers.get("age", "")
        left_s = int(max_age[1]) - (int(age) if _SECONDS.fullmatch(age) else 0)
        return float(left_s) if left_s > 0 else None
    return _seconds_until(http_date(headers.get("expires")), headers, now) or None


def retry_after_s(headers: Headers, now: datetime) -> float | None:
    """Return how many seconds to leave the server alone, None if it does not say."""
    value = headers.get("retry-after", "").strip()
    if _SECONDS.fullmatch(value):
        return float(value)
    return _seconds_until(http_date(value), headers, now)


def usable_etag(etag: str | None) -> str | None:
    """Return ``etag`` unless no header can hold it."""
    usable = etag and len(etag) <= MAX_ETAG_CHARS and _VISIBLE.fullmatch(etag)
    return etag if usable else None


def usable_last_modified(value: str | None, now: datetime) -> str | None:
    """Return ``value`` if it can be when something changed.

    A date in the future makes some servers answer 304 until it comes (miniflux#51).
    """
    changed = http_date(value)
    believable = changed and EARLIEST_CHANGE <= changed <= now + CLOCKS_DIFFER
    return value if believable else None


def http_date(value: str | None) -> datetime | None:
    """Return the moment that ``value`` names, None if it names none."""
    if not value or not value.isascii() or not value.isprintable():
        return None
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, OverflowError, IndexError, TypeError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _seconds_until(moment: datetime | None, headers: Headers, now: datetime) -> float | None:
    """Return the seconds from the server's own ``Date``, so that a wrong clock does no harm."""
    if moment is None:
        return None
    try:
        return max(0.0, (moment - (http_date(headers.get("date")) or now)).total_seconds())
    except OverflowError:
        return None
