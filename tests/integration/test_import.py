"""``rasid import`` against a real Kafka."""

import json
from contextlib import closing
from pathlib import Path

from kafka import KafkaConsumer, TopicPartition
from kafka.structs import OffsetAndMetadata

from services.contract.topics import RAW
from services.ingest.edges.backlog import Backlog
from services.runtime.kafka import make_consumer
from services.runtime.settings import Settings
from tests.local_site import Answer, LocalSite
from tests.processes import rasid
from tests.raw_topic import published, records
from tests.sitemaps import sitemap
from tests.support import eventually


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


def test_no_more_articles_a_second_go_out_than_asked_for(
    settings: Settings, settings_environ: dict[str, str]
) -> None:
    rate, count = 20, 70
    lines = "\n".join(json.dumps({"text": f"نص {n}"}) for n in range(count))
    arguments = ["import", "-", "--format", "jsonl", "--rate", str(rate)]
    done = rasid(*arguments, environ=settings_environ, stdin=lines.encode())
    assert done.returncode == 0, done.stderr.decode()
    written_s = sorted(record.timestamp / 1_000 for record in records(settings))
    assert len(written_s) == count
    # Two seconds' worth takes two seconds, give or take what a busy machine delays one of them.
    for number, later in enumerate(written_s[2 * rate :]):
        assert later - written_s[number] > 0.9


def test_what_waits_for_a_service_that_runs_is_counted(
    settings: Settings, settings_environ: dict[str, str]
) -> None:
    lines = "\n".join(json.dumps({"text": f"نص {n}"}) for n in range(70))
    done = rasid("import", "-", "--format", "jsonl", environ=settings_environ, stdin=lines.encode())
    assert done.returncode == 0, done.stderr.decode()
    with closing(Backlog(settings)) as backlog:
        assert backlog.count() == 0  # nobody reads it, so nobody waits
        enrich = make_consumer(settings, "enrich", RAW)
        with closing(enrich):
            eventually(lambda: enrich.poll(timeout_ms=200) or enrich.assignment())
            assert backlog.count() == 70
            read = eventually(lambda: read_to_the_end(enrich))
            enrich.commit(read)
            assert backlog.count() == 0


def read_to_the_end(consumer: KafkaConsumer) -> dict[TopicPartition, OffsetAndMetadata] | None:
    """Read on; return the positions when they are the end of the topic."""
    consumer.poll(timeout_ms=200)
    ends = consumer.end_offsets(list(consumer.assignment()))
    if any(consumer.position(partition) < end for partition, end in ends.items()):
        return None
    return {partition: OffsetAndMetadata(end) for partition, end in ends.items()}


def test_a_site_is_imported_and_the_second_run_finds_nothing_missing(
    settings: Settings, settings_environ: dict[str, str], tmp_path: Path
) -> None:
    environ = settings_environ | {"RASID_HOME": str(tmp_path)}
    with LocalSite() as site:
        entries = []
        for number in range(1, 6):
            site.publish(number, f"نص الخبر رقم {number} كما نشره الموقع المحلي في ذلك اليوم.")
            loc = f"<loc>{site.url}/news/{number}</loc>"
            entries.append(f"<url>{loc}<lastmod>2020-11-{number:02}</lastmod></url>")
        site.answers["/sitemap.xml"] = Answer(sitemap(*entries).encode())
        arguments = ["import", f"{site.url}/sitemap.xml", "--since", "2020-11-02"]
        first = rasid(*arguments, environ=environ)
        assert "4 imported, 0 bad, 0 ignored" in first.stderr.decode()
        again = rasid(*arguments, environ=environ)
        assert "0 imported, 0 bad, 0 ignored, 4 known before" in again.stderr.decode()
        assert (first.returncode, again.returncode) == (0, 0)
        assert len(site.asked("/news/2")) == 1
    assert {(a.mode, a.text_origin) for a in published(settings)} == {("backfill", "page")}
    assert len(published(settings)) == 4


def test_without_kafka_it_says_so_and_ends(settings_environ: dict[str, str]) -> None:
    environ = settings_environ | {"RASID_KAFKA_BOOTSTRAP": "127.0.0.1:1"}
    done = rasid("import", "-", environ=environ, stdin="عنوان\nنص".encode(), timeout_s=90)
    assert done.returncode == 75
    assert "127.0.0.1:1 does not answer" in done.stderr.decode()
