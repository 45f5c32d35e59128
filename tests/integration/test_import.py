"""``rasid import`` against a real Kafka."""

import json
from pathlib import Path

from services.runtime.settings import Settings
from tests.processes import rasid
from tests.raw_topic import published


def test_imported_files_are_on_the_topic_and_bad_lines_are_named(
    settings: Settings, settings_environ: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "a.txt").write_text("عنوان أول\nنص أول.", encoding="utf-8")
    (tmp_path / "b.txt").write_bytes("عنوان ثان\nنص ثان.".encode("cp1256"))
    lines = [
        {"title": f"خبر {n}", "text": f"نص {n}", "url": f"https://x.ly/{n}"} for n in range(300)
    ]
    jsonl = "\n".join([*map(json.dumps, lines), "{bad", ""])
    (tmp_path / "c.jsonl").write_text(jsonl)
    (tmp_path / "d.pdf").touch()
    done = rasid("import", str(tmp_path), environ=settings_environ)
    said = done.stderr.decode()
    assert done.returncode == 1
    assert "302 imported, 1 bad, 1 ignored" in said
    assert f"{tmp_path / 'c.jsonl'}:301: not JSON" in said
    assert f"{tmp_path / 'd.pdf'}: ignored" in said
    articles = published(settings)
    assert len({a.article_id for a in articles}) == len(articles) == 302
    assert {(a.mode, a.text_origin) for a in articles} == {("backfill", "import")}


def test_standard_input_twice_is_one_document(
    settings: Settings, settings_environ: dict[str, str]
) -> None:
    for _ in range(2):
        done = rasid("import", "-", environ=settings_environ, stdin="عنوان\nنص".encode())
        assert done.returncode == 0, done.stderr.decode()
    first, second = published(settings)
    assert first.article_id == second.article_id
    assert first.fetched_at < second.fetched_at


def test_without_kafka_it_says_so_and_ends(settings_environ: dict[str, str]) -> None:
    environ = settings_environ | {"RASID_KAFKA_BOOTSTRAP": "127.0.0.1:1"}
    done = rasid("import", "-", environ=environ, stdin="عنوان\nنص".encode(), timeout_s=90)
    assert done.returncode == 75
    assert "127.0.0.1:1 does not confirm" in done.stderr.decode()
