"""The list of dead letters can be read in a terminal of the usual width."""

from datetime import UTC, datetime

import pytest

from services.cli.dead_letters import print_lines
from services.contract.dead_letters import DeadLetter, describe
from services.runtime.dead_letters import StoredDeadLetter


def stored(service: str, offset: int, reason: str, error: str, attempts: int) -> StoredDeadLetter:
    letter = DeadLetter(
        value=b"{",
        key=b"key",
        service=service,
        stage="decode",
        reason=reason,
        error=error,
        failed_at=datetime(2020, 11, 26, 9, 5, tzinfo=UTC),
        attempts=attempts,
        topic="articles.enriched.v1",
        partition=3,
        offset=4,
    )
    return StoredDeadLetter(service, offset, letter, replayed=attempts > 1)


def test_each_letter_is_one_line_of_80_columns_with_its_reason_and_the_error_itself(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    rejected = (
        "400 document_parsing_exception: [1:20] failed to parse [dates] \x1b[31m" + "خبر" * 90
    )
    print_lines(
        [
            stored("index", 7, "bug", describe(ZeroDivisionError("x")), 1),
            stored("enrich", 123456, "invalid-field", "invalid-field: article.url: not one", 2),
            stored("index", 8, "rejected", rejected, 1),
        ]
    )
    heading, bug, invalid, cut = capsys.readouterr().out.splitlines()
    assert heading.split() == ["ID", "failed", "UTC", "reason", "tries", "error"]
    assert bug.split() == ["index:7", "11-26", "09:05", "bug", "1", "ZeroDivisionError('x')"]
    assert invalid.split(maxsplit=5)[3:] == ["invalid-field", "2", "sent  article.url: not one"]
    assert "400 document_parsing" in cut
    assert cut.endswith("…")
    assert all(len(line) <= 80 for line in (heading, bug, invalid, cut))
