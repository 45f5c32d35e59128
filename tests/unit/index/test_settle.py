"""Every document of a bulk request is settled by its own status."""

from collections.abc import Sequence

import pytest

from services.index.core.backoff import FIRST_S, LONGEST_S, full_jitter
from services.index.core.settle import (
    ATTEMPTS_ALONE,
    Answered,
    BulkAnswer,
    ItemAnswer,
    Refused,
    Unreachable,
    Verdict,
    send_again,
    settle,
)

MANY = 10


@pytest.mark.parametrize(
    ("status", "error_type", "alone", "verdict"),
    [
        pytest.param(201, "", False, Verdict.INDEXED, id="created"),
        pytest.param(200, "", False, Verdict.INDEXED, id="overwritten"),
        pytest.param(409, "version_conflict_engine_exception", False, Verdict.STALE, id="older"),
        pytest.param(429, "es_rejected_execution_exception", False, Verdict.RETRY, id="busy"),
        pytest.param(429, "cluster_block_exception", False, Verdict.RETRY, id="disk full"),
        pytest.param(502, "", False, Verdict.RETRY, id="bad gateway"),
        pytest.param(503, "unavailable_shards_exception", True, Verdict.RETRY, id="no shard"),
        pytest.param(504, "", False, Verdict.RETRY, id="gateway timeout"),
        pytest.param(400, "document_parsing_exception", False, Verdict.DEAD, id="does not fit"),
        pytest.param(400, "index_closed_exception", False, Verdict.BLOCKED, id="closed index"),
        pytest.param(403, "cluster_block_exception", False, Verdict.BLOCKED, id="read-only"),
        pytest.param(401, "security_exception", False, Verdict.BLOCKED, id="no credentials"),
        pytest.param(403, "security_exception", False, Verdict.BLOCKED, id="not allowed"),
        pytest.param(404, "index_not_found_exception", False, Verdict.BLOCKED, id="alias gone"),
        pytest.param(413, "", False, Verdict.ISOLATE, id="too large among others"),
        pytest.param(413, "", True, Verdict.DEAD, id="too large alone"),
        pytest.param(500, "illegal_state_exception", False, Verdict.ISOLATE, id="fault"),
        pytest.param(500, "illegal_state_exception", True, Verdict.ISOLATE, id="fault alone"),
        pytest.param(500, "node_closed_exception", False, Verdict.RETRY, id="a node stops"),
        pytest.param(500, "already_closed_exception", False, Verdict.RETRY, id="engine closed"),
        pytest.param(500, "i_o_exception", True, Verdict.RETRY, id="no space left on device"),
        pytest.param(418, "teapot", False, Verdict.DEAD, id="anything else"),
    ],
)
def test_a_document_is_judged_by_its_status(
    status: int, error_type: str, alone: bool, verdict: Verdict
) -> None:
    item = ItemAnswer(status, error_type, "why")
    sent = 1 if alone else MANY
    outcomes = settle(Answered([item] * sent), sent)
    assert [outcome.verdict for outcome in outcomes] == [verdict] * sent


@pytest.mark.parametrize(
    "answer",
    [
        Answered([ItemAnswer(500, "illegal_state_exception")]),
        Refused(ItemAnswer(500)),
    ],
)
def test_server_errors_make_a_document_dead_only_after_all_attempts_alone(
    answer: BulkAnswer,
) -> None:
    verdicts = [settle(answer, 1, failed)[0].verdict for failed in range(ATTEMPTS_ALONE)]
    assert verdicts == [Verdict.ISOLATE] * (ATTEMPTS_ALONE - 1) + [Verdict.DEAD]


def test_what_a_node_cannot_do_for_now_is_never_a_documents_fault() -> None:
    (outcome,) = settle(Answered([ItemAnswer(500, "i_o_exception")]), 1, failed_alone=1_000)
    assert outcome.verdict is Verdict.RETRY


@pytest.mark.parametrize(
    ("answer", "alone", "verdict"),
    [
        pytest.param(Refused(ItemAnswer(413)), False, Verdict.ISOLATE, id="too large"),
        pytest.param(Refused(ItemAnswer(413)), True, Verdict.DEAD, id="too large alone"),
        pytest.param(
            Refused(ItemAnswer(400, "action_request_validation_exception", "illegal version")),
            False,
            Verdict.ISOLATE,
            id="one bad action spoils the request",
        ),
        pytest.param(
            Refused(ItemAnswer(400, "action_request_validation_exception", "illegal version")),
            True,
            Verdict.DEAD,
            id="the bad action alone",
        ),
        pytest.param(Refused(ItemAnswer(400)), True, Verdict.BLOCKED, id="a proxy's 400"),
        pytest.param(Refused(ItemAnswer(409, "x")), False, Verdict.ISOLATE, id="a whole 409"),
        pytest.param(Refused(ItemAnswer(429, "circuit_breaking_exception")), True, Verdict.RETRY),
        pytest.param(Refused(ItemAnswer(503)), True, Verdict.RETRY, id="no master"),
        pytest.param(Refused(ItemAnswer(401, "security_exception")), True, Verdict.BLOCKED),
        pytest.param(Unreachable("refused"), True, Verdict.RETRY, id="nobody there"),
        pytest.param(Answered([]), True, Verdict.RETRY, id="fewer answers than documents"),
    ],
)
def test_an_answer_for_the_whole_request_counts_for_each_document(
    answer: BulkAnswer, alone: bool, verdict: Verdict
) -> None:
    sent = 1 if alone else MANY
    assert [outcome.verdict for outcome in settle(answer, sent)] == [verdict] * sent


def test_a_dead_document_carries_the_words_of_elasticsearch() -> None:
    answer = ItemAnswer(400, "document_parsing_exception", "failed to parse [revision]")
    (outcome,) = settle(Answered([answer]), 1)
    assert outcome.reason == "rejected"
    assert outcome.error == "400 document_parsing_exception: failed to parse [revision]"


def judged(*statuses: int) -> dict[int, object]:
    answers: Sequence[ItemAnswer] = [ItemAnswer(status) for status in statuses]
    return dict(enumerate(settle(Answered(answers), len(answers)), start=20))


@pytest.mark.parametrize(
    ("statuses", "requests"),
    [
        pytest.param((201, 409, 400), [], id="all settled"),
        pytest.param((201, 429, 409, 503), [[21, 23]], id="only what failed, in order"),
        pytest.param((413, 413, 413, 413), [[20, 21], [22, 23]], id="halves"),
        pytest.param((413, 201, 429, 413), [[20], [22, 23]], id="halves of what is left"),
        pytest.param((201, 413, 201), [[21]], id="alone next time"),
    ],
)
def test_only_what_is_not_settled_is_sent_again(
    statuses: tuple[int, ...], requests: list[list[int]]
) -> None:
    assert send_again(judged(*statuses)) == requests  # type: ignore[arg-type]


def test_waiting_grows_to_its_limit_and_is_spread_from_nothing() -> None:
    longest = [full_jitter(failures, 1.0) for failures in range(1, 40)]
    assert longest[0] == FIRST_S
    assert longest == sorted(longest)
    assert longest[-1] == LONGEST_S
    assert full_jitter(5, 0.0) == 0.0
