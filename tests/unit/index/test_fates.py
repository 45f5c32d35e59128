"""How long an article took is measured once it is indexed, and only of news."""

from datetime import UTC, datetime, timedelta

from prometheus_client import REGISTRY

from services.contract.articles import Published
from services.contract.wire import encode
from services.index.core.prepare import prepare
from services.index.edges.kafka import Position
from services.index.fates import Fate, Item, count
from tests.fake_consumer import PARTITION, record
from tests.support import enriched_article, raw_article


def observed(since: str) -> tuple[float, float]:
    name, labels = "rasid_end_to_end_latency_seconds", {"since": since}
    return (
        REGISTRY.get_sample_value(f"{name}_count", labels) or 0.0,
        REGISTRY.get_sample_value(f"{name}_sum", labels) or 0.0,
    )


def item(mode: str = "live") -> Item:
    """Return an article published an hour ago and first seen a minute ago."""
    now = datetime.now(UTC)
    published = Published(
        value=now - timedelta(hours=1), precision="second", origin="feed", confidence=1.0
    )
    raw = raw_article(1, first_seen_at=now - timedelta(minutes=1), mode=mode)
    value = encode(enriched_article(raw=raw, published=published))
    return Item(record(0), prepare(value, now), Position(PARTITION, 0, 1))


def test_the_latency_since_publication_and_since_first_sight_are_both_measured() -> None:
    before = observed("published"), observed("first-seen")
    count(item(), Fate("done", "indexed"))
    for (count_before, sum_before), since, expected in zip(
        before, ("published", "first-seen"), (3600, 60), strict=True
    ):
        count_now, sum_now = observed(since)
        assert count_now == count_before + 1
        assert expected <= sum_now - sum_before < expected + 60


def test_an_archive_and_what_was_not_indexed_say_nothing_of_latency() -> None:
    before = observed("published"), observed("first-seen")
    count(item("backfill"), Fate("done", "indexed"))
    count(item(), Fate("skipped", "stale"))
    assert (observed("published"), observed("first-seen")) == before
