"""Puts messages on the topic that index reads."""

from collections.abc import Iterable
from datetime import timedelta

from services.contract.articles import EnrichedArticle
from services.contract.topics import ENRICHED, namespaced
from services.contract.wire import encode
from services.runtime.kafka import ensure_topics, make_producer
from services.runtime.settings import Settings
from tests.support import enriched_article, raw_article


def publish(settings: Settings, messages: Iterable[tuple[str, bytes | None]]) -> None:
    """Send (key, value) pairs in order, and return when Kafka has them."""
    ensure_topics(settings)
    producer = make_producer(settings)
    topic = namespaced(ENRICHED.name, settings.namespace)
    sent = [producer.send(topic, value, key=key.encode()) for key, value in messages]
    for future in sent:
        future.get(timeout=30)
    producer.close()


def publish_articles(settings: Settings, articles: Iterable[EnrichedArticle]) -> None:
    publish(settings, ((enriched.article.article_id, encode(enriched)) for enriched in articles))


def revision_of(number: int, revision: int) -> EnrichedArticle:
    """Return an article as it was fetched ``revision`` minutes after its first sight."""
    first = raw_article(number)
    return enriched_article(
        raw=raw_article(
            number,
            revision=revision,
            title=f"{first.title}، تحديث {revision}",
            fetched_at=first.first_seen_at + timedelta(minutes=revision),
        )
    )
