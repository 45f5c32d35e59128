"""Writes documents: bulk requests until Elasticsearch has settled every one of them.

Only what is not settled is sent again. Runs on threads of its own, so that the next batch is
prepared, and the group membership kept, while Elasticsearch works or is away.
"""

import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import structlog

from services.index.core.backoff import full_jitter
from services.index.core.bulk import plan
from services.index.core.prepare import Ready
from services.index.core.settle import (
    SETTLED,
    BulkAnswer,
    Outcome,
    Unreachable,
    Verdict,
    is_only_too_large,
    send_again,
    settle,
)
from services.index.metrics import BULK_BYTES, BULK_DURATION, BULK_ITEMS
from services.runtime.health import Health

_LONGEST_SILENCE_S = 40.0  # a request times out after 30 s, and the next follows within 5 s

log = structlog.get_logger()


@dataclass(slots=True)
class Writer:
    """What writing needs: a way to send a bulk request, somewhere to complain, when to give up.

    Used by several threads; each article by one of them only, so that its order is kept.
    """

    send: Callable[[bytes], BulkAnswer]
    health: Health
    stop: threading.Event
    random: Callable[[], float]
    max_bytes: int
    _answered_at: float = field(default_factory=time.monotonic)

    def write(self, documents: Sequence[Ready]) -> dict[int, Outcome]:
        """Return the outcome of each of the ``documents``, by its number.

        A number is missing if the service was asked to stop while Elasticsearch settled nothing.
        """
        settled: dict[int, Outcome] = {}
        operations = [document.operation for document in documents]
        articles = [document.article_id for document in documents]
        requests = deque(plan(articles, operations, self.max_bytes))
        failed_alone: Counter[int] = Counter()
        failures = 0
        while requests and not (failures and self.stop.is_set()):
            numbers = requests.popleft()
            outcomes = self._request(numbers, operations, failed_alone[numbers[0]])
            if len(numbers) == 1 and outcomes[numbers[0]].verdict is Verdict.ISOLATE:
                failed_alone.update(numbers)
            done = {n: outcome for n, outcome in outcomes.items() if outcome.verdict in SETTLED}
            settled |= done
            failures = 0 if done else failures + 1
            again = send_again(outcomes)
            self._report(list(outcomes.values()), reachable=bool(done))
            if again:
                if not is_only_too_large(outcomes):
                    self.stop.wait(full_jitter(max(1, failures), self.random()))
                requests.extendleft(reversed(again))
        return settled

    def is_answered(self) -> bool:
        """Return whether Elasticsearch answers at all, be it that it can take nothing now."""
        return time.monotonic() - self._answered_at < _LONGEST_SILENCE_S

    def _request(
        self, numbers: Sequence[int], operations: Sequence[bytes], failed_alone: int
    ) -> dict[int, Outcome]:
        started = time.monotonic()
        body = b"".join(operations[number] for number in numbers)
        BULK_BYTES.inc(len(body))
        answer = self.send(body)
        BULK_DURATION.observe(time.monotonic() - started)
        if not isinstance(answer, Unreachable):
            self._answered_at = time.monotonic()
        outcomes = settle(answer, len(numbers), failed_alone)
        for outcome in outcomes:
            BULK_ITEMS.labels(outcome.verdict).inc()
        return dict(zip(numbers, outcomes, strict=True))

    def _report(self, outcomes: Sequence[Outcome], *, reachable: bool) -> None:
        if reachable:
            self.health.available("elasticsearch")
            return
        why = outcomes[0].error
        if "elasticsearch" not in self.health.missing():
            log.warning("elasticsearch takes nothing", documents=len(outcomes), error=why)
        self.health.unavailable("elasticsearch", why)
