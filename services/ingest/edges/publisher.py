"""Writes to Kafka and returns when Kafka has it."""

import threading
from collections.abc import Iterable
from typing import Any

import structlog
from kafka import KafkaProducer
from kafka.errors import KafkaError

from services.contract.articles import RawArticle, SourceState
from services.contract.topics import RAW, SOURCES, Topic, namespaced
from services.contract.wire import encode
from services.runtime.kafka import make_producer
from services.runtime.settings import Settings

DELIVERY_TIMEOUT_MS = 20_000
BOOTSTRAP_TIMEOUT_MS = 3_000  # a stop waits for it
_CLOSE_TIMEOUT_S = 3

log = structlog.get_logger()


class PublishError(Exception):
    """Kafka did not confirm everything. What it did get it may get again: call once more."""


class Publisher:
    """A producer that is made anew after a failure. Safe to use from any thread."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._producer: KafkaProducer | None = None
        self._lock = threading.Lock()

    def publish_articles(self, articles: Iterable[RawArticle]) -> None:
        """Write ``articles``; return when each is confirmed. Raises PublishError otherwise."""
        self._publish(RAW, [(article.article_id, encode(article)) for article in articles])

    def publish_state(self, state: SourceState) -> None:
        """Write a source's cursor; return when it is confirmed. Raises PublishError otherwise."""
        self._publish(SOURCES, [(state.source_id, encode(state))])

    def close(self) -> None:
        """Give up what is under way and disconnect: its callers get PublishError."""
        with self._lock:
            producer, self._producer = self._producer, None
        if producer is not None:
            producer.close(timeout=_CLOSE_TIMEOUT_S)

    def _publish(self, topic: Topic, records: list[tuple[str, bytes]]) -> None:
        if not records:
            return
        name = namespaced(topic.name, self._settings.namespace)
        producer: Any = None
        try:
            producer = self._connected()
            sent = [producer.send(name, key=key.encode(), value=value) for key, value in records]
            producer.flush(timeout=DELIVERY_TIMEOUT_MS / 1000)
            for future in sent:
                future.get(timeout=1)  # settled by flush; raises what went wrong
        except (KafkaError, TimeoutError, AssertionError, RuntimeError) as error:
            # The last two are how kafka-python says that the producer was closed meanwhile.
            self._discard(producer)
            raise PublishError(f"{type(error).__name__}: {error}") from error

    def _connected(self) -> KafkaProducer:
        with self._lock:
            if self._producer is None:
                self._producer = make_producer(
                    self._settings,
                    delivery_timeout_ms=DELIVERY_TIMEOUT_MS,
                    request_timeout_ms=DELIVERY_TIMEOUT_MS // 2,
                    max_block_ms=DELIVERY_TIMEOUT_MS // 2,
                    bootstrap_timeout_ms=BOOTSTRAP_TIMEOUT_MS,
                )
            return self._producer

    def _discard(self, failed: KafkaProducer | None) -> None:
        """Forget a producer after an error: an idempotent one may refuse all that follows."""
        with self._lock:
            if self._producer is failed:
                self._producer = None
        if failed is not None:
            failed.close(timeout=0)
