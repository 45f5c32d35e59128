"""Enrich as a process on the real Kafka: killed, poisoned, stopped; nothing lost, order kept."""

import json
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest
from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.consumer.fetcher import ConsumerRecord

from services.contract.articles import EnrichedArticle
from services.contract.dead_letters import DeadLetter
from services.contract.topics import ENRICHED, RAW, Topic, dead_letters, namespaced
from services.contract.wire import decode, encode
from services.runtime.kafka import ensure_topics, make_producer
from services.runtime.settings import Settings
from tests.processes import ServiceProcess
from tests.support import eventually, raw_article

MESSAGES = 2_000
ARTICLES = 400  # so each has five revisions


@pytest.fixture
def producer(settings: Settings) -> Iterator[KafkaProducer]:
    ensure_topics(settings)
    producer = make_producer(settings)
    yield producer
    producer.close()


@pytest.fixture
def enrich(settings_environ: dict[str, str], tmp_path: Path) -> Iterator[ServiceProcess]:
    process = ServiceProcess("enrich", settings_environ, tmp_path)
    yield process
    if process.process is not None and process.returncode is None:
        process.kill()


class Reader:
    """Everything on a topic, read further each time it is asked."""

    def __init__(self, settings: Settings, topic: Topic) -> None:
        name = namespaced(topic.name, settings.namespace)
        self._consumer = KafkaConsumer(
            bootstrap_servers=settings.kafka_bootstrap,
            group_id=None,
            auto_offset_reset="earliest",
            max_partition_fetch_bytes=10 * 1024 * 1024,
        )
        self._consumer.assign([TopicPartition(name, at) for at in range(topic.partitions)])
        self.records: list[ConsumerRecord] = []

    def read(self) -> list[ConsumerRecord]:
        for records in self._consumer.poll(timeout_ms=200).values():
            self.records += records
        return self.records

    def at_least(self, count: int, timeout_s: float = 120) -> list[ConsumerRecord]:
        eventually(lambda: len(self.read()) >= count, timeout_s, what=f"{count} records")
        return self.records


def publish(producer: KafkaProducer, settings: Settings, key: str, value: bytes) -> None:
    producer.send(namespaced(RAW.name, settings.namespace), key=key.encode(), value=value)


def publish_all(producer: KafkaProducer, settings: Settings) -> set[tuple[str, int]]:
    sent = set()
    for number in range(MESSAGES):
        revision = number // ARTICLES + 1
        article = raw_article(number % ARTICLES, revision=revision)
        publish(producer, settings, article.article_id, encode(article))
        sent.add((article.article_id, revision))
    producer.flush()
    return sent


def test_killed_in_the_middle_and_started_again_nothing_is_lost_and_order_is_kept(
    producer: KafkaProducer, settings: Settings, enrich: ServiceProcess
) -> None:
    sent = publish_all(producer, settings)
    reader = Reader(settings, ENRICHED)
    enrich.start()
    reader.at_least(MESSAGES // 4)
    enrich.kill()
    assert len(reader.read()) < MESSAGES
    enrich.start()
    revisions: dict[str, list[int]] = defaultdict(list)

    def all_there() -> bool:
        return {key_and_revision(record) for record in reader.read()} == sent

    eventually(all_there, 120, what="all revisions of all articles")
    for record in reader.records:
        revisions[record.key.decode()].append(key_and_revision(record)[1])
    # What was read again comes again; a revision is never first seen after a newer one.
    assert all(list(dict.fromkeys(seen)) == [1, 2, 3, 4, 5] for seen in revisions.values())
    assert len(reader.records) < MESSAGES * 2


def key_and_revision(record: ConsumerRecord) -> tuple[str, int]:
    article = json.loads(record.value)["article"]
    assert article["article_id"] == record.key.decode()
    return article["article_id"], article["revision"]


def altered(**fields: object) -> bytes:
    """Return a valid message but for ``fields``."""
    message = json.loads(encode(raw_article(text="x")))
    return json.dumps(message | fields, ensure_ascii=False).encode()


def test_each_poison_message_becomes_one_dead_letter_and_its_neighbours_arrive(
    producer: KafkaProducer, settings: Settings, enrich: ServiceProcess
) -> None:
    poisons = {
        b"\xff\xfe\x00garbage": "not-json",
        b"": "not-json",
        altered(title=5): "invalid-field",
        altered(schema=2): "newer-schema",
        altered(text="ا" * 2_600_000): "too-large",
        b"[" * 100_000: "not-json",
        altered().replace(b'"x"', b'"\\ud83d"'): "not-json",
        b"x" * (8 * 1024 * 1024 - 1_000): "too-large",
    }
    good = set()
    for number, value in enumerate(poisons):
        # All on one partition, so that each poison message has neighbours on both sides.
        for neighbour in (2 * number, 2 * number + 1):
            article = raw_article(neighbour)
            good.add(article.article_id)
            producer.send(
                namespaced(RAW.name, settings.namespace),
                key=article.article_id.encode(),
                value=encode(article),
                partition=0,
            )
            if neighbour % 2 == 0:
                producer.send(
                    namespaced(RAW.name, settings.namespace),
                    key=b"poison",
                    value=value,
                    partition=0,
                )
    of_elsewhere = raw_article(99, title="قمة", text="قمة في القاهرة", source_scope="world")
    publish(producer, settings, of_elsewhere.article_id, encode(of_elsewhere))
    producer.flush()
    enrich.start()
    enriched = Reader(settings, ENRICHED).at_least(len(good))
    assert {record.key.decode() for record in enriched} == good
    assert {decode(r.value, EnrichedArticle).article.article_id for r in enriched} == good

    letters = [
        DeadLetter.from_record(record.key, record.value, record.headers)
        for record in Reader(settings, dead_letters("enrich")).at_least(len(poisons))
    ]
    assert {letter.value: letter.reason for letter in letters} == poisons
    assert len(letters) == len(poisons)
    assert {(letter.service, letter.stage, letter.key) for letter in letters} == {
        ("enrich", "decode", b"poison")
    }
    assert {letter.partition for letter in letters} == {0}
    assert enrich.metric("rasid_articles_total", fate="done") == len(good)
    assert enrich.metric("rasid_articles_total", fate="dead") == len(poisons)
    eventually(
        lambda: enrich.metric("rasid_articles_total", reason="off-topic") == 1, 30, what="a skip"
    )
    eventually(lambda: enrich.metric("rasid_consumer_lag_records") == 0, 30, what="no lag")
    assert enrich.metric("rasid_dead_letters_total", reason="too-large") == 2


def test_asked_to_stop_it_ends_in_time_and_reads_nothing_twice(
    producer: KafkaProducer, settings: Settings, enrich: ServiceProcess
) -> None:
    sent = publish_all(producer, settings)
    reader = Reader(settings, ENRICHED)
    enrich.start()
    reader.at_least(MESSAGES // 10)
    assert enrich.terminate(timeout_s=10) == 0
    enrich.start()
    reader.at_least(MESSAGES)
    eventually(lambda: enrich.metric("rasid_consumer_lag_records") == 0, 30, what="no lag")
    assert {key_and_revision(record) for record in reader.read()} == sent
    assert len(reader.records) == MESSAGES


def test_two_workers_share_the_work_and_one_takes_over_from_the_other(
    producer: KafkaProducer,
    settings: Settings,
    settings_environ: dict[str, str],
    enrich: ServiceProcess,
    tmp_path: Path,
) -> None:
    reader = Reader(settings, ENRICHED)
    with enrich, ServiceProcess("enrich", settings_environ, tmp_path) as second:
        sent = publish_all(producer, settings)
        reader.at_least(MESSAGES // 4)
        assert second.terminate(timeout_s=10) == 0

        def all_there() -> bool:
            return {key_and_revision(record) for record in reader.read()} == sent

        eventually(all_there, 120, what="all revisions of all articles")
        assert enrich.metric("rasid_articles_total", fate="done") > 0


def test_it_leaves_no_files_behind_where_it_was_started(
    producer: KafkaProducer, enrich: ServiceProcess
) -> None:
    before = set(Path.cwd().iterdir())
    with enrich:
        assert enrich.health("live") == 200
        assert enrich.terminate(timeout_s=10) == 0
    assert set(Path.cwd().iterdir()) == before


def test_a_wrong_setting_ends_it_with_the_name_of_the_variable(
    settings_environ: dict[str, str], tmp_path: Path
) -> None:
    environ = settings_environ | {"RASID_ENRICH_MAX_IN_FLIGHT": "0"}
    process = ServiceProcess("enrich", environ, tmp_path)
    process.start()
    assert process.process is not None
    assert process.process.wait(30) == 78
    assert "RASID_ENRICH_MAX_IN_FLIGHT" in process.tail()
