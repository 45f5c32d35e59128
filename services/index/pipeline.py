"""The flow of index: messages to documents, documents to Elasticsearch, then the commit."""

import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, wait
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Protocol, TypeVar
from zlib import crc32

import structlog
from kafka import TopicPartition
from kafka.consumer.fetcher import ConsumerRecord

from services.contract.dead_letters import DeadLetter
from services.index.core.prepare import Ready, prepare
from services.index.edges.kafka import EnrichedArticles, SourceError
from services.index.fates import Fate, Item, count, dead_letter, fate_of, fate_unread
from services.index.lanes import Lane
from services.index.write import Writer
from services.runtime.health import Health

STOP_BUDGET_S = 5.0
"""How long a stopping service waits for what is in flight."""

_BATCHES_IN_FLIGHT = 2  # one that is written, and one more so that no lane is ever without work
_HOLD_AFTER_S = 1.0
_RETRY_KAFKA_S = 1.0

T = TypeVar("T")
log = structlog.get_logger()


class DeadLetters(Protocol):
    """Where dead letters go."""

    def send(self, letters: Sequence[DeadLetter]) -> list[DeadLetter]:
        """Return those of the ``letters`` that could not be confirmed."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Items that are being written: the numbers of those in each lane, and what becomes of them."""

    items: list[Item]
    shares: list[tuple[list[int], Future[list[Fate | None]]]]

    def is_written(self, wait_s: float) -> bool:
        """Return whether all lanes are done, after waiting for them up to ``wait_s``."""
        return not wait([future for _, future in self.shares], max(0.0, wait_s)).not_done

    def fates(self) -> list[Fate | None]:
        """Return the fate of each item, in order; raise what a lane raised."""
        fates: list[Fate | None] = [None] * len(self.items)
        for share, future in self.shares:
            for number, fate in zip(share, future.result(), strict=True):
                fates[number] = fate
        return fates


@dataclass(frozen=True, slots=True)
class Index:
    """The parts of the service."""

    source: EnrichedArticles
    writer: Writer
    dead_letters: DeadLetters
    health: Health
    stop: threading.Event
    connections: int = 1
    in_stories: Callable[[Sequence[Ready]], list[Ready]] = list

    def run(self) -> None:
        """Index articles until asked to stop. What is not settled by then is not committed.

        While batches are written, the next one is read and prepared.
        """
        telling = Lane("stories")
        lanes = [Lane(f"writer-{number}") for number in range(self.connections)]
        writing: deque[Batch] = deque()
        while not self.stop.is_set():
            items = self.prepare(self.ask_kafka(self.source.next_batch) or [])
            if len(writing) == _BATCHES_IN_FLIGHT:
                self.keep_membership_until(writing[0])
            self.acknowledge_written(writing)
            if items and not self.stop.is_set():
                writing.append(self.begin(items, telling, lanes))
            self.watch_progress(idle=not writing)
        self.acknowledge_written(writing, STOP_BUDGET_S)

    def prepare(self, records: Iterable[ConsumerRecord]) -> list[Item]:
        """Make documents of messages, or find out why that cannot be."""
        now = datetime.now(UTC)
        return [
            Item(record, prepare(record.value, now), self.source.position_after(record))
            for record in records
        ]

    def begin(self, items: list[Item], telling: Lane, lanes: Sequence[Lane]) -> Batch:
        """Begin to write ``items``, an article always in the same lane: its order is kept.

        Their stories are told before that, of the whole batch at once: copies are in any lane.
        """
        told = telling.begin(self.tell_stories, items)
        shares: list[list[int]] = [[] for _ in lanes]
        for number, item in enumerate(items):
            shares[crc32(item.article_id.encode()) % len(lanes)].append(number)
        return Batch(
            items,
            [
                (share, lane.begin(self.write_share, (told, share)))
                for share, lane in zip(shares, lanes, strict=True)
                if share
            ],
        )

    def tell_stories(self, items: Sequence[Item]) -> list[Item]:
        """Return the items, the documents among them in their stories."""
        told = list(items)
        ready = {n: i.prepared for n, i in enumerate(items) if isinstance(i.prepared, Ready)}
        documents = self.in_stories(list(ready.values()))
        for number, document in zip(ready, documents, strict=True):
            told[number] = replace(items[number], prepared=document)
        return told

    def write_share(self, share: tuple[Future[list[Item]], list[int]]) -> list[Fate | None]:
        """Write those of some items, once their stories are told, that are in one lane."""
        told, numbers = share
        items = told.result()
        return self.write([items[number] for number in numbers])

    def write(self, items: Sequence[Item]) -> list[Fate | None]:
        """Return the fate of each item once it is certain; None where a stop came before."""
        fates = [fate_unread(item.prepared) for item in items]
        ready = {
            n: item.prepared for n, item in enumerate(items) if isinstance(item.prepared, Ready)
        }
        outcomes = self.writer.write(list(ready.values()))
        numbers = list(ready)
        for number, outcome in outcomes.items():
            fates[numbers[number]] = fate_of(outcome)
        letters = [
            dead_letter(item.record, fate)
            for item, fate in zip(items, fates, strict=True)
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

    def acknowledge_written(self, writing: deque[Batch], budget_s: float = 0.0) -> None:
        """Acknowledge, oldest first, the batches that are written or will be within the budget."""
        deadline = time.monotonic() + budget_s
        while writing and writing[0].is_written(deadline - time.monotonic()):
            batch = writing.popleft()
            if not self.acknowledge(batch.items, batch.fates()):
                writing.clear()  # asked to stop: what follows may not be committed over the gap

    def acknowledge(self, items: Sequence[Item], fates: Sequence[Fate | None]) -> bool:
        """Commit, in each partition only up to what is not settled, and count the fates.

        What was taken away meanwhile is left to whoever reads it again. Returns whether all was
        settled.
        """
        unsettled: set[TopicPartition] = set()
        settled: list[tuple[Item, Fate]] = []
        for item, fate in zip(items, fates, strict=True):
            partition = item.position.partition
            if fate is None:
                unsettled.add(partition)
            elif partition not in unsettled:
                settled.append((item, fate))
        committed = self.ask_kafka(lambda: self.source.commit(i.position for i, _ in settled))
        if committed and not unsettled:
            self.health.progress()
        # Without an answer (None) the positions are kept, and committed with the next ones.
        for item, fate in settled if committed is not False else ():
            if self.source.is_mine(item.position):
                count(item, fate)
        log.info("batch", documents=len(items), **Counter(f.name for f in fates if f))
        return not unsettled

    def keep_membership_until(self, batch: Batch) -> None:
        """Wait for a batch in flight; if that takes long, stay in the group meanwhile."""
        held = False
        while not batch.is_written(0 if held else _HOLD_AFTER_S) and not self.stop.is_set():
            held = True
            self.ask_kafka(self.source.hold)
            self.watch_progress(idle=False)
        if held:
            self.source.read_on()

    def watch_progress(self, *, idle: bool) -> None:
        """Measure the lag now and then: Kafka's word that nothing is left is progress too.

        So is it to wait for an Elasticsearch that answers that it takes nothing, as with a full
        disk: starting anew would not help. Not so one that is silent.
        """
        lag = self.ask_kafka(lambda: self.source.measure_lag(idle=idle))
        if lag is None:
            return
        self.health.available("kafka")
        takes_nothing = "elasticsearch" in self.health.missing() and self.writer.is_answered()
        if (idle and lag == 0) or takes_nothing:
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
