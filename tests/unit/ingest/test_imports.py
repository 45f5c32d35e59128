"""Files become articles; what is none is named with its place."""

import asyncio
import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from services.contract.articles import RawArticle
from services.contract.wire import encode
from services.ingest.edges.archive import Archive, Exchange
from services.ingest.imports import Ignored, Imported, Rejected, batches, read_paths
from tests.support import raw_article

NOW = datetime(2020, 11, 25, 12, tzinfo=UTC)


def read(*paths: Path, stdin: bytes = b"", form: str = "text") -> list[Imported]:
    return list(read_paths(paths, io.BytesIO(stdin), form, lambda: NOW))  # type: ignore[arg-type]


def read_one(name: str, body: bytes, folder: Path) -> RawArticle:
    (folder / name).write_bytes(body)
    (article,) = read(folder / name)
    assert isinstance(article, RawArticle), article
    return article


def test_the_first_line_of_a_text_is_its_title(tmp_path: Path) -> None:
    article = read_one("a.txt", "عنوان الخبر\n\nفقرة أولى.\n\nفقرة ثانية.\n".encode(), tmp_path)
    assert (article.title, article.text) == ("عنوان الخبر", "فقرة أولى.\nفقرة ثانية.")
    assert (article.mode, article.text_origin, article.source_id) == (
        "backfill",
        "import",
        "import",
    )
    assert article.canonical_url.startswith("urn:rasid:text:")


def test_a_first_line_that_is_a_paragraph_stays_in_the_text(tmp_path: Path) -> None:
    paragraph = " ".join(["يستمر العمل في صيانة الطرق الرئيسية،"] * 12)
    article = read_one("a.txt", f"{paragraph}\nفقرة ثانية.".encode(), tmp_path)
    assert article.text == f"{paragraph}\nفقرة ثانية."
    assert article.title.endswith("…")
    assert paragraph.startswith(article.title[:-1])
    assert paragraph[len(article.title) - 1] in " ،"


def test_a_stray_word_before_the_title_is_left_out(tmp_path: Path) -> None:
    article = read_one("a.txt", "by\n\nافتتاح مكتبة عامة في مصراتة\nنص الخبر.".encode(), tmp_path)
    assert (article.title, article.text) == ("افتتاح مكتبة عامة في مصراتة", "نص الخبر.")


@pytest.mark.parametrize("text", ["Tripoli\nA new library opened.", "in", "خبر\nin\nنص"])
def test_a_first_line_that_may_be_a_title_is_one(text: str, tmp_path: Path) -> None:
    assert read_one("a.txt", text.encode(), tmp_path).title == text.split("\n")[0]


def test_a_text_of_one_line_is_its_own_title(tmp_path: Path) -> None:
    article = read_one("a.txt", "عاجل: خبر قصير".encode(), tmp_path)
    assert article.title == article.text == "عاجل: خبر قصير"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "windows-1256"])
def test_a_text_is_read_in_its_encoding(encoding: str, tmp_path: Path) -> None:
    article = read_one("a.txt", "عنوان\nنص الخبر كما كتب".encode(encoding), tmp_path)
    assert (article.title, article.text) == ("عنوان", "نص الخبر كما كتب")


def test_the_same_text_is_the_same_document_and_another_is_not(tmp_path: Path) -> None:
    first = read_one("a.txt", "عنوان\nنص".encode(), tmp_path)
    assert (
        read_one("b.txt", "عنوان\r\n\r\nنص\r\n".encode(), tmp_path).article_id == first.article_id
    )
    assert read_one("c.txt", "عنوان\nنص آخر".encode(), tmp_path).article_id != first.article_id


def test_a_page_is_known_by_its_address(tmp_path: Path) -> None:
    sentence = "عقد المجلس البلدي جلسة عادية ناقش فيها صيانة الطرق قبل موسم الأمطار المقبل."
    page = f"""<html><head><link rel="canonical" href="https://X.ly/1?utm_source=a">
        <meta property="article:published_time" content="2020-11-22"></head>
        <body><nav>قائمة</nav><article><h1>عنوان</h1><p>{sentence}</p></article></body></html>"""
    article = read_one("a.html", page.encode("windows-1256"), tmp_path)
    assert (article.title, article.text) == ("عنوان", sentence)
    assert article.canonical_url == "https://x.ly/1"
    assert (article.published_origin, article.published_precision) == ("page", "day")
    assert article.published_place == "meta"


def test_lines_of_json_are_articles_and_bad_ones_have_their_number(tmp_path: Path) -> None:
    whole = raw_article(1, revision=3)
    lines = [
        encode(whole),
        json.dumps({"title": "عنوان", "text": "نص", "url": "https://x.ly/2?fbclid=1"}).encode(),
        b"",
        b"{bad",
        b'{"title": "x"}',
        b'{"text": 5}',
        b'{"text": "x", "url": "ftp://x"}',
        b'{"text": "x", "published_at": "yesterday"}',
        b"[1]",
        b'{"text": "\\ud800 x", "language": "ar", "published_at": "2020-11-22T10:00:00+02:00"}',
        encode(whole).replace(b'"schema":1', b'"schema":9'),
        b"\xff\xfe",
        b"[" * 100_000,
        encode(raw_article(1, article_id=raw_article(2).article_id)),
    ]
    file = tmp_path / "a.jsonl"
    file.write_bytes(b"\n".join(lines))
    found = read(file)
    articles = [item for item in found if isinstance(item, RawArticle)]
    assert [a.canonical_url for a in articles[:2]] == [whole.canonical_url, "https://x.ly/2"]
    assert (articles[0].revision, articles[0].mode) == (3, "backfill")
    assert articles[0].fetched_at == whole.fetched_at < NOW  # a newer wording stays
    assert (articles[2].text, articles[2].language_hint) == (" x", "ar")
    assert articles[2].published_at == datetime(2020, 11, 22, 8, tzinfo=UTC)
    rejected = [item.place.rpartition(":")[2] for item in found if isinstance(item, Rejected)]
    assert rejected == ["4", "5", "6", "7", "8", "9", "11", "12", "13", "14"]


def test_a_folder_is_read_in_order_and_what_is_unknown_is_named(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    for name in ("b.txt", "a.TXT", "sub/c.txt", "notes.pdf"):
        (tmp_path / name).write_text(f"عنوان {name}")
    (tmp_path / "empty.txt").touch()
    found = read(tmp_path)
    titles = [item.title for item in found if isinstance(item, RawArticle)]
    assert titles == ["عنوان a.TXT", "عنوان b.txt", "عنوان sub/c.txt"]
    assert Ignored(str(tmp_path / "notes.pdf")) in found
    assert Rejected(str(tmp_path / "empty.txt"), "empty") in found


def test_a_file_that_is_missing_or_of_another_kind_is_rejected(tmp_path: Path) -> None:
    (tmp_path / "notes.pdf").touch()
    missing, other = read(tmp_path / "none.txt", tmp_path / "notes.pdf")
    assert isinstance(missing, Rejected)
    assert missing.reason == "No such file or directory"
    assert isinstance(other, Rejected)
    assert ".jsonl" in other.reason


@pytest.mark.parametrize(
    ("form", "body"),
    [("text", "عنوان\nنص"), ("jsonl", '{"title": "عنوان", "text": "نص"}')],
)
def test_standard_input_has_the_kind_that_was_said(form: str, body: str) -> None:
    (article,) = read(Path("-"), stdin=body.encode(), form=form)
    assert isinstance(article, RawArticle)
    assert (article.title, article.text) == ("عنوان", "نص")


def test_batches_lose_nothing() -> None:
    assert list(batches(range(5), 2)) == [[0, 1], [2, 3], [4]]
    assert list(batches([], 2)) == []


def archive(folder: Path, *pages: tuple[str, str, bytes]) -> Path:
    """Write a WARC file of (address, content type, body) as the archive of ingest does."""
    keeper = Archive(folder, "Rasid/0")

    async def keep() -> None:
        for url, content_type, body in pages:
            headers = (("Content-Type", content_type),)
            await keeper.keep(Exchange(url, (), 200, headers, body, NOW - timedelta(days=1)))

    asyncio.run(keep())
    keeper.close()
    (path,) = folder.glob("*.warc.gz")
    return path


SENTENCE = "عقد المجلس البلدي جلسة عادية ناقش فيها صيانة الطرق قبل موسم الأمطار المقبل."
PAGE = f"<html><body><article><h1>عنوان</h1><p>{SENTENCE}</p></article></body></html>"


def test_the_pages_of_a_web_archive_are_articles_as_of_when_they_were_fetched(
    tmp_path: Path,
) -> None:
    path = archive(
        tmp_path,
        ("https://x.ly/1", "text/html; charset=windows-1256", PAGE.encode("cp1256")),
        ("https://x.ly/feed", "application/rss+xml", b"<rss/>"),
        ("https://x.ly/2", "text/html", b"<title>Just a moment...</title><p>Checking.</p>"),
        ("https://x.ly/3?utm_source=a", "text/html", PAGE.encode()),
    )
    found = read(path)
    articles = [item for item in found if isinstance(item, RawArticle)]
    assert [(a.canonical_url, a.text) for a in articles] == [
        ("https://x.ly/1", SENTENCE),
        ("https://x.ly/3", SENTENCE),
    ]
    assert {(a.mode, a.fetched_at) for a in articles} == {("backfill", NOW - timedelta(days=1))}
    assert [item.reason for item in found if isinstance(item, Ignored)] == [
        "no article on the page (challenge)"
    ]


def test_a_web_archive_whose_writer_was_killed_is_known_by_its_name(tmp_path: Path) -> None:
    path = archive(tmp_path, ("https://x.ly/1", "text/html", PAGE.encode()))
    (article,) = read(path.rename(f"{path}.open"))
    assert isinstance(article, RawArticle)


def test_a_web_archive_that_is_cut_off_is_read_up_to_there(tmp_path: Path) -> None:
    pages = [(f"https://x.ly/{n}", "text/html", PAGE.encode() + b" " * n) for n in range(5)]
    path = archive(tmp_path, *pages)
    path.write_bytes(path.read_bytes()[:-600])
    found = read(path)
    assert 1 <= sum(isinstance(item, RawArticle) for item in found) < 5
    (tmp_path / "no.warc").write_bytes(b"\x1f\x8bnothing of the kind")
    (rejected,) = read(tmp_path / "no.warc")
    assert isinstance(rejected, Rejected)
