"""What Elasticsearch is asked for the counts, and what its answers say.

Stories are counted, by ``story_id``, so that copies add nothing; when is when they were first seen.
An import of the past, or an article found days after it was published, is no news and not counted.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from services.alert.core.tails import Floats
from services.contract.search_clauses import Clause

Body = dict[str, Any]
Answer = Mapping[str, Any]

LATE = timedelta(hours=48)
"""What is published so long before it was first seen is not counted. What is undated is."""

EVERYTHING: Clause = {"match_all": {}}

STANDS_AFTER = timedelta(minutes=5)
"""If no article has come for so long, windows end with the last one: that nothing is indexed says
nothing about the news."""

_EXACT_UP_TO = 3_000
"""Stories in a window; above, Elasticsearch's count is right within some percent."""

_EXACT_IN_THE_PAST = 100
"""The same for an hour or a source of four weeks: each of them takes memory for so many."""

_MOST_SOURCES = 5_000
_HOUR = timedelta(hours=1)
_TICK = timedelta(milliseconds=1)  # Elasticsearch's times have no finer grain


@dataclass(frozen=True, slots=True)
class Heard:
    """When each source had its last article that counts, and the last of all; None: never.

    ``articles`` is how many there are in all that time.
    """

    last: Mapping[str, datetime]
    newest: datetime | None
    articles: int


def by_hour(query: Clause, since: datetime, until: datetime) -> Body:
    """Return the search for the stories in each hour from ``since`` to ``until``, full hours."""
    return _counting(query, since, until, {"hours": _hours()})


def by_hour_and_source(query: Clause, since: datetime, until: datetime) -> Body:
    """Return the search of ``by_hour``, for the stories of each source besides."""
    sources = {"field": "source.id", "size": _MOST_SOURCES}
    by_source = {"terms": sources, "aggs": {"stories": _distinct("story_id", _EXACT_IN_THE_PAST)}}
    return _counting(query, since, until, {"hours": _hours(), "sources": by_source})


def window(query: Clause, since: datetime, until: datetime) -> Body:
    """Return the search for the stories and the sources first seen from ``since`` to ``until``."""
    distinct = {"stories": _distinct("story_id"), "sources": _distinct("source.id")}
    return _counting(query, since, until, distinct)


def last_heard(since: datetime, until: datetime) -> Body:
    """Return the search for the last article of each source, and of all."""
    last = {"last": {"max": {"field": "first_seen_at"}}}
    by_source = {"terms": {"field": "source.id", "size": _MOST_SOURCES}, "aggs": last}
    articles = {"articles": {"value_count": {"field": "first_seen_at"}}}
    return _counting(EVERYTHING, since, until, {"sources": by_source, **last, **articles})


def counted_hours(answer: Answer, since: datetime, until: datetime) -> Floats:
    """Return the stories in each of the hours, by the answer to ``by_hour``."""
    counts = np.zeros((until - since) // _HOUR)
    begins_ms = round(since.timestamp() * 1000)
    for bucket in answer["aggregations"]["hours"]["buckets"]:
        counts[(bucket["key"] - begins_ms) // 3_600_000] = bucket["stories"]["value"]
    return counts


def counted_sources(answer: Answer) -> dict[str, int]:
    """Return the stories of each source, by the answer to ``by_hour_and_source``."""
    buckets = answer["aggregations"]["sources"]["buckets"]
    return {bucket["key"]: bucket["stories"]["value"] for bucket in buckets}


def counted_window(answer: Answer) -> tuple[int, int]:
    """Return the stories and the sources, by the answer to ``window``."""
    found = answer["aggregations"]
    return found["stories"]["value"], found["sources"]["value"]


def heard(answer: Answer) -> Heard:
    """Return what ``last_heard`` was answered."""
    found = answer["aggregations"]
    last = {bucket["key"]: _moment(bucket["last"]) for bucket in found["sources"]["buckets"]}
    return Heard(
        last={source: at for source, at in last.items() if at},
        newest=_moment(found["last"]),
        articles=found["articles"]["value"],
    )


def counted_until(now: datetime, newest: datetime | None) -> datetime:
    """Return the end of the windows, given when the newest article was first seen.

    The newest article is in the window: a rise that it completed would end without it.
    """
    return newest + _TICK if newest and now - newest > STANDS_AFTER else now


def counted(query: Clause, since: datetime, until: datetime) -> Clause:
    """Return the articles of ``query`` that count, first seen from ``since`` to ``until``."""
    seen = {"range": {"first_seen_at": {"gte": since.isoformat(), "lt": until.isoformat()}}}
    return {"bool": {"filter": [query, seen, {"term": {"mode": "live"}}, _not_late()]}}


def _counting(query: Clause, since: datetime, until: datetime, counts: Body) -> Body:
    articles = counted(query, since, until)
    return {"size": 0, "track_total_hits": False, "query": articles, "aggs": counts}


def _hours() -> Body:
    hours = {"field": "first_seen_at", "fixed_interval": "1h", "min_doc_count": 1}
    return {"date_histogram": hours, "aggs": {"stories": _distinct("story_id", _EXACT_IN_THE_PAST)}}


def _not_late() -> Clause:
    source = (
        "doc['published_at'].empty || doc['first_seen_at'].value.toInstant().toEpochMilli()"
        " - doc['published_at'].value.toInstant().toEpochMilli() <= params.late_ms"
    )
    late_ms = LATE // timedelta(milliseconds=1)
    return {"script": {"script": {"source": source, "params": {"late_ms": late_ms}}}}


def _distinct(field: str, exact_up_to: int = _EXACT_UP_TO) -> Body:
    # By the values themselves: to number all stories of the index first takes half as long again.
    how = {"precision_threshold": exact_up_to, "execution_hint": "direct"}
    return {"cardinality": {"field": field, **how}}


def _moment(found: Mapping[str, float | None]) -> datetime | None:
    milliseconds = found["value"]
    return None if milliseconds is None else datetime.fromtimestamp(milliseconds / 1000, UTC)
