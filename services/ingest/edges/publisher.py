"""Writes to Kafka and returns when Kafka has it."""

import contextlib
import threading
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
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
CURSOR_DELIVERY_S = 3.0
"""How long a cursor may be on its way. See ``fence.LEASE_S`` for why not longer."""

BOOTSTRAP_TIMEOUT_MS = 3_000  # a stop waits for it, and for what a send may block
_CLOSE_TIMEOUT_S = 1
_LOOK_UP_S = 0.2  # how soon a wait for Kafka notices that we are stopping

log = structlog.get_logger()


class PublishError(Exception):
    """Kafka did not confirm everything. What it did get it may get again: call once more."""


Permit = Callable[[str], AbstractContextManager[object]]
"""Allows one write about a source while it lasts, or raises: see ``Fence.writing``."""


class Publisher:
    """Writes articles and cursors of the sources that ``permit`` allows.

    Cursors have a producer of their own: they must not wait behind articles.
    """

    def __init__(self, settings: Settings, permit: Permit = nullcontext) -> None:
        self._permit = permit
        self._articles = Writer(settings, DELIVERY_TIMEOUT_MS)
        self._cursors = Writer(settings, int(CURSOR_DELIVERY_S * 1_000))

    def publish_articles(self, articles: Sequence[RawArticle]) -> None:
        """Write articles of one source; return when all are confirmed, raise PublishError if not.

        Raises what ``permit`` raises.
        """
        if articles:
            with self._permit(articles[0].source_id):
                self._articles.write(RAW, [(a.article_id, encode(a)) for a in articles])

    def publish_state(self, state: SourceState) -> None:
        """Write a source's cursor; return when it is confirmed, raise PublishError if not.

        Raises what ``permit`` raises.
        """
        message = encode(state)
        with self._permit(state.source_id):
            self._cursors.write(SOURCES, [(state.source_id, message)])

    def close(self) -> None:
        """Give up what is under way and disconnect: its callers get PublishError."""
        self._articles.close()
        self._cursors.close()


class Writer:
    """A producer that is made anew after a failure. Safe to use from any thread."""

    def __init__(self, settings: Settings, delivery_timeout_ms: int = DELIVERY_TIMEOUT_MS) -> None:
        self._settings = settings
        self._delivery_timeout_ms = delivery_timeout_ms
        self._producer: KafkaProducer | None = None
        self._lock = threading.Lock()
        self._closing = threading.Event()

    def close(self) -> None:
        """Give up what is under way and disconnect: its callers get PublishError.

        Returns within _CLOSE_TIMEOUT_S also while Kafka is away, and needs no thread for it. A
        thread that is just connecting closes what it made.
        """
        self._closing.set()
        producer, self._producer = self._producer, None  # without the lock: its holder may connect
        _close(producer, timeout_s=_CLOSE_TIMEOUT_S)

    def write(self, topic: Topic, records: Iterable[tuple[str, bytes]]) -> None:
        """Write keys and values; return when all are confirmed. Raises PublishError otherwise."""
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
                    delivery_timeout_ms=self._delivery_timeout_ms,
                    request_timeout_ms=self._delivery_timeout_ms // 2,
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
