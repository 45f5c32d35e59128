"""What an alert shows of the window: the stories, who is named in them, and which words stand out.

Names and words stand out against all coverage of the last four weeks, not because they are many.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from services.alert.core.counting import EVERYTHING, Answer, Body, counted
from services.alert.core.evaluate import SPARK_POINTS
from services.contract.alerts import AlertedEntity, AlertedStory
from services.contract.search_clauses import Clause

_STORIES = 5
_ENTITIES = 6
_TERMS = 6
_BACKGROUND = timedelta(days=28)
_LEAST_OFTEN = 2  # what one story names stands out in nothing
_STORY_FIELDS = ["title", "url", "source", "first_seen_at"]


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is shown; ``before`` are the stories in each window before, by its end."""

    stories: tuple[AlertedStory, ...] = ()
    entities: tuple[AlertedEntity, ...] = ()
    terms: tuple[str, ...] = ()
    before: Mapping[datetime, int] | None = None


def evidence_of(query: Clause, since: datetime, until: datetime) -> Body:
    """Return the search for what the stories of a window are."""
    background = counted(EVERYTHING, until - _BACKGROUND, until)
    oldest = [{"first_seen_at": "asc"}]
    told_first = {"top_hits": {"size": 1, "sort": oldest, "_source": _STORY_FIELDS}}
    named = {"top_hits": {"size": 1, "_source": ["entities"]}}
    return {
        "size": 0,
        "track_total_hits": False,
        "query": counted(query, since, until),
        "aggs": {
            "stories": {
                "terms": {"field": "story_id", "size": _STORIES},
                "aggs": {"first": told_first},
            },
            "entities": {
                "significant_terms": {
                    "field": "entities.id",
                    "size": _ENTITIES,
                    "min_doc_count": _LEAST_OFTEN,
                    "background_filter": background,
                },
                "aggs": {"named": named, "stories": {"cardinality": {"field": "story_id"}}},
            },
            "terms": {
                "significant_text": {
                    "field": "title.exact",
                    "source_fields": ["title"],
                    "size": _TERMS,
                    "min_doc_count": _LEAST_OFTEN,
                    "background_filter": background,
                }
            },
        },
    }


def windows_before(query: Clause, window: timedelta, until: datetime) -> list[Body]:
    """Return the searches for the stories in each of the windows before the one to ``until``."""
    stories = {"stories": {"cardinality": {"field": "story_id"}}}
    return [
        {
            "size": 0,
            "track_total_hits": False,
            "query": counted(query, end - window, end),
            "aggs": stories,
        }
        for end in _ends_before(window, until)
    ]


def read_evidence(answer: Answer, before: Mapping[datetime, int]) -> Evidence:
    """Return what ``evidence_of`` was answered."""
    found = answer["aggregations"]
    return Evidence(
        stories=tuple(_story(bucket) for bucket in found["stories"]["buckets"]),
        entities=tuple(
            entity for bucket in found["entities"]["buckets"] if (entity := _entity(bucket))
        ),
        terms=tuple(bucket["key"] for bucket in found["terms"]["buckets"]),
        before=before,
    )


def read_before(answers: list[Answer], window: timedelta, until: datetime) -> dict[datetime, int]:
    """Return the stories by the end of their window, by the answers to ``windows_before``."""
    counts = [answer["aggregations"]["stories"]["value"] for answer in answers]
    return dict(zip(_ends_before(window, until), counts, strict=True))


def _ends_before(window: timedelta, until: datetime) -> list[datetime]:
    return [until - back * window for back in range(SPARK_POINTS - 1, 0, -1)]


def _story(bucket: Mapping[str, Any]) -> AlertedStory:
    (hit,) = bucket["first"]["hits"]["hits"]
    told = hit["_source"]
    return AlertedStory(
        story_id=bucket["key"],
        title=told["title"],
        url=told["url"],
        source_id=told["source"]["id"],
        source_name=told["source"].get("name"),
        first_seen_at=datetime.fromisoformat(told["first_seen_at"]),
        articles=bucket["doc_count"],
    )


def _entity(bucket: Mapping[str, Any]) -> AlertedEntity | None:
    (hit,) = bucket["named"]["hits"]["hits"]
    named = [entity for entity in hit["_source"]["entities"] if entity.get("id") == bucket["key"]]
    if not named:
        return None
    return AlertedEntity(
        id=bucket["key"],
        type=named[0]["type"],
        name=named[0]["name"],
        name_en=named[0].get("name_en"),
        stories=bucket["stories"]["value"],
    )
