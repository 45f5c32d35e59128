"""What Elasticsearch's answer to a bulk request means for each document of it.

A 200 can hide failed items, so every document is judged by a status of its own. Where one answer
stands for the whole request, it is the status of each document in it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class ItemAnswer:
    """What became of one document: an HTTP status and, unless it is good, the error."""

    status: int
    error_type: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True)
class Answered:
    """Elasticsearch took the request and answered for each document, in order."""

    items: Sequence[ItemAnswer]


@dataclass(frozen=True, slots=True)
class Refused:
    """Elasticsearch, or something before it, refused the whole request."""

    answer: ItemAnswer


@dataclass(frozen=True, slots=True)
class Unreachable:
    """There was no usable answer: what was written is not known."""

    error: str


BulkAnswer = Answered | Refused | Unreachable


class Verdict(StrEnum):
    """What to do about a document."""

    INDEXED = "indexed"
    STALE = "stale"
    """A newer fetch of the article is there already: as good as indexed."""
    DEAD = "dead"
    RETRY = "retry"
    ISOLATE = "isolate"
    """Send it again with fewer beside it, or alone: something in this request cannot be taken."""
    BLOCKED = "blocked"
    """Nothing is wrong with it, Elasticsearch must be put right first: wait, never dead-letter."""


SETTLED = frozenset({Verdict.INDEXED, Verdict.STALE, Verdict.DEAD})

ATTEMPTS_ALONE = 5
"""After so many server errors with nothing beside it in the request, the document is at fault."""

_BUSY = frozenset({429, 502, 503, 504})
# Server errors (500) of a node that stops, loses another, or cannot write to its disk.
_TRANSIENT_TYPES = frozenset(
    {
        *("already_closed_exception", "engine_closed_exception", "index_shard_closed_exception"),
        *("node_closed_exception", "node_disconnected_exception", "node_not_connected_exception"),
        *("connect_transport_exception", "receive_timeout_transport_exception"),
        *("send_request_transport_exception", "file_system_exception", "i_o_exception"),
        *("translog_exception", "circuit_breaking_exception"),
    }
)
_BLOCKED = frozenset({401, 403, 404})
_BLOCKED_TYPES = frozenset(
    {"cluster_block_exception", "index_closed_exception", "index_not_found_exception"}
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """The verdict on one document. ``reason`` is bounded; ``error`` is in Elasticsearch's words."""

    verdict: Verdict
    reason: str = ""
    error: str = ""


def settle(answer: BulkAnswer, sent: int, failed_alone: int = 0) -> list[Outcome]:
    """Return one outcome for each of the ``sent`` documents, in their order.

    If one was sent, ``failed_alone`` says how many server errors it has met alone before this.
    """
    match answer:
        case Answered(items) if len(items) == sent:
            return [classify(item, sent, failed_alone) for item in items]
        case Answered(items):
            return [
                Outcome(Verdict.RETRY, error=f"{len(items)} answers for {sent} documents")
            ] * sent
        case Refused(item):
            return [classify(item, sent, failed_alone, whole=True)] * sent
        case Unreachable(error):
            return [Outcome(Verdict.RETRY, error=error)] * sent


def classify(answer: ItemAnswer, sent: int, failed_alone: int, *, whole: bool = False) -> Outcome:
    """Return the outcome of a document that was ``sent`` together with others.

    ``whole`` says that the status is the request's, so that the document may not be the culprit.
    A server error (500) counts as the document's fault only at the last of ATTEMPTS_ALONE.
    """
    status, error = answer.status, f"{answer.error_type}: {answer.error}"
    if 200 <= status < 300 and not whole:
        return Outcome(Verdict.INDEXED)
    if status == 409 and not whole:
        return Outcome(Verdict.STALE)
    if status in _BUSY or answer.error_type in _TRANSIENT_TYPES:
        return Outcome(Verdict.RETRY, error=f"{status} {error}")
    # A refusal that is not in Elasticsearch's words is a proxy's and says nothing of documents.
    foreign = whole and not answer.error_type and status not in (413, 500)
    if foreign or status in _BLOCKED or answer.error_type in _BLOCKED_TYPES:
        return Outcome(Verdict.BLOCKED, error=f"{status} {error}")
    reason = _REASONS.get(status, "server-error" if status >= 500 else "refused")
    own_fault = status < 500 and status != 413 and not whole
    proved_alone = sent == 1 and (status < 500 or failed_alone + 1 >= ATTEMPTS_ALONE)
    verdict = Verdict.DEAD if own_fault or proved_alone else Verdict.ISOLATE
    return Outcome(verdict, reason, f"{status} {error}")


_REASONS = {400: "rejected", 413: "too-large"}


def is_only_too_large(outcomes: Mapping[int, Outcome]) -> bool:
    """Return whether size alone kept back what is not settled: halves need no waiting then."""
    left = [outcome for outcome in outcomes.values() if outcome.verdict not in SETTLED]
    return all(outcome.reason == "too-large" for outcome in left)


def send_again(outcomes: Mapping[int, Outcome]) -> list[list[int]]:
    """Return the requests that the documents of one request, by number, still need.

    One request; halves of it where a document that cannot be taken is to be isolated.
    """
    left = [number for number, outcome in outcomes.items() if outcome.verdict not in SETTLED]
    if len(left) > 1 and any(o.verdict is Verdict.ISOLATE for o in outcomes.values()):
        middle = len(left) // 2
        return [left[:middle], left[middle:]]
    return [left] if left else []
