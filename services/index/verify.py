"""``rasid index verify``: is everything that Kafka has in the index, as new, and nothing else?

In this order, so that a running service makes no difference: what the service had settled, then
the index, then Kafka. What it had not settled by then is pending, and not compared.
"""

from collections.abc import Iterable
from datetime import UTC, datetime

from elasticsearch import Elasticsearch
from kafka import TopicPartition
from kafka.consumer.fetcher import ConsumerRecord

from services.contract.articles import EnrichedArticle, document_version
from services.contract.topics import ENRICHED, namespaced
from services.contract.wire import ContractError, decode
from services.index.config import IndexSettings, alias
from services.index.core.verify import Known, Sent, Verified
from services.index.core.verify import verify as compare
from services.index.edges.documents import read_documents, refreshed_count
from services.index.edges.elasticsearch import VERSION
from services.index.edges.positions import Offsets, committed
from services.index.edges.whole_topic import read_topic
from services.runtime.dead_letters import read_dead_letters

_FIELDS = ("source.id", "first_seen_at", "enriched_at")
_PAGE = 5_000


def verify(settings: IndexSettings, client: Elasticsearch) -> Verified:
    """Return how the index that is searched differs from Kafka.

    Raises SourceError, KafkaError, and elasticsearch's own errors.
    """
    settled = committed(settings, VERSION)
    indexed = _indexed(client, alias(settings))
    return compare(_sent(settings, settled), indexed)


def _indexed(client: Elasticsearch, index: str) -> dict[str, Known]:
    refreshed_count(client, index)
    return {
        article_id: Known(
            version,
            datetime.fromisoformat(found["first_seen_at"]).astimezone(UTC).date(),
            found["source"]["id"],
            datetime.fromisoformat(found["enriched_at"]),
        )
        for page in read_documents(client, index, _FIELDS, _PAGE)
        for article_id, version, found in page
    }


def _sent(settings: IndexSettings, settled: Offsets) -> Sent:
    topic = namespaced(ENRICHED.name, settings.namespace)
    dead = {
        (stored.letter.partition, stored.letter.offset)
        for stored in read_dead_letters(settings, "index")
        if stored.letter.topic == topic
    }
    articles: dict[str, Known] = {}
    pending: set[str] = set()
    lost: list[str] = []
    begun: dict[int, ConsumerRecord] = {}
    met = 0
    for record in read_topic(settings):
        begun.setdefault(record.partition, record)
        is_settled = record.offset < settled.get(TopicPartition(topic, record.partition), 0)
        if (record.partition, record.offset) in dead:
            met += 1
            continue
        try:
            enriched = decode(record.value, EnrichedArticle)
        except ContractError:
            if is_settled:
                lost.append(f"{record.partition}/{record.offset}")
            continue
        article_id, known = enriched.article.article_id, _known(enriched)
        if not is_settled:
            pending.add(article_id)
        elif article_id not in articles or articles[article_id].version <= known.version:
            articles[article_id] = known
    return Sent(articles, frozenset(pending), met, tuple(lost), _kept_since(begun.values()))


def _known(enriched: EnrichedArticle) -> Known:
    article = enriched.article
    version, day = document_version(article.fetched_at), article.first_seen_at.date()
    return Known(version, day, article.source_id, enriched.enriched_at)


def _kept_since(first: Iterable[ConsumerRecord]) -> datetime | None:
    """Return since when Kafka has everything, by the first record of each partition; None: ever."""
    after_forgotten = [record.timestamp for record in first if record.offset > 0]
    return datetime.fromtimestamp(max(after_forgotten) / 1000, UTC) if after_forgotten else None
