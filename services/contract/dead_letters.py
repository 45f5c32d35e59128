"""A dead letter: the original bytes, and in the headers who gave up on them, when and why."""

import traceback
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

MAX_ERROR_CHARS = 2_000
_MAX_SUMMARY_CHARS = 500

Headers = list[tuple[str, bytes]]

_ATTEMPTS = "attempts"
_REPLAYED_OFFSET = "replayed-offset"


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """One message that a service could not use.

    ``stage`` is the step that failed (``decode``, ``enrich``, ``index``), ``reason`` one of a
    bounded set, ``error`` the details for a person. ``key`` and ``value`` are the original's; None
    where the record had none.
    """

    value: bytes | None
    key: bytes | None
    service: str
    stage: str
    reason: str
    error: str
    failed_at: datetime
    attempts: int
    topic: str
    partition: int
    offset: int

    def headers(self) -> Headers:
        """Return everything but key and value as Kafka headers."""
        facts = {
            "service": self.service,
            "stage": self.stage,
            "reason": self.reason,
            "error": self.error[:MAX_ERROR_CHARS],
            "failed-at": self.failed_at.isoformat(),
            _ATTEMPTS: str(self.attempts),
            "origin-topic": self.topic,
            "origin-partition": str(self.partition),
            "origin-offset": str(self.offset),
        }
        return [(name, value.encode("utf-8", "replace")) for name, value in facts.items()]

    @classmethod
    def from_record(
        cls,
        key: bytes | None,
        value: bytes | None,
        headers: Iterable[tuple[str, bytes | None]],
    ) -> "DeadLetter":
        """Return the dead letter a record of a dead-letter topic holds.

        Raises KeyError or ValueError if the record was not written by Rasid.
        """
        facts = {name: (content or b"").decode("utf-8", "replace") for name, content in headers}
        return cls(
            value=value,
            key=key,
            service=facts["service"],
            stage=facts["stage"],
            reason=facts["reason"],
            error=facts["error"],
            failed_at=datetime.fromisoformat(facts["failed-at"]),
            attempts=int(facts[_ATTEMPTS]),
            topic=facts["origin-topic"],
            partition=int(facts["origin-partition"]),
            offset=int(facts["origin-offset"]),
        )


def describe(error: BaseException) -> str:
    """Return what ``error`` is, and on the next lines the end of its traceback.

    Both fit in MAX_ERROR_CHARS: a traceback says at its end what went wrong and where.
    """
    summary = repr(error)[:_MAX_SUMMARY_CHARS]
    trace = "".join(traceback.format_exception(error))
    return f"{summary}\n{trace[-(MAX_ERROR_CHARS - len(summary) - 1) :]}"


def replay_headers(letter: DeadLetter) -> Headers:
    """Return the headers of the original message when it is sent again."""
    return [(_ATTEMPTS, str(letter.attempts).encode())]


def previous_attempts(headers: Iterable[tuple[str, bytes | None]]) -> int:
    """Return how often a message has become a dead letter before: 0 unless it is a replayed one."""
    given = dict(headers).get(_ATTEMPTS) or b""
    return int(given) if given.isdigit() and len(given) < 10 else 0


def replay_marker(offset: int) -> Headers:
    """Return the headers of the record that says: the dead letter at ``offset`` was replayed."""
    return [(_REPLAYED_OFFSET, str(offset).encode())]


def replayed_offset(headers: Iterable[tuple[str, bytes | None]]) -> int | None:
    """Return the offset that a replay marker names; None if the record is not a marker."""
    given = dict(headers).get(_REPLAYED_OFFSET)
    return None if given is None else int(given)
