"""``rasid sources status`` shows what the cursors in Kafka say."""

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from services.contract.articles import SeenArticle, SourceState
from services.ingest.edges.publisher import Publisher
from services.runtime.kafka import ensure_topics
from services.runtime.settings import Settings
from tests.support import PATIENCE_S


def test_status_shows_what_is_recorded_of_each_source(
    settings: Settings, settings_environ: dict[str, str], tmp_path: Path
) -> None:
    catalogue = tmp_path / "sources.yaml"
    catalogue.write_text(
        "sources:\n"
        "  - {id: polled, name: أ, url: 'https://a.example/feed', language: ar}\n"
        "  - {id: never, name: ب, url: 'https://b.example/feed', language: ar}\n"
    )
    now = datetime.now(UTC).replace(microsecond=0)
    seen = SeenArticle(
        article_id="a",
        item_hash="h",
        content_hash="c",
        revision=1,
        first_seen_at=now - timedelta(hours=30),
        last_listed_at=now,
    )
    state = SourceState(
        source_id="polled",
        polled_at=now - timedelta(minutes=5),
        next_poll_at=now + timedelta(hours=1),
        failures=2,
        failure_weight=1.5,
        seen={"1": seen},
        daily={now.date().isoformat(): {"published": 7, "joined": 2, "duplicate": 1, "revised": 4}},
    )
    ensure_topics(settings)
    publisher = Publisher(settings)
    publisher.publish_state(state)
    publisher.close()
    environ = settings_environ | {"RASID_INGEST_SOURCES": str(catalogue)}
    as_json, as_table = (
        subprocess.run(
            [sys.executable, "-m", "services.cli", "sources", "status", *more],
            env=environ | {"COLUMNS": "200"},
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            check=True,
        ).stdout
        for more in (["--json"], [])
    )
    polled, never = json.loads(as_json)
    assert polled["last_success"] == (now - timedelta(minutes=5)).isoformat()
    assert (polled["failures"], polled["failure_weight"]) == (2, 1.5)
    assert polled["today"] == {"items": 10, "duplicates": 3}
    assert timedelta(hours=30).total_seconds() <= polled["silent_for"] < 31 * 3_600
    assert (never["last_success"], never["today"]["items"]) == (None, 0)
    lines = as_table.splitlines()
    assert lines[1].split()[:4] == ["polled", "5", "min", "ago"]
    assert "2 (1.5)" in lines[1]
    assert "10/3" in lines[1]
    assert "30 h" in lines[1]
    assert lines[2].split()[:2] == ["never", "never"]
