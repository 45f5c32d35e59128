"""The past of a site is imported from its sitemaps: gently, and going on after an interruption."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice, pairwise
from pathlib import Path

import pytest

from services.contract.articles import RawArticle, article_id
from services.ingest.backfill import (
    MAX_FAILED,
    SLOWER,
    Site,
    SiteAwayError,
    SiteReader,
    at_host,
    known_ids,
    source_of,
)
from services.ingest.core.canonical_url import canonicalise
from services.ingest.core.packed import PackedCursor
from services.ingest.core.period import Period
from services.ingest.core.sources import Source
from services.ingest.edges.http import FetchRules
from services.ingest.edges.journal import Journal
from services.ingest.imports import Ignored, Imported, Rejected, Settled
from tests.local_site import LOCAL, Answer, LocalSite
from tests.polls import EMPTY, item, poll
from tests.sitemaps import index, sitemap

TEXT = "عقد المجلس البلدي في طرابلس جلسة عادية ناقش فيها أعضاؤه خطة صيانة الطرق قبل موسم الأمطار."
OF_2020 = Period(datetime(2020, 1, 1, tzinfo=UTC), datetime(2021, 1, 1, tzinfo=UTC))


@pytest.fixture
def site() -> Iterator[LocalSite]:
    with LocalSite() as site:
        yield site


def entry(site: LocalSite, number: int, modified: str | None = None) -> str:
    date = f"<lastmod>{modified}</lastmod>" if modified else ""
    return f"<url><loc>{site.url}/news/{number}</loc>{date}</url>"


def serve(site: LocalSite, path: str, *entries: str) -> None:
    site.answers[path] = Answer(sitemap(*entries).encode())


def published(site: LocalSite, *numbers: int) -> list[str]:
    """Put articles on the site, each of a day of November 2020; return their entries."""
    for number in numbers:
        site.publish(number, f"{TEXT} {number}.")
    return [entry(site, number, f"2020-11-{number:02}") for number in numbers]


class Import:
    """Imports of ``site`` into one journal."""

    def __init__(self, site: LocalSite, journal: Path, path: str = "/sitemap.xml") -> None:
        self._site = site
        self._journal = journal
        self._url = site.url + path
        self.waited: list[float] = []

    def run(
        self,
        period: Period = OF_2020,
        known: frozenset[str] = frozenset(),
        rules: FetchRules = LOCAL,
        killed_after: int | None = None,
    ) -> list[Imported]:
        site = Site(self._url, source_of(self._url, ()), period, known)
        with closing(Journal(self._journal)) as journal:
            found = SiteReader(site, rules, journal, self._wait).articles()
            return list(islice(found, killed_after))

    async def _wait(self, seconds: float) -> None:
        self.waited.append(seconds)


@pytest.fixture
def past(site: LocalSite, tmp_path: Path) -> Import:
    return Import(site, tmp_path / "journal.txt")


def articles(found: list[Imported]) -> list[RawArticle]:
    return [one for one in found if isinstance(one, RawArticle)]


def numbers(found: list[Imported]) -> list[str]:
    return [article.url.rpartition("/")[2] for article in articles(found)]


def test_what_the_sitemaps_of_an_index_name_is_imported_as_backfill(
    site: LocalSite, past: Import
) -> None:
    serve(site, "/sitemap-1.xml", *published(site, 1, 2))
    serve(site, "/sitemap-2.xml", *published(site, 3))
    names = ("sitemap-1", ""), ("sitemap-2", ""), ("sitemap-category", "")
    body = index(*names).replace("https://example.ly", site.url)
    site.answers["/sitemap.xml"] = Answer(body.encode())
    found = past.run()
    assert sorted(numbers(found)) == ["1", "2", "3"]
    assert {(a.mode, a.text_origin, a.revision) for a in articles(found)} == {
        ("backfill", "page", 1)
    }
    assert {(a.source_id, a.language_hint) for a in articles(found)} == {("import", None)}
    assert not site.asked("/sitemap-category.xml")


def test_only_pages_that_may_be_of_the_days_asked_for_are_read(
    site: LocalSite, past: Import
) -> None:
    published(site, 1, 2, 3, 4)
    dated = Answer(
        site.answers["/news/3"].body.replace(
            b"<article>", b'<article><time datetime="2021-05-05T10:00:00Z"></time>'
        ),
        headers=site.answers["/news/3"].headers,
    )
    site.answers["/news/3"] = dated
    serve(
        site,
        "/sitemap.xml",
        entry(site, 1, "2019-12-31"),
        entry(site, 2, "2020-06-01"),
        entry(site, 3, "2021-06-01"),  # changed later, published later
        entry(site, 4),
    )
    found = past.run()
    assert numbers(found) == ["2"]
    assert [one.reason for one in found if isinstance(one, Ignored)] == [
        "published 2021-05-05",
        "no date",
    ]
    assert not site.asked("/news/1")
    # What was found out is not asked for again, unless other days are asked for.
    assert [type(one) for one in past.run()] == [Settled] * 3
    assert sorted(numbers(past.run(Period()))) == ["1", "3", "4"]
    assert len(site.asked("/news/2")) == 1


def test_a_sitemap_that_did_not_change_since_is_not_read(site: LocalSite, past: Import) -> None:
    serve(site, "/old.xml", *published(site, 1))
    serve(site, "/new.xml", *published(site, 2))
    children = ("old", "<lastmod>2019-01-01</lastmod>"), ("new", "<lastmod>2022-01-01</lastmod>")
    body = index(*children).replace("https://example.ly", site.url)
    site.answers["/sitemap.xml"] = Answer(body.encode())
    assert numbers(past.run()) == ["2"]
    assert not site.asked("/old.xml")


def test_run_again_after_a_kill_it_imports_what_is_missing(site: LocalSite, past: Import) -> None:
    serve(site, "/sitemap.xml", *published(site, 1, 2, 3, 4, 5))
    before = past.run(killed_after=3)  # the third may be published or not
    after = past.run()
    assert numbers(before) == ["5", "4", "3"]
    assert numbers(after) == ["3", "2", "1"]
    twice = articles(before)[2], articles(after)[0]
    assert len({(a.article_id, a.revision, a.content_hash) for a in twice}) == 1
    assert [type(one) for one in past.run()] == [Settled] * 5
    asked = [len(site.asked(f"/news/{number}")) for number in (1, 2, 3, 4, 5)]
    assert asked == [1, 1, 2, 1, 1]


def test_an_article_at_two_addresses_is_imported_once(site: LocalSite, past: Import) -> None:
    serve(site, "/sitemap.xml", *published(site, 1, 2))
    link = f'<head><link rel="canonical" href="{site.url}/news/1">'.encode()
    page = site.answers["/news/2"]
    site.answers["/news/2"] = Answer(page.body.replace(b"<head>", link), headers=page.headers)
    assert [type(one) for one in past.run()] == [RawArticle, Settled]


def test_what_the_live_sources_know_is_left_to_them(site: LocalSite, past: Import) -> None:
    serve(site, "/sitemap.xml", *published(site, 1, 2))
    known = article_id(canonicalise(f"{site.url}/news/2"))
    assert numbers(past.run(known=frozenset({known}))) == ["1"]
    assert not site.asked("/news/2")
    _, state = poll(EMPTY, [item(1)])
    assert known_ids([PackedCursor.of(state)]) == {state.seen["g1"].article_id}


def test_it_is_slower_than_live_and_reads_a_page_at_a_time(site: LocalSite, past: Import) -> None:
    serve(site, "/sitemap.xml", *published(site, 1, 2, 3, 4))
    assert len(past.run(rules=replace(LOCAL, min_gap_s=0.05))) == 4
    asked = [request.at for request in site.requests if request.path != "/robots.txt"]
    assert min(after - before for before, after in pairwise(asked)) >= SLOWER * 0.05 * 0.9
    assert site.most_at_once == 1


def test_what_robots_txt_forbids_is_not_read(site: LocalSite, past: Import) -> None:
    serve(site, "/sitemap.xml", *published(site, 1, 2))
    site.answers["/robots.txt"] = Answer(b"User-agent: *\nDisallow: /news/2\n")
    ignored, article = past.run()
    assert isinstance(ignored, Ignored)
    assert ignored.reason.startswith("robots")
    assert numbers([article]) == ["1"]
    assert not site.asked("/news/2")


def test_addresses_inside_are_not_asked(site: LocalSite, past: Import) -> None:
    serve(site, "/sitemap.xml", *published(site, 1))
    (refused,) = past.run(rules=replace(LOCAL, allowed=()))
    assert isinstance(refused, Rejected)
    assert refused.reason.startswith("forbidden-address")
    assert site.requests == []


def test_a_page_that_fails_for_now_is_tried_once_more_and_left_for_the_next_run(
    site: LocalSite, past: Import
) -> None:
    serve(site, "/sitemap.xml", *published(site, 1, 2))
    site.answers["/news/2"] = Answer(status=502)
    rejected, article = past.run()
    assert isinstance(rejected, Rejected)
    assert (rejected.place, rejected.reason[:8]) == (f"{site.url}/news/2", "http-5xx")
    assert (numbers([article]), len(site.asked("/news/2")), len(past.waited)) == (["1"], 2, 1)
    site.publish(2, TEXT)
    assert numbers(past.run()) == ["2"]


def test_a_site_that_is_away_is_left_alone(site: LocalSite, past: Import) -> None:
    entries = published(site, *range(1, 10))
    serve(site, "/sitemap.xml", *entries)
    for number in range(1, 9):
        site.answers[f"/news/{number}"] = Answer(status=502)
    with pytest.raises(SiteAwayError, match=f"{MAX_FAILED} pages in a row"):
        past.run()
    assert not site.asked("/news/3")
    for number in range(1, 9):
        site.publish(number, TEXT)
    assert len(articles(past.run())) == 8


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (Answer(status=404), "gone"),
        (Answer(b"<html><p>x</p></html>"), "<html> begins no sitemap"),
        (Answer(b"<rss></rss>"), "<rss> begins no sitemap"),
    ],
    ids=["gone", "a page", "a feed"],
)
def test_what_is_no_sitemap_is_named(
    answer: Answer, reason: str, site: LocalSite, past: Import
) -> None:
    site.answers["/sitemap.xml"] = answer
    (rejected,) = past.run()
    assert isinstance(rejected, Rejected)
    assert reason in rejected.reason


def test_an_index_that_names_itself_ends(site: LocalSite, past: Import) -> None:
    serve(site, "/news.xml", *published(site, 1))
    body = index(("sitemap", ""), ("news", "")).replace("https://example.ly", site.url)
    site.answers["/sitemap.xml"] = Answer(body.encode())
    assert numbers(past.run()) == ["1"]
    assert len(site.asked("/sitemap.xml")) == 1


def test_articles_are_the_source_s_of_the_same_host() -> None:
    def source(id: str, url: str) -> Source:  # noqa: A002 - the field's name
        return Source(id=id, name=id, url=url, language="en")

    catalogue = [source("a", "https://a.ly/feed"), source("b", "https://www.b.ly/feed")]
    assert source_of("http://b.ly/sitemap.xml", catalogue).id == "b"
    assert source_of("https://c.ly/sitemap.xml", catalogue).id == "import"
    assert at_host("https://ar.b.ly/sitemap.xml", catalogue) == []


def test_a_line_that_a_kill_cut_short_is_no_entry(tmp_path: Path) -> None:
    path = tmp_path / "imports" / "journal.txt"
    with closing(Journal(path)) as journal:
        journal.note_imported("https://example.ly/1")
        journal.note_imported("https://example.ly/2")
    path.write_bytes(path.read_bytes()[:-5])
    with closing(Journal(path)) as journal:
        assert journal.is_settled("https://example.ly/1", OF_2020)
        journal.note_imported("https://example.ly/3")
    with closing(Journal(path)) as journal:
        settled = [journal.is_settled(f"https://example.ly/{n}", OF_2020) for n in (1, 2, 3)]
    assert settled == [True, False, True]


def test_two_imports_of_a_site_at_once_are_one_too_many(tmp_path: Path) -> None:
    with closing(Journal(tmp_path / "journal.txt")), pytest.raises(BlockingIOError):
        Journal(tmp_path / "journal.txt")
