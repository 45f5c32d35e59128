"""What waits for the services that read the stream: an import must not stand in the way of it."""

from typing import Any

import structlog
from kafka import KafkaAdminClient, TopicPartition
from kafka.admin import OffsetSpec
from kafka.errors import KafkaError

from services.contract.topics import ENRICHED, RAW, Topic, namespaced
from services.runtime.kafka import connection, group_name
from services.runtime.settings import Settings

_READERS = {"enrich": RAW, "index": ENRICHED}
_BOOTSTRAP_TIMEOUT_MS = 5_000

log = structlog.get_logger()


class Backlog:
    """Asks Kafka. Making it raises KafkaError."""

    def __init__(self, settings: Settings) -> None:
        self._readers = {
            group_name(settings, service): _partitions(topic, settings)
            for service, topic in _READERS.items()
        }
        options = connection(settings) | {"bootstrap_timeout_ms": _BOOTSTRAP_TIMEOUT_MS}
        self._admin = KafkaAdminClient(**options)

    def close(self) -> None:
        """Disconnect."""
        self._admin.close()

    def count(self) -> int:
        """Return how many messages wait for the service that is furthest behind.

        A service that does not run delays nobody: what waits for it does not count. Nor does what
        Kafka cannot tell now: a new one knows no groups, and if it is away publishing says so.
        """
        try:
            return self._count()
        except KafkaError as error:
            log.warning("backlog not known", error=str(error))
            return 0

    def _count(self) -> int:
        groups = self._groups()
        described = self._admin.describe_groups(list(groups)) if groups else {}
        running = {group: groups[group] for group, about in described.items() if about["members"]}
        if not running:
            return 0
        done = self._admin.list_group_offsets(running)
        return max(self._waiting(partitions, done[group]) for group, partitions in running.items())

    def _groups(self) -> dict[str, list[TopicPartition]]:
        """Return what each group reads: a service's name, or that and a version (index-v2)."""
        known = [group["group_id"] for group in self._admin.list_groups()]
        return {
            group: partitions
            for reader, partitions in self._readers.items()
            for group in known
            if group == reader or group.startswith(f"{reader}-")
        }

    def _waiting(self, partitions: list[TopicPartition], done: dict[TopicPartition, Any]) -> int:
        ends = self._admin.list_partition_offsets(dict.fromkeys(partitions, OffsetSpec.LATEST))
        begins = self._admin.list_partition_offsets(dict.fromkeys(partitions, OffsetSpec.EARLIEST))
        return sum(
            max(0, ends[at].offset - max(begins[at].offset, done[at].offset if at in done else 0))
            for at in partitions
        )


def _partitions(topic: Topic, settings: Settings) -> list[TopicPartition]:
    name = namespaced(topic.name, settings.namespace)
    return [TopicPartition(name, number) for number in range(topic.partitions)]
