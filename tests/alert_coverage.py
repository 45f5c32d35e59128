"""Coverage for alert on a real Elasticsearch, and what was told of it."""

import random
from datetime import datetime, timedelta
from typing import Any

from elasticsearch import Elasticsearch
from elasticsearch.helpers import bulk

from services.alert.config import alerts_index
from services.contract.alerts import Alert
from services.contract.articles import Entity
from services.contract.topics import ALERTS
from services.contract.wire import decode
from services.index.config import alias
from services.index.core.document import to_document
from services.runtime.settings import Settings
from tests.raw_topic import records
from tests.support import enriched_article, raw_article

SOURCES = ("one", "two", "three", "four", "five", "six")


def document(
    number: int, seen: datetime, text: str, title: str | None = None, name: str | None = None
) -> dict[str, Any]:
    """Return an article; ``name`` is one that the knowledge lacks."""
    raw = raw_article(
        number,
        text=text,
        title=title or f"خبر رقم {number} من طرابلس",
        source_id=SOURCES[number % len(SOURCES)],
        published_at=seen,
        first_seen_at=seen,
        fetched_at=seen,
    )
    entities = (Entity(id=None, type="PER", name=name, mentions=()),) if name else ()
    written = to_document(enriched_article(raw=raw, entities=entities), indexed_at=seen)
    return written | {"story_id": raw.article_id}


def write(client: Elasticsearch, settings: Settings, documents: list[dict[str, Any]]) -> None:
    index = alias(settings)
    bulk(client, ({"_index": index, "_id": d["article_id"], "_source": d} for d in documents))
    client.indices.refresh(index=index)


def usual_coverage(now: datetime) -> list[dict[str, Any]]:
    """Four weeks in which the ports are spoken of once a week."""
    chance = random.Random(8)
    return [
        document(
            number,
            now - timedelta(minutes=20 * number + chance.randrange(20)),
            "تحدثت البلدية عن إغلاق الموانئ." if number % 504 == 7 else "ناقش المجلس الميزانية.",
        )
        for number in range(1, 28 * 72)
    ]


def spike(now: datetime) -> list[dict[str, Any]]:
    return [
        document(
            9_000 + n,
            now - timedelta(minutes=n),
            f"أعلن الحراك وإغلاق الموانئ اليوم {n}.",
            title=f"حراك الزاوية: بيان رقم {n}",
            name="حراك الزاوية",
        )
        for n in range(12)
    ]


def told(settings: Settings) -> list[Alert]:
    """Return the alerts on the topic."""
    return [decode(record.value, Alert) for record in records(settings, ALERTS)]


def kept(client: Elasticsearch, settings: Settings) -> list[dict[str, Any]]:
    client.indices.refresh(index=alerts_index(settings))
    found = client.search(index=alerts_index(settings), size=100)
    return [hit["_source"] for hit in found["hits"]["hits"]]
