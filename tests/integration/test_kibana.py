"""What Kibana asks Elasticsearch for its searches, charts and maps, asked of the real one."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from elasticsearch import Elasticsearch

from services.alert.config import alerts_index
from services.alert.core.incidents import Incident
from services.alert.core.record import Recorded
from services.alert.edges.alerts import AlertsIndex
from services.contract.alerts import Alert, AlertedEntity
from services.contract.articles import (
    DateMention,
    EnrichedArticle,
    Entity,
    GeoPoint,
    Language,
    Published,
)
from services.index.config import alias
from services.index.core.document import to_document
from services.index.edges.indices import ensure_index
from services.runtime.elasticsearch import make_client
from services.runtime.settings import Settings
from tests.alerts import alert
from tests.kibana_objects import OBJECTS, of_type, request_of
from tests.support import enriched_article, raw_article

NOW = datetime.now(UTC).replace(microsecond=0)
HAFTAR = Entity(id="person:khalifa-haftar", type="PER", name="خليفة حفتر", mentions=())
NOC = Entity(id="org:noc", type="ORG", name="المؤسسة الوطنية للنفط", mentions=())
UNSMIL = Entity(id="org:unsmil", type="ORG", name="بعثة الأمم المتحدة", mentions=())
SIRTE = Entity(
    id="place:sirte", type="LOC", name="سرت", geo=GeoPoint(lat=31.2, lon=16.6), mentions=()
)
FEBRUARY = DateMention(
    start=0, end=3, text="17 فبراير 2011", value="2011-02-17", grain="day", kind="absolute"
)
DECADE = DateMention(
    start=0, end=3, text="التسعينات", value="199X", grain="decade", kind="absolute"
)


def article(number: int, title: str, days_ago: float | None = 1, **fields: Any) -> EnrichedArticle:
    """Return an article published so long ago, or nobody knows when, and first seen today."""
    published = None if days_ago is None else NOW - timedelta(days=days_ago)
    in_raw = {name: fields.pop(name) for name in ("revision", "source_id") if name in fields}
    raw = raw_article(number, title=title, first_seen_at=NOW, published_at=published, **in_raw)
    when = Published(
        value=published,
        precision="second" if published else None,
        origin="feed" if published else "none",
        confidence=1.0,
    )
    return enriched_article(raw=raw, published=when, **fields)


ARTICLES = (
    article(1, "حفتر يزور سرت", entities=(HAFTAR, SIRTE), dates=(FEBRUARY, DECADE)),
    article(2, "إغلاق حقل نفطي يهبط بالدينار", entities=(NOC,), source_id="other"),
    article(3, "Migrants rescued off the coast", language=Language(tag="en", confidence=1.0)),
    article(4, "المفوضية تعلن موعد الانتخابات", revision=2),
    article(5, "اشتباكات في محيط المدينة", entities=(UNSMIL,)),
    article(6, "السيولة تعود إلى المصارف", days_ago=None),
    article(7, "مباراة الغد", days_ago=-3),
    article(8, "خبر قديم عن النفط", days_ago=90),
)
NEWEST = {1, 2, 3, 4, 5}
"""What has a date within the last 30 days."""

FOUND: dict[str, set[int]] = {
    "Latest articles": NEWEST,
    "Khalifa Haftar": {1},
    "UN mission in Libya": {5},
    "Oil": {2},
    "Migration": {3},
    "Elections": {4},
    "Fighting": {5},
    "Money": {2},
    "Corrected articles": {4},
    "Articles dated ahead": {7},
    "Articles without a date": {6},
    "Latest alerts": {1, 2},
    "Alerts that go on": {1},
}

COUNTED: dict[str, Any] = {
    "Articles": 5,
    "Stories": 5,
    "Sources": 2,
    "Articles by language": {"ar": 4, "en": 1},
    "Articles by source": {"sample": 4, "other": 1},
    "People named most": {"person:khalifa-haftar": 1},
    "Organisations named most": {"org:noc": 1, "org:unsmil": 1},
    "Places named most": {"سرت": 1},
    "Days written about": {"2011-02-17": 1},
    "Stories with most copies": {ARTICLES[n - 1].article.article_id: 1 for n in NEWEST},
    "Alerts": 2,
    "Alerts by severity": {"critical": 1, "warning": 1},
    "Watches that alert most": {"حقول النفط 1": 1, "حقول النفط 2": 1},
    "Alerts by kind": {"spike": 1, "drop": 1},
    "Named in alerts": {"سرت": 2},
}


@pytest.fixture(scope="module")
def elasticsearch(module_settings: Settings) -> Iterator[tuple[Elasticsearch, Settings]]:
    settings = module_settings
    with make_client(settings) as client:
        ensure_index(client, alias(settings))
        AlertsIndex(client, alerts_index(settings)).ensure()
        index_samples(client, settings)
        yield client, settings


def index_samples(client: Elasticsearch, settings: Settings) -> None:
    for number, enriched in enumerate(ARTICLES, 1):
        client.index(index=alias(settings), id=str(number), document=to_document(enriched, NOW))
    kept = AlertsIndex(client, alerts_index(settings))
    kept.record(recorded(incident(1)))
    ended = NOW - timedelta(hours=1)
    kept.record(recorded(incident(2, ended, kind="drop", severity="warning")))
    client.indices.refresh(index=f"{alias(settings)},{alerts_index(settings)}")


def incident(number: int, ended: datetime | None = None, **watch: str) -> Alert:
    named = (AlertedEntity(id="place:sirte", type="LOC", name="سرت", stories=3),)
    return alert(
        number,
        alert_id=str(number),
        at=NOW,
        began_at=NOW - timedelta(days=2),
        ended_at=ended,
        entities=named,
        watch=watch,
    )


def recorded(told: Alert) -> Recorded:
    state = Incident(
        watch_id=told.watch.id,
        began_at=told.began_at,
        peak=told.peak,
        told=told.peak,
        told_at=told.at,
        ended_at=told.ended_at,
    )
    return Recorded(alert=told, incident=state, published=True)


def titles(kind: str) -> list[str]:
    return sorted(one["attributes"]["title"] for one in of_type(kind))


def asked(title: str, kind: str, elasticsearch: tuple[Elasticsearch, Settings]) -> Any:
    (saved,) = (
        one for one in OBJECTS if (one["type"], one["attributes"]["title"]) == (kind, title)
    )
    client, settings = elasticsearch
    return client.search(**request_of(saved, settings)).body


@pytest.mark.parametrize("title", titles("search"))
def test_a_search_finds_what_it_is_for(
    elasticsearch: tuple[Elasticsearch, Settings], title: str
) -> None:
    hits = asked(title, "search", elasticsearch)["hits"]["hits"]
    assert {number_of(hit) for hit in hits} == FOUND[title]


def number_of(hit: dict[str, Any]) -> int:
    """Return the number of an article, or of an alert, whose watch has it in its title."""
    return int(hit["fields"].get("watch.title", [hit["_id"]])[0].rpartition(" ")[2])


@pytest.mark.parametrize("title", titles("lens"))
def test_a_chart_counts_what_it_says(
    elasticsearch: tuple[Elasticsearch, Settings], title: str
) -> None:
    answer = asked(title, "lens", elasticsearch)
    found = answer.get("aggregations", {})
    if buckets := next((one["buckets"] for one in found.values() if "buckets" in one), None):
        assert {bucket["key"]: bucket["doc_count"] for bucket in buckets} == COUNTED[title]
    else:
        total = answer["hits"]["total"]["value"]
        assert found.get("count", {"value": total})["value"] == COUNTED[title]


def test_volume_is_counted_by_the_time_of_publication(
    elasticsearch: tuple[Elasticsearch, Settings],
) -> None:
    arabic, _ = asked("Articles by language", "lens", elasticsearch)["aggregations"]["by"][
        "buckets"
    ]
    assert sum(period["doc_count"] for period in arabic["when"]["buckets"]) == 4


def test_a_story_has_its_last_title_and_the_number_of_its_sources(
    elasticsearch: tuple[Elasticsearch, Settings],
) -> None:
    answer = asked("Stories with most copies", "lens", elasticsearch)
    stories = {one["key"]: one for one in answer["aggregations"]["story"]["buckets"]}
    story = stories[ARTICLES[0].article.article_id]
    assert story["title"]["hits"]["hits"][0]["fields"] == {"title": ["حفتر يزور سرت"]}
    assert story["sources"]["value"] == 1


def test_the_map_has_a_circle_where_the_place_is(
    elasticsearch: tuple[Elasticsearch, Settings],
) -> None:
    (tile,) = asked("Map of places", "map", elasticsearch)["aggregations"]["gridSplit"]["buckets"]
    assert tile["doc_count"] == 1
    assert tile["gridCentroid"]["location"] == pytest.approx({"lat": 31.2, "lon": 16.6}, abs=1e-4)
