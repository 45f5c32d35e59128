"""The topics: what each holds, how it is split and how long it is kept."""

from dataclasses import dataclass

_DAY_MS = 24 * 60 * 60 * 1000
# Above what the contract accepts: poison must arrive to be seen.
_MAX_MESSAGE_BYTES = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic. Without ``retention_ms`` it is compacted and keeps each key's last value."""

    name: str
    partitions: int
    retention_ms: int | None
    max_message_bytes: int = _MAX_MESSAGE_BYTES

    def config(self) -> dict[str, str]:
        """Return the topic's settings as Kafka names them."""
        settings = {"max.message.bytes": str(self.max_message_bytes)}
        if self.retention_ms is None:
            # The smallest delay that still compacts: a cursor is rewritten at each poll.
            return settings | {"cleanup.policy": "compact", "segment.ms": str(_DAY_MS)}
        return settings | {"cleanup.policy": "delete", "retention.ms": str(self.retention_ms)}


RAW = Topic("articles.raw.v1", partitions=12, retention_ms=14 * _DAY_MS)
ENRICHED = Topic("articles.enriched.v1", partitions=12, retention_ms=14 * _DAY_MS)
SOURCES = Topic("ingest.sources.v1", partitions=12, retention_ms=None)

REQUESTS = Topic("ingest.requests.v1", partitions=1, retention_ms=None)
ALERTS = Topic("news.alerts.v1", partitions=1, retention_ms=90 * _DAY_MS)


def dead_letters(service: str) -> Topic:
    """Return the topic that holds what ``service`` could not use."""
    return Topic(
        f"{service}.dead-letters.v1",
        partitions=1,
        retention_ms=30 * _DAY_MS,
        max_message_bytes=_MAX_MESSAGE_BYTES + 1024 * 1024,  # the original and its headers
    )


DEAD_LETTER_SERVICES = ("enrich", "index")
TOPICS = (RAW, ENRICHED, SOURCES, REQUESTS, ALERTS, *map(dead_letters, DEAD_LETTER_SERVICES))


def namespaced(name: str, namespace: str) -> str:
    """Return a topic's name in ``namespace``; several installations can share one cluster."""
    return f"{namespace}.{name}" if namespace else name
