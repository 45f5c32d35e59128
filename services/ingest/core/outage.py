"""Tells a network outage of our own from sources that are down.

Sources that cannot even be reached, one after the other, on several hosts, and nobody who answers
in between: that is us. Nothing of it is held against the sources.
"""

from collections.abc import Mapping
from typing import Generic, TypeVar

from services.ingest.core.answers import Reason

MIN_HOSTS = 3
SHARE_OF_HOSTS = 0.1
"""Fewer hosts than these in a row may be down by chance."""

POLL_AGAIN_S = 60.0
"""A source is asked at least this often during an outage, so that its end is noticed soon."""

_UNREACHABLE = frozenset({"connect", "disconnected", "resolve", "timeout"})
"""The reasons of failed fetches that a dead network gives."""

_SAYS_NOTHING = frozenset({"bad-url", "forbidden-address", "robots", "throttled", "unreadable"})
"""The reasons that we may give by ourselves, without having asked anybody: by a pause that is kept,
a robots.txt that is remembered, or an address that is no use."""

T = TypeVar("T")


def is_reached(reason: Reason) -> bool | None:
    """Return whether a failure shows that the network is there; None if it says neither."""
    return None if reason in _SAYS_NOTHING else reason not in _UNREACHABLE


class Outage(Generic[T]):
    """The sources that could not be reached since anybody last was, each as it was before."""

    def __init__(self) -> None:
        self._before: dict[str, T] = {}
        self._hosts: set[str] = set()

    def is_on(self, of_hosts: int) -> bool:
        """Return whether too many of the hosts are silent for it to be their fault."""
        return len(self._hosts) >= max(MIN_HOSTS, SHARE_OF_HOSTS * of_hosts)

    def unreachable(self, source_id: str, host: str, before: T) -> None:
        """Note that a source could not be reached; ``before`` is what it was before that."""
        self._before.setdefault(source_id, before)
        self._hosts.add(host)

    def reached(self, of_hosts: int) -> Mapping[str, T]:
        """Note that somebody answered, and return the sources that an outage has wronged."""
        wronged = self._before if self.is_on(of_hosts) else {}
        self._before, self._hosts = {}, set()
        return wronged
