"""The flow of index: messages to documents, documents to Elasticsearch, then the commit."""

import threading
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol, TypeVar

import structlog
from kafka import TopicPartition
from kafka.consumer.fetcher import ConsumerRecord

from services.contract.dead_letters import DeadLetter, previous_attempts
from services.index.core.prepare import Ready, Rejected, prepare
from services.index.core.settle import Outcome, Verdict
from services.index.edges.kafka import EnrichedArticles, Position, SourceError
from services.index.metrics import END_TO_END_LATENCY
from services.index.working import Working
from services.index.write import Writer
from services.runtime.health import Health
from services.runtime.metrics import ARTICLES, DEAD_LETTERS

STOP_BUDGET_S = 5.0
"""How long a stopping service waits for the batch in flight."""

_HOLD_AFTER_S = 1.0
_RETRY_KAFKA_S = 1.0

T = TypeVar("T")
log = structlog.get_logger()


class DeadLetters(Protocol):
    """Where dead letters go."""

    def send(self, letters: Sequence[DeadLetter]) -> list[DeadLetter]:
        """Return those of the ``letters`` that could not be confirmed."""


@dataclass(frozen=True, slots=True)
class Item:
    """One message of a batch, what it was made into, and the position behind it."""

    record: ConsumerRecord
    prepared: Ready | Rejected
    position: Position


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of one message: done, skipped or dead, and why."""

    name: str
    reason: str
    stage: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True)
class Index:
    """The parts of the service."""

    source: EnrichedArticles
    writer: Writer
    dead_letters: DeadLetters
    health: Health
    stop: threading.Event

    def run(self) -> None:
        """Index articles until asked to stop. What is not settled by then is not committed.

        While one batch is written, the next one is read and prepared.
        """
        writing: Working[list[Fate | None]] | None = None
        batch: list[Item] = []
        while not self.stop.is_set():
            following = self.prepare(self.ask_kafka(self.source.next_batch) or [])
            if writing:
                self.keep_membership_until(writing)
                if not writing.is_done():
                    break  # asked to stop while Elasticsearch is busy or away
                self.acknowledge(batch, writing.result())
            batch, writing = following, None
            if batch:
                writing = Working(self.write, batch)
            self.watch_progress(idle=not batch)
        if writing and writing.is_done(STOP_BUDGET_S):
            self.acknowledge(batch, writing.result())

    def prepare(self, records: Iterable[ConsumerRecord]) -> list[Item]:
        """Make documents of messages, or find out why that cannot be."""
        now = datetime.now(UTC)
        return [
            Item(record, prepare(record.value, now), self.source.position_after(record))
            for record in records
        ]

    def write(self, batch: Sequence[Item]) -> list[Fate | None]:
        """Return the fate of each item once it is certain; None where a stop came before."""
        fates = [_unread(item.prepared) for item in batch]
        ready = {
            n: item.prepared for n, item in enumerate(batch) if isinstance(item.prepared, Ready)
        }
        outcomes = self.writer.write([prepared.operation for prepared in ready.values()])
        numbers = list(ready)
        for number, outcome in outcomes.items():
            fates[numbers[number]] = _fate(outcome)
        letters = [
            _dead_letter(item.record, fate)
            for item, fate in zip(batch, fates, strict=True)
            if fate and fate.name == "dead"
        ]
        if not self.bury(letters):
            fates = [None if fate and fate.name == "dead" else fate for fate in fates]
        return fates

    def bury(self, letters: Sequence[DeadLetter]) -> bool:
        """Return True once Kafka has confirmed all ``letters``; False if a stop came before."""
        while letters := self.dead_letters.send(letters):
            self.health.unavailable("dead-letters", f"{len(letters)} are not confirmed")
            if self.stop.wait(_RETRY_KAFKA_S):
                return False
        self.health.available("dead-letters")
        return True

    def acknowledge(self, batch: Sequence[Item], fates: Sequence[Fate | None]) -> None:
        """Commit, in each partition only up to what is not settled, and count the fates.

        What was taken away meanwhile is left to whoever reads it again.
        """
        unsettled: set[TopicPartition] = set()
        settled: list[tuple[Item, Fate]] = []
        for item, fate in zip(batch, fates, strict=True):
            partition = item.position.partition
            if fate is None:
                unsettled.add(partition)
            elif partition not in unsettled:
                settled.append((item, fate))
        committed = self.ask_kafka(lambda: self.source.commit(i.position for i, _ in settled))
        if committed and len(unsettled) == 0:
            self.health.progress()
        # Without an answer (None) the positions are kept, and committed with the next ones.
        for item, fate in settled if committed is not False else ():
            if self.source.is_mine(item.position):
                _count(item, fate)
        log.info("batch", documents=len(batch), **Counter(f.name for f in fates if f))

    def keep_membership_until(self, writing: Working[list[Fate | None]]) -> None:
        """Wait for the batch in flight; if that takes long, stay in the group meanwhile."""
        held = False
        while not writing.is_done(0 if held else _HOLD_AFTER_S) and not self.stop.is_set():
            held = True
            self.ask_kafka(self.source.hold)
            self.watch_progress(idle=False)
        if held:
            self.source.read_on()

    def watch_progress(self, *, idle: bool) -> None:
        """Measure the lag now and then: Kafka's word that nothing is left is progress too."""
        lag = self.ask_kafka(lambda: self.source.measure_lag(idle=idle))
        if lag is not None:
            self.health.available("kafka")
        if idle and lag == 0:
            self.health.progress()

    def ask_kafka(self, question: Callable[[], T]) -> T | None:
        """Return the answer; None if Kafka cannot be used, after waiting a little."""
        try:
            return question()
        except SourceError as error:
            if "kafka" not in self.health.missing():
                log.warning("kafka is not available", error=str(error))
            self.health.unavailable("kafka", str(error))
            self.stop.wait(_RETRY_KAFKA_S)
            return None


def _unread(prepared: Ready | Rejected) -> Fate | None:
    if isinstance(prepared, Rejected):
        return Fate("dead", prepared.reason, "decode", prepared.error)
    return None


def _fate(outcome: Outcome) -> Fate:
    match outcome.verdict:
        case Verdict.INDEXED:
            return Fate("done", "indexed")
        case Verdict.STALE:
            return Fate("skipped", "stale")
        case _:
            return Fate("dead", outcome.reason, "index", outcome.error)


def _dead_letter(record: ConsumerRecord, fate: Fate) -> DeadLetter:
    return DeadLetter(
        value=record.value,
        key=record.key,
        service="index",
        stage=fate.stage,
        reason=fate.reason,
        error=fate.error,
        failed_at=datetime.now(UTC),
        attempts=previous_attempts(record.headers) + 1,
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
    )


def _count(item: Item, fate: Fate) -> None:
    ARTICLES.labels("index", fate.name, fate.reason).inc()
    prepared = item.prepared
    article_id = prepared.article_id if isinstance(prepared, Ready) else None
    if fate.name == "dead":
        DEAD_LETTERS.labels("index", fate.reason).inc()
        log.warning("article", article_id=article_id, **_facts(item, fate), error=fate.error)
    else:
        log.debug("article", article_id=article_id, **_facts(item, fate))
    if fate.name == "done" and isinstance(prepared, Ready) and prepared.awaited_since:
        latency = datetime.now(UTC) - prepared.awaited_since
        END_TO_END_LATENCY.observe(max(0.0, latency.total_seconds()))


def _facts(item: Item, fate: Fate) -> dict[str, object]:
    where = item.position.partition
    return {
        "fate": fate.name,
        "reason": fate.reason,
        "partition": where.partition,
        "offset": item.position.offset - 1,
    }
