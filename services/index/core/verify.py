"""What the index lacks of what Kafka has, and has without Kafka: article by article."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

Place = tuple[date, str]
"""The day (UTC) on which an article was first seen, and its source."""


@dataclass(frozen=True, slots=True)
class Known:
    """What one side knows of an article: the version of its newest fetch, its day and source."""

    version: int
    day: date
    source: str
    enriched_at: datetime

    @property
    def place(self) -> Place:
        """Where it is counted."""
        return self.day, self.source


@dataclass(frozen=True, slots=True)
class Sent:
    """What was read from Kafka: articles by id, and which of them the service may still write.

    ``dead`` messages have a dead letter. ``lost`` ones, as ``partition/offset``, cannot be read and
    have none. What was enriched before ``kept_since`` Kafka may have forgotten.
    """

    articles: Mapping[str, Known]
    pending: frozenset[str]
    dead: int
    lost: tuple[str, ...]
    kept_since: datetime | None


@dataclass(frozen=True, slots=True)
class Row:
    """Articles of one source on one day."""

    day: date
    source: str
    kafka: int
    index: int
    missing: int
    older: int
    stray: int


@dataclass(frozen=True, slots=True)
class Verified:
    """The two sides compared: rows by day and source, and the ids of what is wrong.

    ``missing`` are in Kafka only, ``older`` in the index as an earlier fetch, ``stray`` in the
    index only. ``forgotten`` is how many in the index are from before what Kafka keeps.
    """

    rows: tuple[Row, ...]
    missing: tuple[str, ...]
    older: tuple[str, ...]
    stray: tuple[str, ...]
    lost: tuple[str, ...]
    pending: int
    dead: int
    forgotten: int

    @property
    def is_good(self) -> bool:
        """Whether the index holds what Kafka does, and nothing else."""
        return not (self.missing or self.older or self.stray or self.lost)


def verify(sent: Sent, indexed: Mapping[str, Known]) -> Verified:
    """Return how the articles of Kafka and of the index differ. Pending ones never do."""
    kafka, pending, since = sent.articles, sent.pending, sent.kept_since
    only_index = indexed.keys() - kafka.keys() - pending
    forgotten = {i for i in only_index if since and indexed[i].enriched_at < since}
    missing = kafka.keys() - indexed.keys() - pending
    both = (kafka.keys() & indexed.keys()) - pending
    older = {i for i in both if indexed[i].version < kafka[i].version}
    stray = only_index - forgotten
    return Verified(
        rows=_rows(
            kafka=Counter(kafka[i].place for i in kafka.keys() - pending),
            index=Counter(indexed[i].place for i in both | stray),
            missing=Counter(kafka[i].place for i in missing),
            older=Counter(kafka[i].place for i in older),
            stray=Counter(indexed[i].place for i in stray),
        ),
        missing=tuple(sorted(missing)),
        older=tuple(sorted(older)),
        stray=tuple(sorted(stray)),
        lost=sent.lost,
        pending=len(pending),
        dead=sent.dead,
        forgotten=len(forgotten),
    )


def _rows(
    kafka: Counter[Place],
    index: Counter[Place],
    missing: Counter[Place],
    older: Counter[Place],
    stray: Counter[Place],
) -> tuple[Row, ...]:
    return tuple(
        Row(*place, kafka[place], index[place], missing[place], older[place], stray[place])
        for place in sorted(kafka.keys() | index.keys())
    )
