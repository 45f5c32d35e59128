"""What the index lacks and has too much is found, by article and by day and source."""

from datetime import UTC, datetime, timedelta

from services.index.core.verify import Known, Row, Sent, verify

NOON = datetime(2020, 11, 25, 12, tzinfo=UTC)


def known(version: int = 1, source: str = "a", days: int = 0) -> Known:
    moment = NOON + timedelta(days=days)
    return Known(version, moment.date(), source, moment)


def sent(articles: dict[str, Known], *pending: str, kept_since: datetime | None = None) -> Sent:
    return Sent(articles, frozenset(pending), dead=0, lost=(), kept_since=kept_since)


def row(days: int, source: str, *counts: int) -> Row:
    return Row((NOON + timedelta(days=days)).date(), source, *counts)


def test_the_same_on_both_sides_is_good() -> None:
    articles = {"1": known(), "2": known(source="b", days=1)}
    verified = verify(sent(articles), articles)
    assert verified.is_good
    assert verified.rows == (row(0, "a", 1, 1, 0, 0, 0), row(1, "b", 1, 1, 0, 0, 0))


def test_what_is_missing_older_and_stray_is_named_and_counted_where_it_belongs() -> None:
    kafka = {"missing": known(), "older": known(5, days=1), "newer": known(1)}
    indexed = {"older": known(4, days=1), "newer": known(2), "stray": known(source="b")}
    verified = verify(sent(kafka), indexed)
    assert (verified.missing, verified.older, verified.stray) == (
        ("missing",),
        ("older",),
        ("stray",),
    )
    assert not verified.is_good
    assert verified.rows == (
        row(0, "a", 2, 1, 1, 0, 0),
        row(0, "b", 0, 1, 0, 0, 1),
        row(1, "a", 1, 1, 0, 1, 0),
    )


def test_what_is_not_settled_yet_is_neither_missing_nor_stray() -> None:
    kafka = {"revised": known(1)}
    indexed = {"revised": known(0), "written, not committed": known()}
    verified = verify(sent(kafka, "revised", "written, not committed", "to come"), indexed)
    assert verified.is_good
    assert (verified.pending, verified.rows) == (3, ())


def test_what_kafka_may_have_forgotten_is_not_stray() -> None:
    indexed = {"long ago": known(days=-20), "since then": known()}
    verified = verify(sent({}, kept_since=NOON - timedelta(days=14)), indexed)
    assert (verified.stray, verified.forgotten) == (("since then",), 1)
