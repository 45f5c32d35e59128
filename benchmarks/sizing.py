"""What so many articles a day need, from what was measured: writes the tables of docs/sizing.md.

``make sizing-page`` after a change of a figure here. Bytes are decimal: 1 GB is 10^9 of them.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import ceil
from pathlib import Path

PAGE = Path(__file__).parents[1] / "docs" / "sizing.md"

# Measured
RAW_BYTES, ENRICHED_BYTES, INDEXED_BYTES = 4_300, 15_900, 10_600
CURSOR_BYTES = 245_000
ENRICH_MS, INGEST_MS, ELASTICSEARCH_MS = 8.4, 30.0, 10.0
SOURCES_PER_INGEST, INDEX_PER_S = 5_000, 332
INGEST_BASE_MB, INGEST_SOURCE_KB = 75, 16
ENRICH_MB, INDEX_MB, ALERT_MB = 235, 232, 141

# Set
PARTITIONS, SHARDS, RETENTION_DAYS = 12, 1, 14

# Assumed
PEAK = 3
ARTICLES_OF_A_SOURCE = 50
BUSY = 0.7
SHARD_GB = 50

_INGEST = "[README](../services/ingest/README.md#how-fast-it-is)"
_INDEX = "[README](../services/index/README.md#how-fast-it-is)"

FIGURES: Sequence[tuple[str, str, str]] = (
    ("bytes of a message in `articles.raw.v1`", f"{RAW_BYTES:,}", "`make bench-sizes`"),
    ("of one in `articles.enriched.v1`", f"{ENRICHED_BYTES:,}", "the same"),
    ("of an article in the index, one copy", f"{INDEXED_BYTES:,}", "the same"),
    (
        "of a source's cursor with 330 articles, written at each poll with news",
        f"{CURSOR_BYTES:,}",
        "the same",
    ),
    ("enrich: ms of one core for an article", f"{ENRICH_MS:g}", "the same"),
    (
        "ingest: ms of one core for a new article",
        f"{INGEST_MS:g}",
        f"`make bench-ingest`, {_INGEST}",
    ),
    ("ingest: sources of one instance", f"{SOURCES_PER_INGEST:,}", "the same"),
    (
        "ingest: MB at the start, and kB for each source",
        f"{INGEST_BASE_MB}, {INGEST_SOURCE_KB}",
        "[decision 13](decisions/0013-cursors-on-disk.md)",
    ),
    (
        "Elasticsearch: ms of one core for an article, refreshed each half second",
        f"{ELASTICSEARCH_MS:g}",
        f"`make bench-index`, {_INDEX}",
    ),
    ("index: articles a second of one instance, on two cores", f"{INDEX_PER_S}", "the same"),
    ("enrich: MB at most", f"{ENRICH_MB}", "as it is after texts of up to 200,000 characters"),
    (
        "index, alert: MB at most",
        f"{INDEX_MB}, {ALERT_MB}",
        "`make bench-index`, `make bench-alert`",
    ),
    ("partitions of a topic", f"{PARTITIONS}", "set in the contract"),
    ("days that articles are kept in Kafka", f"{RETENTION_DAYS}", "set in the contract"),
    ("primary shards", f"{SHARDS}", "set in the mapping"),
    ("articles in the busiest hour beside the average", f"{PEAK} times", "assumed"),
    ("articles of a source a day", f"{ARTICLES_OF_A_SOURCE}", "assumed"),
    ("how busy a core may be at the peak", f"{BUSY:.0%}", "assumed"),
    ("GB in one shard at most", f"{SHARD_GB}", "what Elasticsearch's documentation recommends"),
)


@dataclass(frozen=True, slots=True)
class Step:
    """One size: articles a day, copies in Elasticsearch and Kafka, and what it needs first."""

    articles: int
    copies: int
    replicas: int
    first: str

    @property
    def sources(self) -> int:
        return ceil(self.articles / ARTICLES_OF_A_SOURCE)

    @property
    def peak(self) -> float:
        """Articles a second in the busiest hour."""
        return self.articles / 86_400 * PEAK

    @property
    def ingest(self) -> int:
        by_articles = self.peak * INGEST_MS / 1000 / BUSY
        return ceil(max(by_articles, self.sources / SOURCES_PER_INGEST))

    @property
    def enrich(self) -> int:
        return ceil(self.peak * ENRICH_MS / 1000 / BUSY)

    @property
    def index(self) -> int:
        return ceil(self.peak / INDEX_PER_S)

    @property
    def elasticsearch_cores(self) -> float:
        """A replica is indexed like the original."""
        return self.peak * ELASTICSEARCH_MS / 1000 * self.copies / BUSY

    @property
    def index_gb_a_day(self) -> float:
        return self.articles * INDEXED_BYTES * self.copies / 1e9

    @property
    def shards(self) -> int:
        """Primary shards for a year of articles."""
        return ceil(self.articles * 365 * INDEXED_BYTES / 1e9 / SHARD_GB)

    @property
    def days_of_one_shard(self) -> float:
        return SHARD_GB * 1e9 / INDEXED_BYTES / self.articles

    @property
    def kafka_gb(self) -> float:
        """Articles of the retention, and cursors: compacted, but half of what lies there is old."""
        articles = self.articles * RETENTION_DAYS * (RAW_BYTES + ENRICHED_BYTES)
        return (articles + 2 * self.sources * CURSOR_BYTES) * self.replicas / 1e9

    @property
    def kafka_mb_s(self) -> float:
        """Written by the services at the peak, if each poll with news brings one article."""
        return self.peak * (RAW_BYTES + ENRICHED_BYTES + CURSOR_BYTES) / 1e6

    @property
    def services_mb(self) -> float:
        ingest = self.ingest * INGEST_BASE_MB + self.sources * INGEST_SOURCE_KB / 1000
        return ingest + self.enrich * ENRICH_MB + self.index * INDEX_MB + ALERT_MB


STEPS = (
    Step(5_000, copies=1, replicas=1, first="memory: 2 GB for both servers"),
    Step(50_000, copies=2, replicas=3, first="the one shard"),
    Step(500_000, copies=2, replicas=3, first="the one shard, disk"),
    Step(2_000_000, copies=2, replicas=3, first="the one index, disk"),
    Step(10_000_000, copies=2, replicas=3, first="ingest: partitions of its cursors"),
)


def tables() -> str:
    """Return the tables of the page, between its marks."""
    return "\n".join([*_measured(), "", *_needed()])


def _measured() -> Iterable[str]:
    yield from ("| figure | value | from |", "|---|---|---|")
    yield from (f"| {what} | {value} | {where} |" for what, value, where in FIGURES)


def _needed() -> Iterable[str]:
    yield "| articles a day | " + " | ".join(f"{step.articles:,}" for step in STEPS) + " |"
    yield "|---" * (len(STEPS) + 1) + "|"
    for name, cell in ROWS:
        yield f"| {name} | {' | '.join(map(cell, STEPS))} |"


def _figure(value: float) -> str:
    """Return two digits of what is small, and whole numbers of what is not."""
    return f"{value:,.0f}" if value >= 10 else f"{value:.2g}"


def _ingest(step: Step) -> str:
    return (
        f"{step.ingest}, but {PARTITIONS} at most" if step.ingest > PARTITIONS else str(step.ingest)
    )


ROWS: Sequence[tuple[str, Callable[[Step], str]]] = (
    ("sources", lambda s: f"{s.sources:,}"),
    ("articles a second: average, peak", lambda s: f"{_figure(s.peak / PEAK)}, {_figure(s.peak)}"),
    ("instances of ingest", _ingest),
    ("of enrich, index, alert", lambda s: f"{s.enrich}, {s.index}, 1"),
    ("partitions", lambda s: f"{max(PARTITIONS, s.enrich, s.index)}"),
    ("memory of the services, GB", lambda s: _figure(s.services_mb / 1000)),
    ("Kafka: copies", lambda s: f"{s.replicas}"),
    ("Kafka: MB/s written at the peak", lambda s: _figure(s.kafka_mb_s)),
    ("Kafka: GB on all disks", lambda s: _figure(s.kafka_gb)),
    ("Elasticsearch: copies", lambda s: f"{s.copies}"),
    ("Elasticsearch: cores at the peak", lambda s: _figure(s.elasticsearch_cores)),
    ("Elasticsearch: GB a day", lambda s: _figure(s.index_gb_a_day)),
    ("Elasticsearch: GB a year", lambda s: _figure(365 * s.index_gb_a_day)),
    ("shards for a year", lambda s: f"{s.shards}"),
    ("days until one shard is full", lambda s: _figure(s.days_of_one_shard)),
    ("**too little first**", lambda s: s.first),
)


if __name__ == "__main__":
    before, begin, _ = PAGE.read_text(encoding="utf-8").partition("<!-- measured and needed -->\n")
    after = PAGE.read_text(encoding="utf-8").partition("<!-- end -->")[2]
    PAGE.write_text(f"{before}{begin}{tables()}\n<!-- end -->{after}", encoding="utf-8")
