"""``rasid annotate``: one line out for each line in, whatever it holds."""

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from services.enrich import annotation
from services.enrich.annotation import MAX_LINE_BYTES, annotate
from services.enrich.enrichment import Models

ARTICLE = {
    "id": "a-1",
    "title": "زيارة إلى ترهونة",
    "text": "زار السراج مدينة ترهونة أمس.",
    "published_at": "2020-11-25T09:00:00+02:00",
    "source_id": "sample",
    "language_hint": "ar",
}


def line(**fields: Any) -> bytes:
    return json.dumps(ARTICLE | fields, ensure_ascii=False).encode()


def test_a_line_is_answered_with_all_that_was_found(models: Models) -> None:
    answer = json.loads(annotate(line(), 1, models))
    assert list(answer) == [
        *("id", "text", "published", "language", "entities", "dates", "signature", "libya")
    ]
    assert answer["id"] == "a-1"
    assert answer["language"]["tag"] == "ar"
    assert [entity["id"] for entity in answer["entities"]] == [
        "person:fayez-sarraj",
        "place:tarhuna",
    ]
    assert answer["dates"] == [
        {
            "start": 24,
            "end": 27,
            "text": "أمس",
            "value": "2020-11-24",
            "from": "2020-11-24",
            "to": "2020-11-24",
            "grain": "day",
            "kind": "relative",
            "approximate": False,
        }
    ]


GOOD = {
    "text alone": b'{"text": "\\u0644\\u064a\\u0628\\u064a\\u0627"}',
    "null for what is optional": line(title=None, published_at=None, language_hint=None, id=None),
    "a day": line(published_at="2020-11-25"),
    "a time without zone": line(published_at="2020-11-25T10:00:00"),
    "a number for an id": line(id=7),
    "a byte order mark": b"\xef\xbb\xbf" + line(),
    "a lone surrogate": b'{"text": "x\\ud83d", "title": "\\udc00", "id": "\\ud800"}',
    "an empty text": line(text=""),
    "a very long title": line(title="ا" * 5_000),
    "a text that is cut": line(text="ا" * 300_000),
    "fields of others": line(mood="fine"),
    "a hint that is no tag": b'{"text": "x", "language_hint": "\\ud800' + b"a" * 5_000 + b'"}',
    "a very long id": line(id="a" * 10_000),
}
BAD = {
    "nothing": (b"", "not JSON"),
    "garbage": (b"\xff\xfe\x00", "not JSON"),
    "half of it": (line()[:40], "not JSON"),
    "deep nesting": (b"[" * 100_000, "not JSON"),
    "a list": (b"[]", "not a JSON object"),
    "no text": (b"{}", "text: a string is required"),
    "a number for a text": (line(text=5), "text: a string is required"),
    "a number for a title": (line(title=5), "title: a string is expected"),
    "no date": (line(published_at="soon"), "published_at: "),
    "a time before the calendar": (
        line(published_at="0001-01-01T00:00:00+14:00"),
        "published_at: ",
    ),
    "a huge number": (b'{"text": "x", "id": ' + b"9" * 5_000 + b"}", "not JSON"),
    "too long": (line(text="x" * MAX_LINE_BYTES), "longer than"),
}


@pytest.mark.parametrize("given", GOOD.values(), ids=GOOD.keys())
def test_whatever_is_optional_may_be_missing_or_odd(given: bytes, models: Models) -> None:
    answer = annotate(given, 1, models)
    assert b"\n" not in answer
    assert "error" not in json.loads(answer)


@pytest.mark.parametrize(("given", "message"), BAD.values(), ids=BAD.keys())
def test_a_bad_line_is_answered_with_what_is_wrong_and_where(
    given: bytes, message: str, models: Models
) -> None:
    answer = json.loads(annotate(given, 12, models))
    assert answer["error"].startswith(message)
    assert answer["line"] == 12


def test_a_bug_costs_one_line(models: Models, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise KeyError("count")

    monkeypatch.setattr(annotation, "enrich", broken)
    answer = json.loads(annotation.annotate(line(), 3, models))
    assert answer == {"id": "a-1", "line": 3, "error": "bug: KeyError('count')"}


@pytest.mark.slow
@pytest.mark.slow
def test_the_command_answers_each_line_in_order_in_utf_8_whatever_the_locale() -> None:
    given = [line(id=str(at)) if at % 3 else BAD["garbage"][0] for at in range(50)]
    answer = subprocess.run(
        [sys.executable, "-m", "services.cli", "annotate"],
        input=b"\n".join(given),
        env={**os.environ, "LC_ALL": "C", "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"},
        capture_output=True,
        check=True,
    )
    lines = [json.loads(line.decode()) for line in answer.stdout.splitlines()]
    assert [line["id"] for line in lines] == [str(at) if at % 3 else None for at in range(50)]
    assert [line["line"] for line in lines if "error" in line] == list(range(1, 51, 3))


@pytest.mark.slow
def test_the_command_ends_quietly_when_nobody_reads_on() -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "services.cli", "annotate"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdin
    assert process.stdout
    assert process.stderr
    process.stdout.close()
    process.stdin.write(line() + b"\n")
    process.stdin.close()
    assert process.stderr.read() == b""
    assert process.wait(30) == 0
