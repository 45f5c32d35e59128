"""A message becomes the lines of a bulk request, or a reason; never an exception."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.contract.articles import EnrichedArticle, Published, document_version
from services.contract.wire import encode
from services.index.core import prepare as step
from services.index.core.bulk import plan
from services.index.core.prepare import Ready, Rejected, prepare
from tests.support import enriched_article, raw_article

NOW = datetime(2020, 11, 26, tzinfo=UTC)


def test_a_message_becomes_an_action_and_a_document() -> None:
    enriched = enriched_article(3)
    ready = prepare(encode(enriched), NOW)
    assert isinstance(ready, Ready)
    action, document = map(json.loads, ready.operation.splitlines())
    assert action == {
        "index": {
            "_id": enriched.article.article_id,
            "version": document_version(enriched.article.fetched_at),
            "version_type": "external_gte",
        }
    }
    assert document["title"] == enriched.article.title
    assert document["indexed_at"] == "2020-11-26T00:00:00Z"


def test_a_text_with_line_ends_stays_on_one_line() -> None:
    ready = prepare(encode(enriched_article(1, text="سطر\nسطر\r\n\u2028سطر")), NOW)
    assert isinstance(ready, Ready)
    assert ready.operation.count(b"\n") == 2


@pytest.mark.parametrize(
    ("changes", "awaited"),
    [
        pytest.param({}, True, id="live news"),
        pytest.param({"mode": "backfill"}, False, id="from an archive"),
        pytest.param({"revision": 2}, False, id="a correction"),
    ],
)
def test_only_live_news_is_awaited(changes: dict[str, object], awaited: bool) -> None:
    raw = raw_article(1, **changes)
    ready = prepare(encode(enriched_article(raw=raw)), NOW)
    assert isinstance(ready, Ready)
    assert ready.awaited_since == (raw.first_seen_at if awaited else None)
    assert ready.published_at == (raw.published_at if awaited else None)


def test_a_publication_known_to_the_day_only_is_no_beginning_to_measure_from() -> None:
    day = Published(
        value=datetime(2020, 11, 25, tzinfo=UTC), precision="day", origin="page", confidence=1.0
    )
    ready = prepare(encode(enriched_article(published=day)), NOW)
    assert isinstance(ready, Ready)
    assert ready.published_at is None


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        pytest.param(None, "not-json", id="no value"),
        pytest.param(b"\x00\xff garbage", "not-json", id="garbage"),
        pytest.param(b"[]", "not-an-object", id="a list"),
        pytest.param(b'{"schema": 2}', "newer-schema", id="newer schema"),
    ],
)
def test_what_is_no_article_is_rejected_with_its_reason(value: bytes | None, reason: str) -> None:
    rejected = prepare(value, NOW)
    assert isinstance(rejected, Rejected)
    assert rejected.reason == reason


@given(st.binary(max_size=200))
def test_no_bytes_raise(value: bytes) -> None:
    assert isinstance(prepare(value, NOW), Rejected)


def test_a_bug_is_one_rejected_message_with_its_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(enriched: EnrichedArticle, now: datetime) -> dict[str, object]:
        raise ZeroDivisionError("planted")

    monkeypatch.setattr(step, "to_document", broken)
    rejected = prepare(encode(enriched_article(1)), NOW)
    assert isinstance(rejected, Rejected)
    assert rejected.reason == "bug"
    assert rejected.error.startswith("ZeroDivisionError('planted')\n")
    assert "in broken" in rejected.error


@given(st.lists(st.tuples(st.sampled_from("abcdefgh"), st.integers(0, 50))), st.integers(1, 100))
def test_requests_hold_every_document_once_within_their_size_and_no_article_twice(
    documents: list[tuple[str, int]], max_bytes: int
) -> None:
    articles = [article for article, _ in documents]
    requests = plan(articles, [b"x" * size for _, size in documents], max_bytes)
    sent = [number for request in requests for number in request]
    assert sorted(sent) == list(range(len(documents)))
    assert all(requests)
    for request in requests:
        assert len(request) == 1 or sum(documents[n][1] for n in request) <= max_bytes
        assert len({articles[number] for number in request}) == len(request)
    for article in articles:
        of_it = [number for number in sent if articles[number] == article]
        assert of_it == sorted(of_it), "the order of an article is kept"
