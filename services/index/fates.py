"""What becomes of a message: one fate, counted and logged once, and a dead letter if it is dead."""

from dataclasses import dataclass
from datetime import UTC, datetime

import structlog
from kafka.consumer.fetcher import ConsumerRecord

from services.contract.dead_letters import DeadLetter, previous_attempts
from services.index.core.prepare import Ready, Rejected
from services.index.core.settle import Outcome, Verdict
from services.index.edges.kafka import Position
from services.index.metrics import END_TO_END_LATENCY
from services.runtime.metrics import ARTICLES, DEAD_LETTERS

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Item:
    """One message of a batch, what it was made into, and the position behind it."""

    record: ConsumerRecord
    prepared: Ready | Rejected
    position: Position

    @property
    def article_id(self) -> str:
        """The id of the article; empty if the message could not be read."""
        return self.prepared.article_id if isinstance(self.prepared, Ready) else ""


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of one message: done, skipped or dead, and why."""

    name: str
    reason: str
    stage: str = ""
    error: str = ""


def fate_unread(prepared: Ready | Rejected) -> Fate | None:
    """Return the fate of a message that could not be read; None if it could."""
    if isinstance(prepared, Rejected):
        return Fate("dead", prepared.reason, "decode", prepared.error)
    return None


def fate_of(outcome: Outcome) -> Fate:
    """Return the fate of a document that is settled."""
    match outcome.verdict:
        case Verdict.INDEXED:
            return Fate("done", "indexed")
        case Verdict.STALE:
            return Fate("skipped", "stale")
        case _:
            return Fate("dead", outcome.reason, "index", outcome.error)


def dead_letter(record: ConsumerRecord, fate: Fate) -> DeadLetter:
    """Return the dead letter of a message whose ``fate`` is that."""
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


def count(item: Item, fate: Fate) -> None:
    """Count and log what became of a message, once."""
    ARTICLES.labels("index", fate.name, fate.reason).inc()
    prepared, article_id = item.prepared, item.article_id or None
    if fate.name == "dead":
        DEAD_LETTERS.labels("index", fate.reason).inc()
        log.warning("article", article_id=article_id, **_facts(item, fate), error=fate.error)
    else:
        log.debug("article", article_id=article_id, **_facts(item, fate))
    if fate.name == "done" and isinstance(prepared, Ready):
        _observe_latency("first-seen", prepared.awaited_since)
        _observe_latency("published", prepared.published_at)


def _observe_latency(since: str, moment: datetime | None) -> None:
    if moment is not None:
        latency = datetime.now(UTC) - moment
        END_TO_END_LATENCY.labels(since).observe(max(0.0, latency.total_seconds()))


def _facts(item: Item, fate: Fate) -> dict[str, object]:
    where = item.position.partition
    return {
        "fate": fate.name,
        "reason": fate.reason,
        "partition": where.partition,
        "offset": item.position.offset - 1,
    }
