"""``rasid sources`` against a site on localhost."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.ingest.core.sources import load_sources
from tests.local_site import LOCALHOST, Answer, LocalSite
from tests.support import PATIENCE_S

pytestmark = pytest.mark.slow

ENVIRON = {
    "RASID_INGEST_ALLOW_ADDRESSES": LOCALHOST,
    "RASID_INGEST_HOST_GAP_S": "0",
    "COLUMNS": "200",
}
HTML = {"Content-Type": "text/html; charset=utf-8"}


@pytest.fixture
def site() -> Iterator[LocalSite]:
    with LocalSite() as site:
        yield site


@pytest.fixture
def catalogue(tmp_path: Path) -> Path:
    return tmp_path / "sources.yaml"


def rasid(catalogue: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    own = {name: value for name, value in os.environ.items() if not name.startswith("RASID_")}
    return subprocess.run(
        [sys.executable, "-m", "services.cli", "sources", *arguments],
        env=own | ENVIRON | {"RASID_INGEST_SOURCES": str(catalogue)},
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )


def write(catalogue: Path, *sources: str) -> None:
    lines = "".join(f"  - {{name: مصدر, language: ar, {source}}}\n" for source in sources)
    catalogue.write_text(f"# a remark\nsources:\n{lines}")


def test_check_says_what_each_source_is_and_what_is_wrong_with_it(
    site: LocalSite, catalogue: Path
) -> None:
    site.feed(1, 2)
    page = '<!doctype html><p><a href="/a">اجتماع في طرابلس</a></p>'
    site.answers["/page"] = site.answers["/list"] = Answer(page.encode(), headers=HTML)
    write(
        catalogue,
        f"id: good, url: '{site.url}/feed.xml'",
        f"id: gone, url: '{site.url}/nothing'",
        f"id: wrong, url: '{site.url}/page'",
        f"id: listing, url: '{site.url}/list', kind: listing, selector: p a",
        f"id: off, url: '{site.url}/off', enabled: false",
    )
    done = rasid(catalogue, "check", "--json")
    assert done.returncode == 1, done.stderr
    good, gone, wrong, listing = json.loads(done.stdout)
    assert (good["outcome"], good["form"], good["items"]) == ("ok", "RSS 2.0", 2)
    assert (good["encoding"], good["robots"]) == ("utf-8 (utf-8)", "allows")
    assert good["newest"] == "2020-11-22T08:00:02+00:00"
    [silence] = good["problems"]
    assert silence.startswith("nothing new for")
    assert (gone["outcome"], gone["items"]) == ("gone", 0)
    assert wrong["outcome"] == "not-a-feed"
    assert "kind: feed, but it is a page (listing)" in wrong["problems"]
    assert (listing["outcome"], listing["form"]) == ("ok", "page")


def test_check_prints_a_line_for_each_source_that_is_asked_for(
    site: LocalSite, catalogue: Path
) -> None:
    site.feed(1, 2)
    write(
        catalogue,
        f"id: good, url: '{site.url}/feed.xml'",
        f"id: gone, url: '{site.url}/nothing'",
    )
    done = rasid(catalogue, "check", "good")
    assert done.returncode == 0, done.stderr
    heading, line, summary = done.stdout.splitlines()
    assert heading.split()[:2] == ["source", "what"]
    assert line.split()[:4] == ["good", "ok", "RSS", "2.0"]
    assert summary == "1 of 1 give items."
    assert not site.asked("/nothing")
    unknown = rasid(catalogue, "check", "bad")
    assert (unknown.returncode, unknown.stderr) == (1, "not in the catalogue: bad\n")


def test_what_robots_txt_forbids_is_not_fetched_but_named(site: LocalSite, catalogue: Path) -> None:
    site.feed(1)
    site.answers["/robots.txt"] = Answer(b"User-agent: *\nDisallow: /feed.xml\n")
    write(catalogue, f"id: shy, url: '{site.url}/feed.xml'")
    (shy,) = json.loads(rasid(catalogue, "check", "--json").stdout)
    assert (shy["outcome"], shy["robots"], shy["items"]) == ("robots", "forbids", 0)
    assert not site.asked("/feed.xml")


def test_a_wrong_catalogue_is_named_with_its_line(catalogue: Path) -> None:
    write(catalogue, "id: good")
    done = rasid(catalogue, "check")
    assert done.returncode == 78
    assert f"{catalogue}:3: url: Field required" in done.stderr


def test_discover_finds_what_a_site_names_itself(site: LocalSite, catalogue: Path) -> None:
    site.feed(1, 2, 3)
    head = '<link rel="alternate" type="application/rss+xml" href="/feed.xml">'
    site.answers["/"] = Answer(f"<html><head>{head}</head>خبر</html>".encode(), headers=HTML)
    site.answers["/robots.txt"] = Answer(b"User-agent: *\nSitemap: /news.xml\nSITEMAP:/no.xml\n")
    site.answers["/news.xml"] = Answer(
        f"<urlset><url><loc>{site.url}/news/1</loc></url></urlset>".encode()
    )
    done = rasid(catalogue, "discover", site.url, "--json")
    assert done.returncode == 0, done.stderr
    feed, sitemap = json.loads(done.stdout)
    assert (feed["url"], feed["kind"]) == (f"{site.url}/feed.xml", "feed")
    assert (feed["items"], feed["by"]) == (3, "page")
    assert (sitemap["url"], sitemap["kind"]) == (f"{site.url}/news.xml", "sitemap")
    assert sitemap["by"] == "robots.txt"


def test_discover_tries_the_usual_addresses_of_a_site_that_names_nothing(
    site: LocalSite, catalogue: Path
) -> None:
    site.feed(1)
    site.answers["/news"] = Answer("<p>خبر</p>".encode(), headers=HTML)
    done = rasid(catalogue, "discover", f"{site.url}/news")
    assert done.returncode == 0, done.stderr
    address, facts = done.stdout.splitlines()
    assert address == f"{site.url}/feed.xml"
    assert facts.startswith("  kind: feed (RSS 2.0), 1 items, newest 2020-11-22 08:00 UTC")


def test_discover_says_that_there_is_nothing(site: LocalSite, catalogue: Path) -> None:
    gone = rasid(catalogue, "discover", f"{site.url}/nowhere")
    assert (gone.returncode, gone.stdout) == (1, "")
    assert "404" in gone.stderr
    site.answers["/"] = Answer("<p>خبر</p>".encode(), headers=HTML)
    empty = rasid(catalogue, "discover", site.url)
    assert (empty.returncode, empty.stderr) == (1, f"{site.url}: no feed or sitemap found\n")


def test_discover_says_that_an_address_is_forbidden_and_what_allows_it(catalogue: Path) -> None:
    inside = rasid(catalogue, "discover", "http://127.0.0.9:1/")
    assert (inside.returncode, inside.stdout) == (1, "")
    assert "127.0.0.9, port 1, is forbidden" in inside.stderr
    assert "RASID_INGEST_ALLOW_ADDRESSES" in inside.stderr


def test_what_is_exported_is_imported_the_same(catalogue: Path, tmp_path: Path) -> None:
    write(
        catalogue,
        "id: one, url: 'https://one.example/feed?a=1&b=2'",
        "id: two, url: 'https://two.example/', kind: listing, selector: 'h2 > a', scope: world,"
        " poll_min_s: 600, timezone: Asia/Qatar, min_gap_s: 2, enabled: false",
    )
    before = load_sources(catalogue.read_text(), "sources.yaml")
    exported = rasid(catalogue, "export")
    (tmp_path / "exported.opml").write_text(exported.stdout)
    write(catalogue, "id: other, url: 'https://other.example/feed'")
    added = rasid(catalogue, "import", str(tmp_path / "exported.opml"), "--add")
    assert (added.returncode, added.stderr) == (0, "2 added, 0 known before\n")
    assert catalogue.read_text().startswith("# a remark\n")
    assert load_sources(catalogue.read_text(), "sources.yaml")[1:] == before
    again = rasid(catalogue, "import", str(tmp_path / "exported.opml"), "--add")
    assert again.stderr == "0 added, 2 known before\n"


OPML = """<?xml version="1.0"?><opml version="1.0"><head/><body>
<outline text="ليبيا"><outline type="rss" text="بوابة الوسط" xmlUrl="https://a.example/feed"/>
<outline text="بوابة الوسط" xmlUrl="https://a.example/sport"/></outline>
<outline text="" xmlUrl="https://b.example/feed" language="en"/>
<outline text="again" xmlUrl="https://a.example/feed"/><outline text="no feed"/>
</body></opml>"""


def test_ids_are_made_of_titles_in_any_script(catalogue: Path, tmp_path: Path) -> None:
    write(catalogue, "id: bwaba-alwst-2, url: 'https://other.example/feed'")
    (tmp_path / "readers.opml").write_text(OPML)
    done = rasid(catalogue, "import", str(tmp_path / "readers.opml"))
    assert done.returncode == 0, done.stderr
    sources = load_sources(done.stdout, "imported")
    assert [(source.id, source.name, source.language) for source in sources] == [
        ("bwaba-alwst", "بوابة الوسط", "ar"),
        ("bwaba-alwst-3", "بوابة الوسط", "ar"),
        ("b-example", "b.example", "en"),
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("<html/>", "<html> begins no OPML"),
        ("", "no XML"),
        ('<opml><outline text="x" xmlUrl="ftp://x"/></opml>', "http://... or https://..."),
    ],
)
def test_what_cannot_be_imported_changes_nothing(
    catalogue: Path, tmp_path: Path, text: str, message: str
) -> None:
    write(catalogue, "id: other, url: 'https://other.example/feed'")
    before = catalogue.read_text()
    (tmp_path / "bad.opml").write_text(text)
    done = rasid(catalogue, "import", str(tmp_path / "bad.opml"), "--add")
    assert done.returncode == 1
    assert message in done.stderr
    assert catalogue.read_text() == before
