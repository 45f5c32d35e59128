"""Topics: settings as Kafka names them, and sizes that fit into one another."""

from pathlib import Path

from services.contract.topics import (
    ALERTS,
    ENRICHED,
    RAW,
    SOURCES,
    TOPICS,
    dead_letters,
    namespaced,
)
from services.contract.wire import MAX_MESSAGE_BYTES
from services.runtime.kafka import MAX_REQUEST_BYTES

ROOT = Path(__file__).parents[3]
DAY_MS = 86_400_000


def test_articles_are_kept_for_the_replay_window_of_14_days() -> None:
    for topic in (RAW, ENRICHED):
        assert topic.partitions == 12
        assert topic.config()["cleanup.policy"] == "delete"
        assert topic.config()["retention.ms"] == str(14 * DAY_MS)


def test_cursors_are_compacted_and_never_expire() -> None:
    assert SOURCES.config()["cleanup.policy"] == "compact"
    assert "retention.ms" not in SOURCES.config()


def test_alerts_are_kept_for_90_days_in_one_order() -> None:
    assert (ALERTS.name, ALERTS.partitions) == ("news.alerts.v1", 1)
    assert ALERTS.config()["retention.ms"] == str(90 * DAY_MS)


def test_dead_letters_are_kept_for_30_days() -> None:
    assert dead_letters("index").name == "index.dead-letters.v1"
    assert dead_letters("index").config()["retention.ms"] == str(30 * DAY_MS)


def test_names_are_unique() -> None:
    assert len({topic.name for topic in TOPICS}) == len(TOPICS)


def test_a_namespace_is_put_before_the_name() -> None:
    assert namespaced(RAW.name, "staging") == "staging.articles.raw.v1"
    assert namespaced(RAW.name, "") == "articles.raw.v1"


def test_what_is_too_large_for_the_contract_still_fits_its_topic_and_its_dead_letter() -> None:
    assert MAX_MESSAGE_BYTES < 5_000_000 < RAW.max_message_bytes
    assert RAW.max_message_bytes < dead_letters("enrich").max_message_bytes <= MAX_REQUEST_BYTES


def test_the_broker_takes_what_the_clients_may_send() -> None:
    lines = (ROOT / "deploy/kafka/server.properties").read_text().splitlines()
    assert f"message.max.bytes={MAX_REQUEST_BYTES}" in lines
