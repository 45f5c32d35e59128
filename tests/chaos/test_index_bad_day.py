"""The whole way from messages to documents, with an Elasticsearch that does what it can to harm."""

import random
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import timedelta
from zlib import crc32

import pytest
import structlog
from kafka import TopicPartition
from kafka.consumer.fetcher import ConsumerRecord
from prometheus_client import REGISTRY

from services.contract.articles import EnrichedArticle, document_version
from services.contract.dead_letters import DeadLetter
from services.contract.wire import decode, encode
from services.index.config import IndexSettings
from services.index.edges import kafka as edge
from services.index.edges.elasticsearch import send_bulk
from services.index.edges.kafka import EnrichedArticles
from services.index.pipeline import Index
from services.index.write import Writer
from services.runtime.elasticsearch import make_client
from services.runtime.health import Health
from services.runtime.logs import configure_logs
from services.runtime.metrics import CONSUMER_LAG
from tests.fake_consumer import PARTITION, TopicConsumer, record
from tests.fake_elasticsearch import FakeElasticsearch, Faults
from tests.support import enriched_article, eventually, raw_article

MESSAGES = 50_000
ARTICLES = 35_000
PARTITIONS = [TopicPartition(PARTITION.topic, number) for number in range(12)]
REASONS = {400: "rejected", 413: "too-large", 500: "server-error"}

Values = dict[TopicPartition, list[bytes]]


def wordings(seed: int) -> Iterator[EnrichedArticle]:
    """Yield each article once, some fetched again, before or after, some enriched again."""
    chance = random.Random(seed)
    numbers = [*range(ARTICLES), *(chance.randrange(ARTICLES) for _ in range(MESSAGES - ARTICLES))]
    chance.shuffle(numbers)
    for order, number in enumerate(numbers):
        first = raw_article(number).first_seen_at
        fetched_at = first + timedelta(minutes=chance.randint(0, 3))
        yield enriched_article(
            raw=raw_article(number, text="خبر", fetched_at=fetched_at), enriched_by=f"build {order}"
        )


def spread(articles: Iterator[EnrichedArticle]) -> dict[TopicPartition, list[ConsumerRecord]]:
    """Return the articles as Kafka would hold them: each article's in one partition, in order."""
    partitions: dict[TopicPartition, list[ConsumerRecord]] = {one: [] for one in PARTITIONS}
    for enriched in articles:
        key = enriched.article.article_id.encode()
        partition = PARTITIONS[crc32(key) % len(PARTITIONS)]
        there = partitions[partition]
        there.append(record(len(there), encode(enriched), partition)._replace(key=key))
    return partitions


class Letters:
    """Confirms everything, and remembers what for."""

    def __init__(self) -> None:
        self.reasons: dict[tuple[int, int], str] = {}
        self.count = 0

    def send(self, letters: Sequence[DeadLetter]) -> list[DeadLetter]:
        self.reasons |= {(one.partition, one.offset): one.reason for one in letters}
        self.count += len(letters)
        return []


def counted(name: str, label: str) -> Counter[str]:
    """Return the samples of a counter by one of their labels."""
    found: Counter[str] = Counter()
    for metric in REGISTRY.collect():
        for sample in metric.samples:
            if sample.name == name and sample.labels.get("service", "index") == "index":
                found[sample.labels[label]] += int(sample.value)
    return found


@pytest.fixture
def quiet() -> Iterator[None]:
    """Let the service log as much as in production, and leave nothing of it behind."""
    configure_logs("error", "json")
    yield
    structlog.reset_defaults()
    CONSUMER_LAG.clear()


@pytest.mark.usefixtures("quiet")
@pytest.mark.timeout(600)
def test_of_50_000_documents_none_is_lost_or_older_than_it_should_be_and_the_counters_add_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    partitions = spread(wordings(seed=7))
    read = {
        (one.partition, one.offset): decode(one.value, EnrichedArticle)
        for records in partitions.values()
        for one in records
    }
    ids = sorted({enriched.article.article_id for enriched in read.values()})
    refused = dict(zip(random.Random(7).sample(ids, 60), [400, 413, 500] * 20, strict=True))
    newest: dict[str, EnrichedArticle] = {}
    fates: Counter[str] = Counter()
    for enriched in read.values():
        article = enriched.article
        before = newest.get(article.article_id)
        if article.article_id in refused:
            fates["dead"] += 1
        elif before and before.article.fetched_at > article.fetched_at:
            fates["skipped"] += 1
        else:
            fates["done"] += 1
            newest[article.article_id] = enriched

    letters = Letters()
    faults = Faults(items=0.05, requests=0.2, hangs=0.01, refused=refused)
    server = FakeElasticsearch(seed=7, faults=faults)

    def check_settled(one: ConsumerRecord) -> None:
        place, article = (one.partition, one.offset), read[one.partition, one.offset].article
        version, _ = server.documents.get(article.article_id, (0, {}))
        assert version >= document_version(article.fetched_at) or place in letters.reasons

    consumer = TopicConsumer(partitions, check_settled)
    monkeypatch.setattr(edge, "make_consumer", lambda *_, **__: consumer)
    settings = IndexSettings(elasticsearch_url=server.url)
    stop, health = threading.Event(), Health(60)
    fates_before = counted("rasid_articles_total", "fate")
    outcomes_before = counted("rasid_bulk_items_total", "outcome")
    patience = random.Random(7)
    with make_client(settings, timeout_s=0.5) as client:
        writer = Writer(
            lambda body: send_bulk(client, "any", body),
            health,
            stop,
            lambda: patience.random() / 50,  # waits as ever, but for less
            settings.batch_bytes,
        )
        index = Index(
            EnrichedArticles(settings), writer, letters, health, stop, settings.connections
        )
        running = threading.Thread(target=index.run, daemon=True)
        running.start()
        ends = {one: len(records) for one, records in partitions.items()}
        eventually(lambda: consumer.committed == ends or not running.is_alive(), 300, every_s=0.5)
        stop.set()
        running.join(10)
    server.stop()

    assert consumer.committed == ends
    found = {key: document["enriched_by"] for key, (_, document) in server.documents.items()}
    assert found == {key: enriched.enriched_by for key, enriched in newest.items()}
    dead = {place for place, enriched in read.items() if enriched.article.article_id in refused}
    assert letters.reasons == {
        place: REASONS[refused[read[place].article.article_id]] for place in dead
    }
    assert letters.count == len(dead), "no message is a dead letter twice"
    assert counted("rasid_articles_total", "fate") - fates_before == fates
    outcomes = counted("rasid_bulk_items_total", "outcome") - outcomes_before
    assert outcomes["indexed"] + outcomes["stale"] + outcomes["dead"] == MESSAGES
    assert (outcomes["indexed"], outcomes["dead"]) == (fates["done"], fates["dead"])
    everything = {409, 400, 413, 429, 500, 503, 201, 200, "hang", "cut", "reset"}
    assert everything <= server.answers.keys(), "it was a bad day"
    assert {"request 413", "request 429", "request 503"} <= server.answers.keys()
