"""What would have fired, of articles in a real Elasticsearch: as the service would have said it."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from elasticsearch import Elasticsearch
from typer.testing import CliRunner, Result

from services.alert.config import alerts_index, articles_alias
from services.alert.core.counting import EVERYTHING
from services.alert.core.history import HOUR, KEPT_H
from services.alert.core.query import compile_query
from services.alert.core.replay import replay
from services.alert.core.watches import Watch, load_watches
from services.alert.edges.counts import Counter
from services.alert.edges.sightings import SightingsReader
from services.alert.judging import Judging
from services.cli.app import build
from services.index.config import alias
from services.index.edges.indices import ensure_index
from services.runtime.elasticsearch import make_client
from services.runtime.settings import Settings
from tests.alert_coverage import spike, usual_coverage, write

WATCHES = """
watches:
  - id: oil-ports
    title: موانئ النفط
    title_en: Oil ports
    query: '"إغلاق الموانئ" OR blockade'
"""
SPIKED_AT = datetime(2026, 3, 10, 12, tzinfo=UTC)
END = datetime(2026, 3, 12, 12, tzinfo=UTC)
COUNCIL = Watch(
    id="council", title="المجلس", title_en="Council", query="المجلس", kind="drop",
    window=timedelta(hours=6),
)  # fmt: skip


@pytest.fixture
def client(settings: Settings) -> Iterator[Elasticsearch]:
    """An index of four weeks with copies, one spike, and half a day in which nothing was read."""
    outage = SPIKED_AT - timedelta(days=1.5), SPIKED_AT - timedelta(days=1)
    documents = [*usual_coverage(END), *spike(SPIKED_AT)]
    copies = [
        one | {"story_id": documents[n - 1]["story_id"]} if n % 7 == 1 else one
        for n, one in enumerate(documents)
        if not outage[0] < one["first_seen_at"] < outage[1]
    ]
    with make_client(settings) as client:
        ensure_index(client, alias(settings))
        write(client, settings, copies)
        yield client


def test_a_replayed_round_says_what_the_service_would_have_said(
    client: Elasticsearch, settings: Settings
) -> None:
    watches = [*load_watches(WATCHES, "watches.yaml"), COUNCIL]
    outage_and_spike = (*range(-50, -36), *range(-8, 8))
    moments = [SPIKED_AT + n * timedelta(minutes=47) for n in outage_and_spike]
    reader = SightingsReader(client, articles_alias(settings))
    since = moments[0] - (KEPT_H + 1) * HOUR
    watched = {
        watch.id: reader.read(compile_query(watch.query, END), since, END) for watch in watches
    }
    coverage = reader.read(EVERYTHING, since, END)
    replayed = replay(watches, coverage, watched, moments, 5)
    assert any(one.happening for one in replayed["oil-ports"])
    for at, moment in enumerate(moments):
        judging = Judging(Counter(client, articles_alias(settings)), 5)
        for judged in judging.judge(watches, moment):
            one = replayed[judged.watch.id][at]
            assert one.at == judged.verdict.evaluation.at
            assert one.figures.model_dump() == pytest.approx(judged.verdict.figures.model_dump())


def test_a_backtest_says_what_would_have_fired_and_writes_nothing(
    client: Elasticsearch,
    settings: Settings,
    settings_environ: dict[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    file, chart = tmp_path / "watches.yaml", tmp_path / "chart.svg"
    file.write_text(WATCHES, encoding="utf-8")
    for name, value in (settings_environ | {"RASID_ALERT_WATCHES": str(file)}).items():
        monkeypatch.setenv(name, value)
    days = ("--from", "2026-03-09", "--to", "2026-03-11")
    said = json.loads(backtest(*days, "--json", "--chart", str(chart)).output)
    (row,), (told,) = said["watches"], said["incidents"]
    assert (row["watch"], row["fired"], row["a_month"]) == ("oil-ports", 1, 10)
    began = SPIKED_AT - timedelta(minutes=12)
    assert began < datetime.fromisoformat(told["fired_at"]) <= SPIKED_AT + timedelta(minutes=10)
    assert told["peak"] == 10, "two of the twelve articles are copies"
    assert 0 < told["late_s"] <= 1_800
    assert "Oil ports" in chart.read_text(encoding="utf-8")
    assert "oil-ports" in backtest(*days, "oil-ports").output
    assert not json.loads(backtest("--from", "2026-03-11", "--to", "2026-03-11", "--json").output)[
        "incidents"
    ]
    assert "no enabled watch 'oil'" in backtest(*days, "oil").stderr
    assert backtest("--from", "2026-03-11", "--to", "2026-03-09").exit_code == 2
    assert not client.indices.exists(index=alerts_index(settings))


def backtest(*arguments: str) -> Result:
    return CliRunner().invoke(build(["alerts"]), ["alerts", "backtest", *arguments])
