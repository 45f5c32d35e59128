"""What the headers of an answer say of time."""

from datetime import UTC, datetime

import pytest

from services.ingest.core.answer_headers import (
    fresh_for_s,
    http_date,
    retry_after_s,
    usable_etag,
    usable_last_modified,
)

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
DATE = "Sun, 22 Nov 2026 12:00:00 GMT"
IN_AN_HOUR = "Sun, 22 Nov 2026 13:00:00 GMT"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"cache-control": "max-age=300"}, 300),
        ({"cache-control": 'public, Max-Age="300", must-revalidate'}, 300),
        ({"cache-control": "max-age=300", "age": "100"}, 200),
        ({"cache-control": "max-age=300", "age": "400"}, None),
        ({"cache-control": "max-age=0"}, None),
        ({"cache-control": "s-maxage=300"}, None),
        ({"cache-control": "no-cache, max-age=300"}, None),
        ({"cache-control": "no-store", "expires": IN_AN_HOUR}, None),
        ({"cache-control": "max-age=soon"}, None),
        ({"expires": IN_AN_HOUR}, 3600),
        ({"expires": IN_AN_HOUR, "date": "Sun, 22 Nov 2026 12:30:00 GMT"}, 1800),
        ({"expires": IN_AN_HOUR, "cache-control": "max-age=60"}, 60),
        ({"expires": "0"}, None),
        ({"expires": "Sun, 22 Nov 2020 13:00:00 GMT"}, None),
    ],
)
def test_how_long_an_answer_holds(headers: dict[str, str], seconds: float | None) -> None:
    assert fresh_for_s(headers, NOW) == seconds


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "120"}, 120),
        ({"retry-after": " 0 "}, 0),
        ({"retry-after": IN_AN_HOUR}, 3600),
        ({"retry-after": IN_AN_HOUR, "date": "Sun, 22 Nov 2026 12:59:00 GMT"}, 60),
        ({"retry-after": "Sun, 22 Nov 2020 13:00:00 GMT"}, 0),
        ({"retry-after": "-5"}, None),
        ({"retry-after": "1.5"}, None),
        ({"retry-after": "لاحقا"}, None),
        ({"retry-after": "tomorrow"}, None),
        ({"retry-after": "9" * 400}, None),
    ],
)
def test_when_to_come_back(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after_s(headers, NOW) == seconds


@pytest.mark.parametrize(
    "believable",
    [
        DATE,
        "Sun, 22 Nov 2026 12:09:00 GMT",
        "Sunday, 22-Nov-20 10:00:00 GMT",
        "Mon, 01 Jan 1990 00:00:00 GMT",
    ],
)
def test_a_date_of_change_is_sent_back_as_it_came(believable: str) -> None:
    assert usable_last_modified(believable, NOW) == believable


@pytest.mark.parametrize(
    "absurd",
    [
        None,
        "",
        "yesterday",
        "Fri, 22 Nov 2041 12:00:00 GMT",
        "Sun, 22 Nov 2026 12:11:00 GMT",
        "Thu, 01 Jan 1970 00:00:00 GMT",
        "Sun, 31 Dec 1989 23:59:59 GMT",
        "Sun, 22 Nov 2026 12:00:00 GMT\r\nX: y",
        "الأحد",
    ],
)
def test_an_absurd_date_of_change_is_none(absurd: str | None) -> None:
    assert usable_last_modified(absurd, NOW) is None


@pytest.mark.parametrize("etag", ['"1"', 'W/"abc-gzip"', "unquoted"])
def test_an_etag_is_sent_back_as_it_came(etag: str) -> None:
    assert usable_etag(etag) == etag


@pytest.mark.parametrize("etag", [None, "", '"a\r\nX: y"', '"ا"', '"' + "a" * 1_000 + '"'])
def test_an_etag_that_no_header_can_hold_is_none(etag: str | None) -> None:
    assert usable_etag(etag) is None


@pytest.mark.parametrize("text", ["", "x", "Sun, 99 Nov 2026 99:00:00 GMT", "1" * 500, "(" * 500])
def test_what_is_no_date_is_none(text: str) -> None:
    assert http_date(text) is None
