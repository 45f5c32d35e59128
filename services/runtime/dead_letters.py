"""Dead letters: written with confirmation, read, and replayed to where they came from.

What was replayed is remembered in the dead-letter topic itself: a marker behind the letter names
its offset. The marker is written after Kafka has confirmed the replayed message, so a crash in
between replays that message once more, which the services' idempotent writes make harmless.
"""

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import structlog
from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.errors import KafkaError, KafkaTimeoutError

from services.contract.dead_letters import (
    DeadLetter,
    replay_headers,
    replay_marker,
    replayed_offset,
)
from services.contract.topics import Topic, dead_letters, namespaced
from services.runtime.kafka import MAX_REQUEST_BYTES, connection, make_producer
from services.runtime.settings import Settings

_READ_TIMEOUT_MS = 30_000
_REPLAY_BATCH = 20  # of up to 8 MB each

log = structlog.get_logger()


class DeadLetterProducer:
    """Writes the dead letters of one service."""

    def __init__(self, settings: Settings, topic: Topic) -> None:
        self._topic = namespaced(topic.name, settings.namespace)
        self._producer = make_producer(settings)

    def send(self, letters: Sequence[DeadLetter]) -> list[DeadLetter]:
        """Wait for Kafka's word on all ``letters``; return those that it did not confirm."""
        sent: list[tuple[DeadLetter, Any]] = []
        try:
            for letter in letters:
                future = self._producer.send(
                    self._topic, value=_value(letter), key=letter.key, headers=letter.headers()
                )
                sent.append((letter, future))
        except KafkaError as error:  # nobody could say yet where the topic is
            log.warning("dead letters not sent", error=repr(error))
        refused = [letter for letter, future in sent if not _is_confirmed(future)]
        return [*refused, *letters[len(sent) :]]

    def close(self) -> None:
        """Give up what is not sent yet."""
        self._producer.close(timeout=1)


@dataclass(frozen=True, slots=True)
class StoredDeadLetter:
    """A dead letter where it is kept: at ``offset`` of the dead-letter topic of its service."""

    service: str
    offset: int
    letter: DeadLetter
    replayed: bool

    @property
    def id(self) -> str:
        """Return what a person calls it by: ``index:17``."""
        return f"{self.service}:{self.offset}"


def read_dead_letters(settings: Settings, service: str) -> Iterator[StoredDeadLetter]:
    """Yield the dead letters of ``service`` that Kafka still keeps, oldest first.

    The topic is read twice: the markers first, so that no more than one letter is held in memory.
    Raises KafkaError if Kafka does not answer.
    """
    topic = namespaced(dead_letters(service).name, settings.namespace)
    replayed = {replayed_offset(record.headers) for record in _read_to_end(settings, topic)}
    for record in _read_to_end(settings, topic):
        if replayed_offset(record.headers) is not None:
            continue
        try:
            letter = DeadLetter.from_record(record.key, record.value, record.headers)
        except (KeyError, ValueError) as error:
            log.warning("not a dead letter", topic=topic, offset=record.offset, error=repr(error))
        else:
            yield StoredDeadLetter(service, record.offset, letter, record.offset in replayed)


def replay(settings: Settings, letters: Iterable[StoredDeadLetter]) -> int:
    """Send the original messages of ``letters`` to their topics again; return how many.

    A message that is still bad becomes a new dead letter, with one attempt more. Raises KafkaError
    if Kafka does not confirm; what was confirmed before is noted.
    """
    count = 0
    producer = make_producer(settings)
    remaining = iter(letters)
    try:
        while batch := list(islice(remaining, _REPLAY_BATCH)):
            _replay(producer, settings, batch)
            count += len(batch)
    finally:
        producer.close(timeout=10)
    return count


def _replay(
    producer: KafkaProducer, settings: Settings, letters: Sequence[StoredDeadLetter]
) -> None:
    sent = [
        producer.send(
            stored.letter.topic,
            value=_value(stored.letter),
            key=stored.letter.key,
            headers=replay_headers(stored.letter),
        )
        for stored in letters
    ]
    for future in sent:
        future.get()
    noted = [
        producer.send(
            namespaced(dead_letters(stored.service).name, settings.namespace),
            value=b"",
            headers=replay_marker(stored.offset),
        )
        for stored in letters
    ]
    for future in noted:
        future.get()


def _is_confirmed(future: Any) -> bool:
    try:
        future.get()
    except KafkaError as error:
        log.warning("dead letter not confirmed", error=repr(error))
        return False
    return True


def _value(letter: DeadLetter) -> bytes | None:
    """Return the value to send: kafka-python refuses a record that has neither key nor value."""
    return b"" if letter.key is None and letter.value is None else letter.value


def _read_to_end(settings: Settings, topic: str) -> Iterator[Any]:
    consumer = KafkaConsumer(
        **connection(settings),
        bootstrap_timeout_ms=5_000,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        max_partition_fetch_bytes=MAX_REQUEST_BYTES,
    )
    try:
        if topic not in consumer.topics():
            return
        partition = TopicPartition(topic, 0)
        consumer.assign([partition])
        consumer.seek_to_beginning(partition)
        end = consumer.end_offsets([partition], timeout_ms=_READ_TIMEOUT_MS)[partition]
        reached, reached_at = -1, time.monotonic()
        while (position := consumer.position(partition, timeout_ms=_READ_TIMEOUT_MS)) < end:
            if position > reached:
                reached, reached_at = position, time.monotonic()
            elif time.monotonic() - reached_at > _READ_TIMEOUT_MS / 1000:
                raise KafkaTimeoutError(f"{topic} cannot be read on at {position} of {end} records")
            for records in consumer.poll(timeout_ms=1_000).values():
                yield from records
    finally:
        consumer.close()
