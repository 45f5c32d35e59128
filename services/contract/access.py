"""Who may do what in Kafka: what each account reads, writes and only looks at.

The set-up makes Kafka's access control lists of it, and a service makes the topics of its own where
nobody has set them up.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from services.contract.topics import (
    ALERTS,
    DEAD_LETTER_SERVICES,
    ENRICHED,
    RAW,
    REQUESTS,
    SOURCES,
    TOPICS,
    Topic,
    dead_letters,
    namespaced,
)


@dataclass(frozen=True, slots=True)
class Access:
    """Rights of one account. Groups are named as ``group_name`` takes them.

    ``joins`` are consumer groups whose names begin so, ``watches`` those it may only ask how far
    they are.
    """

    reads: tuple[Topic, ...] = ()
    writes: tuple[Topic, ...] = ()
    looks_at: tuple[Topic, ...] = ()
    joins: tuple[str, ...] = ()
    watches: tuple[str, ...] = ()

    @property
    def topics(self) -> tuple[Topic, ...]:
        """All topics of the account, each once."""
        return tuple(dict.fromkeys(self.reads + self.writes + self.looks_at))


_REPLAYED_INTO = (RAW, ENRICHED)

ACCESS: Mapping[str, Access] = {
    "ingest": Access(
        reads=(SOURCES, REQUESTS),
        writes=(RAW, SOURCES),
        looks_at=(ENRICHED,),  # an import waits until the others have caught up
        joins=("ingest",),
        watches=("enrich", "index"),
    ),
    "enrich": Access(reads=(RAW,), writes=(ENRICHED, dead_letters("enrich")), joins=("enrich",)),
    "index": Access(reads=(ENRICHED,), writes=(dead_letters("index"),), joins=("index",)),
    "alert": Access(reads=(ALERTS,), writes=(ALERTS,), joins=("alert",)),
    # People: they look at everything, replay dead letters, ask for a source to be polled at once,
    # bring the index to a new mapping.
    "operator": Access(
        reads=TOPICS,
        writes=(*_REPLAYED_INTO, REQUESTS, *map(dead_letters, DEAD_LETTER_SERVICES)),
        joins=("index",),
        watches=("ingest", "enrich", "alert"),
    ),
}


def user_name(account: str, namespace: str) -> str:
    """Return the name of the account's user in Kafka: of each installation another."""
    return namespaced(f"rasid-{account}", namespace)
