"""A batch is sent until every document is settled, and no longer."""

import json
import threading
from collections import deque

from services.index.core.prepare import Ready
from services.index.core.settle import (
    ATTEMPTS_ALONE,
    Answered,
    BulkAnswer,
    ItemAnswer,
    Refused,
    Unreachable,
    Verdict,
)
from services.index.metrics import BULK_BYTES
from services.index.write import Writer
from services.runtime.health import Health

FAULT = Answered([ItemAnswer(500, "illegal_state_exception", "a bad moment")])


class Script:
    """Answers in the order given; the last one for ever."""

    def __init__(self, *answers: BulkAnswer) -> None:
        self.sent: list[bytes] = []
        self._answers = deque(answers)

    def __call__(self, body: bytes) -> BulkAnswer:
        self.sent.append(body)
        return self._answers.popleft() if len(self._answers) > 1 else self._answers[0]


def ready(operation: bytes, article_id: str = "") -> Ready:
    return Ready(article_id or operation.decode(), operation, awaited_since=None)


def writer(send: Script) -> Writer:
    return Writer(send, Health(10), threading.Event(), lambda: 0.0, max_bytes=1_000)


def test_one_server_error_is_not_the_end_of_a_document_that_comes_alone() -> None:
    script = Script(FAULT, Answered([ItemAnswer(201)]))
    before = BULK_BYTES._value.get()
    outcomes = writer(script).write([ready(b"article")])
    assert outcomes[0].verdict is Verdict.INDEXED
    assert len(script.sent) == 2
    assert BULK_BYTES._value.get() == before + 2 * len(b"article")


def test_a_document_is_dead_after_its_last_attempt_and_attempts_without_answer_do_not_count() -> (
    None
):
    script = Script(*[Unreachable("away")] * 20, FAULT)
    outcomes = writer(script).write([ready(b"article")])
    assert outcomes[0].verdict is Verdict.DEAD
    assert outcomes[0].reason == "server-error"
    assert len(script.sent) == 20 + ATTEMPTS_ALONE


def test_a_document_that_the_server_trips_over_is_found_among_others() -> None:
    def answer(body: bytes) -> BulkAnswer:
        lines = [json.loads(line) for line in body.splitlines()]
        return Answered([ItemAnswer(500 if "bad" in lines else 201)] * len(lines))

    operations = [json.dumps(name).encode() + b"\n" for name in ("a", "b", "bad", "c")]
    outcomes = Writer(answer, Health(10), threading.Event(), lambda: 0.0, max_bytes=1_000).write(
        list(map(ready, operations))
    )
    verdicts = [outcomes[number].verdict for number in range(4)]
    assert verdicts == [Verdict.INDEXED, Verdict.INDEXED, Verdict.DEAD, Verdict.INDEXED]


def test_a_revision_waits_until_the_one_before_it_is_settled() -> None:
    busy, taken = ItemAnswer(429), ItemAnswer(201)
    script = Script(Answered([busy, taken]), Answered([taken]))
    first, second = ready(b"first", "a"), ready(b"second", "a")
    outcomes = writer(script).write([first, second, ready(b"other")])
    assert script.sent == [b"firstother", b"first", b"second"]
    assert {outcome.verdict for outcome in outcomes.values()} == {Verdict.INDEXED}


def test_halves_of_what_is_too_large_are_sent_without_waiting() -> None:
    class Impatient(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            raise AssertionError("waited")

    def answer(body: bytes) -> BulkAnswer:
        sent = len(body)
        too_large = Refused(ItemAnswer(413))
        return too_large if sent > 2 else Answered([ItemAnswer(201)] * sent)

    sink = Writer(answer, Health(10), Impatient(), lambda: 1.0, max_bytes=1_000)
    outcomes = sink.write([ready(name) for name in (b"a", b"b", b"c", b"d", b"e")])
    assert [outcome.verdict for _, outcome in sorted(outcomes.items())] == [Verdict.INDEXED] * 5
