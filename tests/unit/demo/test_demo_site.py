"""The server of the sample news site: feeds and pages behave as those of outlets do."""

import html
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import NamedTuple

import pytest
import yaml
from lxml import etree

from deploy.demo import expected
from deploy.demo.newsroom import Article, Newsroom, load
from deploy.demo.site import DemoSite

START = datetime(2026, 3, 5, 12, 30, tzinfo=UTC)
NEWSROOM = load()
ATOM = "{http://www.w3.org/2005/Atom}"
CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"

every_article = pytest.mark.parametrize("article", NEWSROOM.articles.values(), ids=lambda a: a.slug)
every_outlet = pytest.mark.parametrize("outlet_id", NEWSROOM.outlets)


class Response(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes


@pytest.fixture
def site() -> Iterator[DemoSite]:
    with DemoSite(start=START) as running:
        yield running


@pytest.fixture(scope="module")
def settled() -> Iterator[DemoSite]:
    """A site whose feeds have all reached their last edition."""
    with DemoSite(start=START) as running:
        for outlet in running.newsroom.outlets.values():
            for _ in range(running.newsroom.last_edition(outlet)):
                get(running.feed_url(outlet.id))
        yield running


def get(url: str, **headers: str) -> Response:
    request = urllib.request.Request(
        url, headers={name.replace("_", "-"): value for name, value in headers.items()}
    )
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return Response(answer.status, dict(answer.headers), answer.read())
    except urllib.error.HTTPError as error:
        return Response(error.code, dict(error.headers), error.read())


def titles(feed: bytes) -> list[str]:
    root = etree.fromstring(feed)
    entries = [*root.iter("item"), *root.iter(f"{ATOM}entry")]
    return [
        entry.findtext("title") or entry.findtext(f"{ATOM}title") or "no title" for entry in entries
    ]


def links(feed: bytes) -> list[str]:
    root = etree.fromstring(feed)
    rss = [item.findtext("link") or "" for item in root.iter("item")]
    return rss + [str(link.get("href")) for link in root.iterfind(f"{ATOM}entry/{ATOM}link")]


def page_text(site: DemoSite, article: Article, body: bytes) -> str:
    charset = site.newsroom.outlets[article.about.outlet].charset
    return html.unescape(body.decode(charset))


@every_article
def test_the_site_serves_an_article_with_its_paragraphs(
    settled: DemoSite, article: Article
) -> None:
    answer = get(settled.article_url(article.slug))
    assert answer.status == 200
    text = page_text(settled, article, answer.body)
    assert article.last.title in text
    for paragraph in article.last.paragraphs:
        assert paragraph.removeprefix("## ") in text
    assert f'<link rel="canonical" href="{settled.article_url(article.slug)}">' in text
    assert settled.newsroom.labels[article.about.language].sample in text


@every_article
def test_a_page_surrounds_the_article_with_what_is_not_the_article(
    settled: DemoSite, article: Article
) -> None:
    text = page_text(settled, article, get(settled.article_url(article.slug)).body)
    around = expected.surroundings(settled, article.slug)
    assert len([line for line in around if line in text]) >= 5
    assert not around & set(article.last.paragraphs)


@every_outlet
def test_a_feed_lists_all_articles_of_its_outlet(settled: DemoSite, outlet_id: str) -> None:
    articles = settled.newsroom.articles_of(settled.newsroom.outlets[outlet_id], 99)
    feed = get(settled.feed_url(outlet_id)).body
    assert titles(feed) == [article.last.title for article in articles]
    for link in links(feed):
        assert get(link).status == 200


def test_the_windows_1256_outlet_is_so_everywhere_and_its_header_does_not_say_it(
    settled: DemoSite,
) -> None:
    page = get(settled.article_url("tarhuna-olive-harvest"))
    assert page.headers["Content-Type"] == "text/html"
    assert "موسم الزيتون" in page.body.decode("windows-1256")
    assert b"charset=windows-1256" in page.body
    feed = get(settled.feed_url("anmuthaj")).body
    assert feed.startswith(b'<?xml version="1.0" encoding="windows-1256"?>')
    with pytest.raises(UnicodeDecodeError):
        feed.decode("utf-8")


def test_feeds_differ_as_real_ones_do(settled: DemoSite) -> None:
    feeds = {outlet: get(settled.feed_url(outlet)).body for outlet in settled.newsroom.outlets}
    assert b"<feed xmlns" in feeds["specimen"]
    assert b"<rss" in feeds["mithal"]
    assert all("utm_source=" in link for link in links(feeds["tajriba"]))
    assert not list(etree.fromstring(feeds["mithal"]).iter(CONTENT))
    bodies = [e.text or "" for e in etree.fromstring(feeds["tajriba"]).iter(CONTENT)]
    shown = settled.newsroom.articles_of(settled.newsroom.outlets["tajriba"], 99)
    assert [body.count("<p>") + body.count("<h2>") for body in bodies] == [
        len(article.last.paragraphs) for article in shown
    ]


def test_pages_say_when_they_were_published_each_in_its_way_or_not_at_all(
    settled: DemoSite,
) -> None:
    bodies = {
        slug: get(settled.article_url(slug)).body
        for slug in ("derna-bridges-open", "leptis-mosaic-restored", "power-grid-winter")
    }
    assert b'"datePublished": "2026-03-04T10:30:00+02:00"' in bodies["derna-bridges-open"]
    assert b'<time datetime="2026-03-04T21:30:00+02:00">' in bodies["power-grid-winter"]
    assert b"2026" not in bodies["leptis-mosaic-restored"]


def test_a_feed_that_has_not_changed_is_not_sent_again(settled: DemoSite) -> None:
    url = settled.feed_url("specimen")
    first = get(url)
    assert get(url, If_None_Match=first.headers["ETag"]).status == 304
    assert get(url, If_None_Match=f'"other", W/{first.headers["ETag"]}').status == 304
    assert get(url, If_None_Match='"other"').status == 200
    assert get(url, If_Modified_Since=first.headers["Last-Modified"]).status == 304
    assert get(url, If_Modified_Since="Thu, 01 Jan 2026 00:00:00 GMT").status == 200
    assert get(url, If_Modified_Since="nonsense").status == 200


def test_a_correction_appears_after_the_feed_was_served_once(site: DemoSite) -> None:
    article = site.newsroom.articles["zuwara-sea-rescue"]
    url = site.feed_url(article.about.outlet)
    first = get(url)
    assert article.first.title in titles(first.body)
    assert article.first.title in get(site.article_url(article.slug)).body.decode()

    second = get(url, If_None_Match=first.headers["ETag"])
    assert second.status == 200
    assert article.last.title in titles(second.body)
    assert article.first.title not in titles(second.body)
    page = get(site.article_url(article.slug)).body.decode()
    assert all(paragraph in page for paragraph in article.last.paragraphs)

    assert second.headers["ETag"] != first.headers["ETag"]
    assert get(url, If_None_Match=second.headers["ETag"]).status == 304


def test_an_article_of_a_later_edition_is_not_there_before(site: DemoSite) -> None:
    late = site.newsroom.articles["urgent-sharara-figures"]
    assert get(site.article_url(late.slug)).status == 404
    assert late.first.title not in titles(get(site.feed_url("mithal")).body)
    assert get(site.article_url(late.slug)).status == 404
    assert late.first.title in titles(get(site.feed_url("mithal")).body)
    assert get(site.article_url(late.slug)).status == 200


def test_many_readers_at_once_all_get_a_whole_feed(site: DemoSite) -> None:
    seen: list[int] = []

    def read() -> None:
        seen.append(len(titles(get(site.feed_url("mithal")).body)))

    threads = [threading.Thread(target=read) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(seen) == [11] + [12] * 9


def test_requests_are_counted_by_target_and_status(site: DemoSite) -> None:
    feed = get(site.feed_url("ornek"))
    get(site.feed_url("ornek"), If_None_Match=feed.headers["ETag"])
    get(f"{site.url}/nothing/here")
    counts = site.requests()
    assert counts["/ornek/feed.xml", 200] == 1
    assert counts["/ornek/feed.xml", 304] == 1
    assert counts["/nothing/here", 404] == 1
    assert counts.total() == 3


def test_the_front_page_says_in_both_languages_that_this_is_sample_data(site: DemoSite) -> None:
    text = get(site.url + "/").body.decode()
    assert "sample data of the Rasid demo" in text
    assert "بيانات نموذجية" in text
    assert get(site.url + "/robots.txt").status == 200


def test_the_same_articles_start_and_address_give_the_same_bytes(
    site: DemoSite, settled: DemoSite
) -> None:
    def rendering(one: DemoSite, newsroom: Newsroom) -> list[bytes]:
        pages = [one.pages.page(article, 2) for article in newsroom.articles.values()]
        feeds = [one.pages.feed(outlet, 2) for outlet in newsroom.outlets.values()]
        return [body.replace(one.url.encode(), b"") for body in pages + feeds]

    assert rendering(site, NEWSROOM) == rendering(settled, NEWSROOM)


def test_what_must_be_found_at_the_end_is_known_by_canonical_url(settled: DemoSite) -> None:
    revisions = expected.final_revisions(settled)
    assert len(revisions) == len(NEWSROOM.articles)
    corrected = expected.corrections(NEWSROOM)
    assert sum(revisions.values()) == len(NEWSROOM.articles) + len(corrected)


def test_the_sources_file_has_a_source_for_each_outlet(site: DemoSite) -> None:
    sources = yaml.safe_load(site.sources_yaml())["sources"]
    outlets = site.newsroom.outlets.values()
    assert {s["url"] for s in sources} == {site.feed_url(outlet.id) for outlet in outlets}
    assert {s["name"] for s in sources} == {outlet.name for outlet in outlets}
    assert len({s["id"] for s in sources}) == len(sources)
