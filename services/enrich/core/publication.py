"""When the article came out: how far that can be trusted, and which day it was over there."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from services.contract.articles import Published, RawArticle

# How often each origin was the day printed over the article is not measured yet; the order is what
# matters: a feed states it for machines, a page in many ways, an address gives the day only.
_CONFIDENCE: Mapping[str, float] = {"feed": 0.95, "page": 0.9, "url": 0.7}
_CONFIDENCE_OF_A_GUESS = 0.2
UNKNOWN = Published(value=None, precision=None, origin="none", confidence=0.0)


def judge_publication(article: RawArticle) -> Published:
    """Return the publication of ``article`` with the confidence its origin deserves."""
    if article.published_at is None or article.published_origin == "none":
        return UNKNOWN
    confidence = _CONFIDENCE[article.published_origin]
    if article.published_at > article.fetched_at:
        confidence /= 2  # a date in the future: a clock is wrong, or it announces an event
    return Published(
        value=article.published_at,
        precision=article.published_precision or "second",
        origin=article.published_origin,
        confidence=confidence,
    )


def infer_publication(days: Iterable[date], fetched_on: date | None) -> Published:
    """Return the latest of the ``days`` a text names in full that is not after its fetch.

    News name the day they were written more often than a later one; it is a guess all the same.
    """
    known = [day for day in days if fetched_on is None or day <= fetched_on]
    if not known:
        return UNKNOWN
    return Published(
        value=datetime.combine(max(known), time(), UTC),
        precision="day",
        origin="text",
        confidence=_CONFIDENCE_OF_A_GUESS,
    )


def publication_day(published: Published, timezone: str) -> date | None:
    """Return the day it was in ``timezone``; None if the publication is not known.

    A publication known to the day only is that day, whatever the zone.
    """
    if published.value is None:
        return None
    if published.precision == "day":
        return published.value.date()
    try:
        return published.value.astimezone(ZoneInfo(timezone)).date()
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return published.value.date()  # a zone nobody knows: UTC is at most a day off
