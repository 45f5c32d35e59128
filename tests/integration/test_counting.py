"""What is counted of a watch, by the real Elasticsearch: stories that are news, nothing else."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from elasticsearch import Elasticsearch

from services.alert.core.baseline import HISTORY_H
from services.alert.core.counting import (
    EVERYTHING,
    by_hour,
    by_hour_and_source,
    counted,
    counted_hours,
    counted_sources,
    counted_until,
    counted_window,
    heard,
    last_heard,
    window,
)
from services.alert.core.query import compile_query
from services.index.config import alias
from services.index.core.document import to_document
from services.index.edges.indices import ensure_index
from services.runtime.elasticsearch import make_client
from services.runtime.settings import Settings
from tests.support import enriched_article, raw_article

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def client(settings: Settings) -> Iterator[Elasticsearch]:
    with make_client(settings) as client:
        ensure_index(client, alias(settings))
        yield client


def document(
    number: int, seen: datetime, story: str | None = None, source: str = "sample", **fields: Any
) -> dict[str, Any]:
    """An article first seen a minute after it was published, unless ``fields`` say more."""
    fields = {"published_at": seen - MINUTE, "fetched_at": seen, "source_id": source} | fields
    raw = raw_article(number, first_seen_at=seen, **fields)
    written = to_document(enriched_article(raw=raw), indexed_at=seen)
    return written | {"story_id": story or raw.article_id}


@pytest.fixture
def searched(client: Elasticsearch, settings: Settings) -> str:
    """The index, with stories of the last hours and what is not to be counted."""
    news = [
        document(1, NOON - 10 * MINUTE, story="a", source="one"),
        document(2, NOON - 5 * MINUTE, story="a", source="two"),  # a copy
        document(3, NOON - 1 * MINUTE, source="two"),
        document(4, NOON - 2 * MINUTE, published_at=None, published_origin="none"),
        document(5, NOON - 3 * MINUTE, published_at=NOON - 2 * DAY),
        document(6, NOON - HOUR - MINUTE),
        document(7, NOON - timedelta(hours=HISTORY_H)),
    ]
    not_counted = [
        document(8, NOON - 4 * MINUTE, published_at=NOON - 3 * DAY),
        document(9, NOON - 4 * MINUTE, mode="backfill"),
        document(10, NOON),
        document(11, NOON - timedelta(hours=HISTORY_H) - MINUTE),
    ]
    for number, written in enumerate([*news, *not_counted]):
        client.index(index=alias(settings), id=str(number), document=written)
    client.indices.refresh(index=alias(settings))
    return alias(settings)


@pytest.mark.slow
def test_stories_and_sources_of_a_window_are_counted_once(
    client: Elasticsearch, searched: str
) -> None:
    answer = client.search(index=searched, **window(EVERYTHING, NOON - HOUR, NOON))
    assert counted_window(answer) == (4, 3)
    of_one = {"term": {"source.id": "one"}}
    assert counted_window(client.search(index=searched, **window(of_one, NOON - HOUR, NOON))) == (
        1,
        1,
    )
    assert counted_window(
        client.search(index=searched, **window(EVERYTHING, NOON + DAY, NOON + 2 * DAY))
    ) == (0, 0)


@pytest.mark.slow
def test_the_history_has_every_hour_of_four_weeks(client: Elasticsearch, searched: str) -> None:
    since = NOON - HISTORY_H * HOUR
    answer = client.search(index=searched, **by_hour_and_source(EVERYTHING, since, NOON))
    expected = np.zeros(HISTORY_H)
    expected[[0, -2, -1]] = 1, 1, 4
    assert counted_hours(answer, since, NOON).tolist() == expected.tolist()
    assert counted_sources(answer) == {"one": 1, "two": 2, "sample": 4}
    nothing = client.search(index=searched, **by_hour({"match_none": {}}, since, NOON))
    assert not counted_hours(nothing, since, NOON).any()


@pytest.mark.slow
def test_when_each_source_was_last_heard_of_is_told_by_what_counts(
    client: Elasticsearch, searched: str
) -> None:
    last = heard(client.search(index=searched, **last_heard(NOON - DAY, NOON)))
    assert last.last == {
        "one": NOON - 10 * MINUTE,
        "two": NOON - MINUTE,
        "sample": NOON - 2 * MINUTE,
    }
    assert last.newest == NOON - MINUTE
    assert last.articles == 6
    assert (
        heard(client.search(index=searched, **last_heard(NOON + DAY, NOON + 2 * DAY))).newest
        is None
    )


@pytest.mark.slow
def test_when_nothing_comes_any_more_the_last_article_stays_in_the_window(
    client: Elasticsearch, searched: str
) -> None:
    newest = heard(client.search(index=searched, **last_heard(NOON - DAY, NOON))).newest
    until = counted_until(NOON + HOUR, newest)
    assert until < NOON
    answer = client.search(index=searched, **window(EVERYTHING, until - HOUR, until))
    assert counted_window(answer) == (4, 3)


@pytest.mark.slow
def test_a_word_of_a_watch_is_meant_with_its_particles_and_never_in_part(
    client: Elasticsearch, settings: Settings
) -> None:
    texts = {
        "covid": "سجلت المدينة إصابات بكوفيد-19.",
        "nineteen": "أصيب 19 شخصا في حادث.",
        "un": "زار مبعوث الأمم/المتحدة المدينة.",
        "us": "زار سفير الولايات المتحدة المدينة.",
        "truce": "تمسكت الأطراف بالهدنة.",
        "truces": "انهارت هدنات سابقة.",
    }
    for number, (name, text) in enumerate(texts.items()):
        written = document(number, NOON - MINUTE, text=text, source=name)
        client.index(index=alias(settings), id=name, document=written)
    client.indices.refresh(index=alias(settings))

    def meant(query: str) -> set[str]:
        clause = compile_query(query, NOON)
        found = client.search(index=alias(settings), query=counted(clause, NOON - DAY, NOON))
        return {hit["_id"] for hit in found["hits"]["hits"]}

    assert meant("كوفيد-19") == {"covid"}
    assert meant("الأمم/المتحدة") == {"un"}
    assert meant("هدنة") == {"truce"}
    assert meant("المدينة -كوفيد-19") == {"un", "us"}
