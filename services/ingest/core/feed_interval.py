"""How often a feed says that it changes: ``ttl`` and the syndication module (``sy:``).

WordPress writes ``sy:updatePeriod hourly`` and ``sy:updateFrequency 1`` into every feed, whatever
its site does; hence that pair says nothing where WordPress made the feed, nor
where the items themselves come quicker (many sites hide what made them). Believed, it would let the
news of a site that publishes every five minutes wait for an hour.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import pairwise
from statistics import median

from services.ingest.core.items import FeedItem

NAMES = ("ttl", "sy:updatePeriod", "sy:updateFrequency", "generator")
"""The elements about a feed that ``update_interval_s`` goes by."""

_PERIODS_S = {
    "hourly": 3_600,
    "daily": 86_400,
    "weekly": 604_800,
    "monthly": 2_592_000,
    "yearly": 31_536_000,
}
_DEFAULT_S = 3_600
_NEWEST = 10
"""Items whose times tell the rhythm of a feed."""


def update_interval_s(said: Mapping[str, str], items: Iterable[FeedItem]) -> float | None:
    """Return the longest interval that a feed names, None if it names none to be believed.

    ``said`` is the text of the elements in NAMES that it has.
    """
    period_s = _PERIODS_S.get(said.get("sy:updatePeriod", "").lower(), 0)
    syndication_s = period_s / (_number(said.get("sy:updateFrequency"), 1) or 1)
    if syndication_s == _DEFAULT_S and _is_default(said.get("generator", ""), items):
        syndication_s = 0
    return max(_number(said.get("ttl"), 0) * 60, syndication_s) or None


def _is_default(generator: str, items: Iterable[FeedItem]) -> bool:
    return "wordpress" in generator.lower() or _rhythm_s(items) < _DEFAULT_S


def _rhythm_s(items: Iterable[FeedItem]) -> float:
    """Return the usual time from one of the newest items to the next, in seconds.

    Infinite where too few say when they were published. Items of one moment count as one: they
    were put in together.
    """
    moments: set[datetime] = {
        item.published.at
        for item in items
        if item.published and item.published.precision == "second"
    }
    newest = sorted(moments, reverse=True)[:_NEWEST]
    gaps = [(later - earlier).total_seconds() for later, earlier in pairwise(newest)]
    return median(gaps) if len(gaps) > 1 else float("inf")


def _number(text: str | None, default: int) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 8 else default
