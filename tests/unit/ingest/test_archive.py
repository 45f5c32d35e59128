"""What was fetched is in the archive as it came, in files that are whole."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from warcio.archiveiterator import ArchiveIterator

from services.ingest.core.answers import Fetched
from services.ingest.edges import archive as archives
from services.ingest.edges.archive import OPEN, RECORDS, Archive, Exchange
from services.ingest.edges.http import open_fetcher
from tests.local_site import LOCAL, LocalSite
from tests.support import eventually

BODY = "<p>نص الخبر كما جاء.</p>".encode("cp1256")
AT = datetime(2020, 11, 22, 8, 0, 5, tzinfo=UTC)


def exchange(number: int, body: bytes = BODY) -> Exchange:
    sent = (("User-Agent", "Rasid/0"),)
    headers = (("Content-Type", "text/html; charset=windows-1256"), ("Content-Encoding", "br"))
    return Exchange(f"https://x.ly/a?id={number}", sent, 200, headers, body, AT)


def records(folder: Path) -> list[tuple[str, str, bytes]]:
    found = []
    for path in sorted(folder.glob("*.warc.gz")):
        with path.open("rb") as stream:
            for record in ArchiveIterator(stream, check_digests="raise"):
                body = record.content_stream().read()
                found.append(
                    (record.rec_type, record.rec_headers.get_header("WARC-Target-URI"), body)
                )
    return found


def keep(archive: Archive, *exchanges: Exchange) -> None:
    async def every() -> None:
        for one in exchanges:
            await archive.keep(one)

    asyncio.run(every())


def test_an_exchange_is_kept_whole(tmp_path: Path) -> None:
    archive = Archive(tmp_path, "Rasid/0")
    keep(archive, exchange(1))
    archive.close()
    (path,) = tmp_path.iterdir()
    with path.open("rb") as stream:
        for record in ArchiveIterator(stream):
            body = record.content_stream().read()
            if record.rec_type == "response":
                assert record.rec_headers.get_header("WARC-Date") == "2020-11-22T08:00:05Z"
                assert record.http_headers.get_statuscode() == "200"
                assert record.http_headers.get_header("X-Archive-Orig-Content-Encoding") == "br"
                assert body == BODY
            if record.rec_type == "request":
                assert record.http_headers.statusline == "/a?id=1 HTTP/1.1"
                assert record.http_headers.get_header("User-Agent") == "Rasid/0"
    assert [kind for kind, _, _ in records(tmp_path)] == ["warcinfo", "response", "request"]


def test_more_than_waits_is_written_all_the_same(tmp_path: Path) -> None:
    archive = Archive(tmp_path, "Rasid/0")
    keep(archive, *(exchange(number) for number in range(100)))
    archive.close()
    urls = [url for kind, url, _ in records(tmp_path) if kind == "response"]
    assert urls == [f"https://x.ly/a?id={number}" for number in range(100)]


@pytest.mark.parametrize(
    ("limit", "value"), [("MAX_FILE_BYTES", 2_000), ("MAX_FILE_AGE_S", 0.0)], ids=["size", "age"]
)
def test_a_full_file_is_completed_and_another_begun(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str, value: float
) -> None:
    monkeypatch.setattr(archives, limit, value)
    archive = Archive(tmp_path, "Rasid/0")
    keep(archive, *(exchange(number) for number in range(10)))
    eventually(lambda: len(list(tmp_path.glob("*.warc.gz"))) > 1)
    archive.close()
    assert not list(tmp_path.glob(f"*{OPEN}"))
    assert len([kind for kind, _, _ in records(tmp_path) if kind == "response"]) == 10


def test_an_old_file_is_completed_also_when_nothing_comes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archives, "MAX_FILE_AGE_S", 0.5)
    monkeypatch.setattr(archives, "_LOOK_AT_AGE_EVERY_S", 0.05)
    archive = Archive(tmp_path, "Rasid/0")
    keep(archive, exchange(1))
    eventually(lambda: list(tmp_path.glob(f"*{OPEN}")))
    eventually(lambda: list(tmp_path.glob("*.warc.gz")))
    assert not list(tmp_path.glob(f"*{OPEN}"))
    archive.close()


def test_what_cannot_be_written_is_counted_and_stops_nothing(tmp_path: Path) -> None:
    archive = Archive(tmp_path, "Rasid/0")
    failed = RECORDS.labels("failed")._value.get()
    bad = replace(exchange(0), headers=(("X-\ud800", "x"),))
    keep(archive, *(bad for _ in range(archives.MAX_WAITING + 2)), exchange(1))
    archive.close()
    assert RECORDS.labels("failed")._value.get() == failed + archives.MAX_WAITING + 2
    assert [url for kind, url, _ in records(tmp_path) if kind == "response"] == [
        "https://x.ly/a?id=1"
    ]


def test_a_disk_that_fails_is_counted_and_stops_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "gone"
    archive = Archive(folder, "Rasid/0")
    folder.rmdir()
    failed = RECORDS.labels("failed")._value.get()
    keep(archive, exchange(1))
    eventually(lambda: RECORDS.labels("failed")._value.get() == failed + 1)
    folder.mkdir()
    keep(archive, exchange(2))
    archive.close()
    assert [url for kind, url, _ in records(folder) if kind == "response"] == [
        "https://x.ly/a?id=2"
    ]


def test_what_is_fetched_is_kept(tmp_path: Path) -> None:
    archive = Archive(tmp_path, "Rasid/0")

    async def fetch(url: str) -> None:
        async with open_fetcher(LOCAL, archive=archive) as fetcher:
            assert isinstance(await fetcher.fetch(url, "page"), Fetched)

    with LocalSite() as site:
        site.publish(1, "نص الخبر")
        asyncio.run(fetch(f"{site.url}/news/1"))
        archive.close()
        kept = {url: body for kind, url, body in records(tmp_path) if kind == "response"}
        assert kept[f"{site.url}/news/1"] == site.answers["/news/1"].body
