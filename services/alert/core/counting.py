"""What Elasticsearch is asked for the counts, and what its answers say.

Stories are counted, by ``story_id``, so that copies add nothing; when is when they were first seen.
An import of the past, or an article found days after it was published, is no news and not counted.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from services.alert.core.baseline import HISTORY_H
from services.alert.core.tails import Floats

Body = dict[str, Any]

LATE = timedelta(hours=48)
"""What is published so long before it was first seen is not counted. What is undated is."""

_EXACT_UP_TO = (
    3_000  # stories in an hour; above, Elasticsearch's count is right within some percent
)
_HOUR = timedelta(hours=1)


def history(query: Body, until: datetime) -> Body:
    """Return the search for the stories by the hour in the HISTORY_H hours before ``until``.

    ``until`` is a full hour in UTC.
    """
    hours = {"field": "first_seen_at", "fixed_interval": "1h", "min_doc_count": 1}
    by_hour = {"date_histogram": hours, "aggs": {"stories": _distinct("story_id")}}
    return _counting(query, until - HISTORY_H * _HOUR, until, {"hours": by_hour})


def window(query: Body, since: datetime, until: datetime) -> Body:
    """Return the search for the stories and the sources first seen from ``since`` to ``until``."""
    distinct = {"stories": _distinct("story_id"), "sources": _distinct("source.id")}
    return _counting(query, since, until, distinct)


def counted_hours(answer: Mapping[str, Any], until: datetime) -> Floats:
    """Return the stories in each of the HISTORY_H hours, by the answer to ``history``."""
    counts = np.zeros(HISTORY_H)
    begins_ms = round((until - HISTORY_H * _HOUR).timestamp() * 1000)
    for bucket in answer["aggregations"]["hours"]["buckets"]:
        counts[(bucket["key"] - begins_ms) // 3_600_000] = bucket["stories"]["value"]
    return counts


def counted_window(answer: Mapping[str, Any]) -> tuple[int, int]:
    """Return the stories and the sources, by the answer to ``window``."""
    found = answer["aggregations"]
    return found["stories"]["value"], found["sources"]["value"]


def _counting(query: Body, since: datetime, until: datetime, counts: Body) -> Body:
    seen = {"range": {"first_seen_at": {"gte": since.isoformat(), "lt": until.isoformat()}}}
    filters = [query, seen, {"term": {"mode": "live"}}, _not_late()]
    return {
        "size": 0,
        "track_total_hits": False,
        "query": {"bool": {"filter": filters}},
        "aggs": counts,
    }


def _not_late() -> Body:
    source = (
        "doc['published_at'].empty || doc['first_seen_at'].value.toInstant().toEpochMilli()"
        " - doc['published_at'].value.toInstant().toEpochMilli() <= params.late_ms"
    )
    late_ms = LATE // timedelta(milliseconds=1)
    return {"script": {"script": {"source": source, "params": {"late_ms": late_ms}}}}


def _distinct(field: str) -> Body:
    return {"cardinality": {"field": field, "precision_threshold": _EXACT_UP_TO}}
