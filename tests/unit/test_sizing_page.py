"""docs/sizing.md says what benchmarks/sizing.py works out, from what the project is set to."""

import json
from itertools import pairwise
from pathlib import Path

from benchmarks import sizing
from benchmarks.sizing import PAGE, STEPS, Step, tables
from services.contract.topics import ENRICHED, RAW, SOURCES
from services.index.edges.elasticsearch import MAPPING

ROOT = Path(__file__).parents[2]
DAY_MS = 24 * 60 * 60 * 1000


def test_the_tables_of_the_page_are_those_of_today() -> None:
    begun = PAGE.read_text(encoding="utf-8").partition("<!-- measured and needed -->\n")[2]
    assert begun.partition("\n<!-- end -->")[0] == tables(), "run make sizing-page"


def test_what_is_set_is_what_the_contract_and_the_mapping_say() -> None:
    for topic in (RAW, ENRICHED, SOURCES):
        assert topic.partitions == sizing.PARTITIONS
    assert RAW.retention_ms == ENRICHED.retention_ms == sizing.RETENTION_DAYS * DAY_MS
    file = ROOT / "services/index/mappings" / f"{MAPPING}.json"
    definition = json.loads(file.read_text(encoding="utf-8"))
    assert definition["settings"]["number_of_shards"] == sizing.SHARDS


def test_one_step_worked_out_by_hand() -> None:
    step = Step(864_000, copies=2, replicas=3, first="")
    assert step.peak == 30  # 10 a second, three times as many at the peak
    assert step.sources == 17_280
    assert step.ingest == 4  # 17,280 sources of 5,000 each; 30 articles of 30 ms are 1.3 cores
    assert (step.enrich, step.index) == (1, 1)
    assert round(step.elasticsearch_cores, 2) == 0.86  # 30 x 10 ms x 2 / 0.7


def test_more_articles_never_need_less() -> None:
    for less, more in pairwise(STEPS):
        assert more.ingest >= less.ingest
        assert more.services_mb >= less.services_mb
        assert more.shards >= less.shards
        assert more.kafka_gb > less.kafka_gb
