"""A batch is sent until every document is settled, and no longer."""

import json
import threading
from collections import deque

from services.index.core.settle import (
    ATTEMPTS_ALONE,
    Answered,
    BulkAnswer,
    ItemAnswer,
    Unreachable,
    Verdict,
)
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


def writer(send: Script) -> Writer:
    return Writer(send, Health(10), threading.Event(), lambda: 0.0, max_bytes=1_000)


def test_one_server_error_is_not_the_end_of_a_document_that_comes_alone() -> None:
    script = Script(FAULT, Answered([ItemAnswer(201)]))
    outcomes = writer(script).write([b"article"])
    assert outcomes[0].verdict is Verdict.INDEXED
    assert len(script.sent) == 2


def test_a_document_is_dead_after_its_last_attempt_and_attempts_without_answer_do_not_count() -> (
    None
):
    script = Script(*[Unreachable("away")] * 20, FAULT)
    outcomes = writer(script).write([b"article"])
    assert outcomes[0].verdict is Verdict.DEAD
    assert outcomes[0].reason == "server-error"
    assert len(script.sent) == 20 + ATTEMPTS_ALONE


def test_a_document_that_the_server_trips_over_is_found_among_others() -> None:
    def answer(body: bytes) -> BulkAnswer:
        lines = [json.loads(line) for line in body.splitlines()]
        return Answered([ItemAnswer(500 if "bad" in lines else 201)] * len(lines))

    operations = [json.dumps(name).encode() + b"\n" for name in ("a", "b", "bad", "c")]
    outcomes = Writer(answer, Health(10), threading.Event(), lambda: 0.0, max_bytes=1_000).write(
        operations
    )
    verdicts = [outcomes[number].verdict for number in range(4)]
    assert verdicts == [Verdict.INDEXED, Verdict.INDEXED, Verdict.DEAD, Verdict.INDEXED]
