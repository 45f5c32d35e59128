"""Writes to Kafka and returns when Kafka has it."""

import contextlib
import threading
from collections.abc import Iterable
from typing import Any

import structlog
from kafka import KafkaProducer
from kafka.errors import KafkaError, KafkaTimeoutError

from services.contract.articles import RawArticle, SourceState
from services.contract.topics import RAW, SOURCES, Topic, namespaced
from services.contract.wire import encode
from services.runtime.kafka import make_producer
from services.runtime.settings import Settings

DELIVERY_TIMEOUT_MS = 10_000
BOOTSTRAP_TIMEOUT_MS = 3_000  # a stop waits for it, and for what a send may block
_CLOSE_TIMEOUT_S = 1
_LOOK_UP_S = 0.2  # how soon a wait for Kafka notices that we are stopping

log = structlog.get_logger()


class PublishError(Exception):
    """Kafka did not confirm everything. What it did get it may get again: call once more."""


class Publisher:
    """A producer that is made anew after a failure. Safe to use from any thread."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._producer: KafkaProducer | None = None
        self._lock = threading.Lock()
        self._closing = threading.Event()

    def publish_articles(self, articles: Iterable[RawArticle]) -> None:
        """Write ``articles``; return when each is confirmed. Raises PublishError otherwise."""
        self._publish(RAW, [(article.article_id, encode(article)) for article in articles])

    def publish_state(self, state: SourceState) -> None:
        """Write a source's cursor; return when it is confirmed. Raises PublishError otherwise."""
        self._publish(SOURCES, [(state.source_id, encode(state))])

    def close(self) -> None:
        """Give up what is under way and disconnect: its callers get PublishError.

        Returns within _CLOSE_TIMEOUT_S also while Kafka is away, and needs no thread for it. A
        thread that is just connecting closes what it made.
        """
        self._closing.set()
        producer, self._producer = self._producer, None  # without the lock: its holder may connect
        _close(producer, timeout_s=_CLOSE_TIMEOUT_S)

    def _publish(self, topic: Topic, records: list[tuple[str, bytes]]) -> None:
        if not records:
            return
        name = namespaced(topic.name, self._settings.namespace)
        producer: Any = None
        try:
            producer = self._connected()
            sent = [producer.send(name, key=key.encode(), value=value) for key, value in records]
            for future in sent:
                self._wait(future)
        except (KafkaError, TimeoutError, AssertionError, RuntimeError) as error:
            # The last two are how kafka-python says that the producer was closed meanwhile.
            self._discard(producer)
            raise PublishError(f"{type(error).__name__}: {error}") from error

    def _wait(self, future: Any) -> None:
        """Return when ``future`` is confirmed. Raises what went wrong, or that we are stopping."""
        while not future.is_done:
            if self._closing.is_set():
                raise PublishError("stopping")
            with contextlib.suppress(KafkaTimeoutError):  # if it is the delivery's, get tells below
                future.get(timeout=_LOOK_UP_S)
        future.get(timeout=0)

    def _connected(self) -> KafkaProducer:
        with self._lock:
            if self._closing.is_set():  # while this thread waited for the lock
                raise PublishError("stopping")
            if self._producer is None:
                self._producer = make_producer(
                    self._settings,
                    delivery_timeout_ms=DELIVERY_TIMEOUT_MS,
                    request_timeout_ms=DELIVERY_TIMEOUT_MS // 2,
                    max_block_ms=BOOTSTRAP_TIMEOUT_MS,
                    bootstrap_timeout_ms=BOOTSTRAP_TIMEOUT_MS,
                )
            producer = self._producer
        if self._closing.is_set():
            _close(producer, timeout_s=0)  # made too late for close to find it
            raise PublishError("stopping")
        return producer

    def _discard(self, failed: KafkaProducer | None) -> None:
        """Forget a producer after an error: an idempotent one may refuse all that follows."""
        with self._lock:
            if self._producer is failed:
                self._producer = None
        _close(failed, timeout_s=0)


def _close(producer: Any, timeout_s: float) -> None:
    """Disconnect; what is not delivered by then makes kafka-python raise, but it was given up."""
    if producer is not None:
        with contextlib.suppress(KafkaError):
            producer.close(timeout=timeout_s)
