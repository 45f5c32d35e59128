"""The days whose articles are asked for, and what a sitemap says about them beforehand."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from services.ingest.core.dates import Moment, date_in_url
from services.ingest.core.items import Child, FeedItem


@dataclass(frozen=True, slots=True)
class Period:
    """From ``since`` until before ``until``; None: without end on that side."""

    since: datetime | None = None
    until: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether every article is in it, also one without a date."""
        return self.since is None and self.until is None

    def holds(self, moment: datetime | None) -> bool:
        """Return whether an article of ``moment`` (None: not known) is asked for."""
        if moment is None:
            return self.is_open
        return not (
            (self.since is not None and moment < self.since)
            or (self.until is not None and moment >= self.until)
        )

    def may_hold(self, item: FeedItem, zone: ZoneInfo) -> bool:
        """Return whether the page of ``item`` has to be read to know."""
        published: Moment | None = item.published or date_in_url(item.link, zone)
        if published is not None:
            return self.holds(published.at)
        return item.updated is None or self.may_be_in(item.updated.at)

    def may_list(self, child: Child) -> bool:
        """Return whether a sitemap of an index has to be read to know."""
        return child.modified is None or self.may_be_in(child.modified)

    def may_be_in(self, modified: datetime) -> bool:
        """Return whether what was changed last at ``modified`` may be of the period.

        It may have been published long before, but not afterwards.
        """
        return self.since is None or modified >= self.since
