"""What was read becomes the message that says it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.contract.articles import MAX_TEXT_CHARS, Charset, RawArticle
from services.contract.wire import decode, encode
from services.ingest.core.article import FetchedPage, build_article, repair
from services.ingest.core.dates import Moment
from services.ingest.core.extract import Page
from services.ingest.core.items import FeedItem
from services.ingest.core.sources import Source

NOW = datetime(2020, 11, 25, 12, tzinfo=UTC)
SOURCE = Source(id="s", name="مصدر", url="https://x.ly/feed", language="ar", country="LY")
BEFORE = Moment(NOW - timedelta(hours=1), "second")
EARLIER = Moment(NOW - timedelta(hours=2), "second")


def build(page: dict[str, Any] | None, url: str = "https://x.ly/news/1", **item: Any) -> RawArticle:
    listed: dict[str, Any] = {
        "key": "g1",
        "title": "خبر",
        "link": "https://x.ly/news/1?utm_source=rss",
        "content_html": "<p>موجز &amp; خلاصة</p>",
        "byline": None,
        "section": None,
        "published": None,
        "updated": None,
    }
    fetched = None
    if page is not None:
        read = Page(**({"title": "عنوان الصفحة", "text": "نص الصفحة"} | page))
        fetched = FetchedPage(url, Charset(name="utf-8", origin="utf-8"), read)
    return build_article(SOURCE, FeedItem(**(listed | item)), fetched, NOW)


def test_the_page_gives_the_text_and_the_feed_the_title() -> None:
    article = build({})
    assert (article.title, article.text, article.text_origin) == ("خبر", "نص الصفحة", "page")
    assert article.canonical_url == "https://x.ly/news/1"
    assert (article.source_country, article.language_hint) == ("LY", "ar")
    assert article.fetched_at == article.first_seen_at == NOW


@pytest.mark.parametrize("page", [None, {"text": ""}], ids=["no page", "page without text"])
def test_without_a_page_the_feeds_own_text_is_used(page: dict[str, Any] | None) -> None:
    article = build(page)
    assert (article.text, article.text_origin) == ("موجز & خلاصة", "feed")
    assert article.canonical_url == "https://x.ly/news/1"


def test_a_brief_that_is_only_a_title_is_not_lost() -> None:
    assert build({"text": ""}, content_html="").text == "خبر"


def test_a_redirect_and_a_rel_canonical_decide_the_identity() -> None:
    assert build({}, url="https://x.ly/moved").canonical_url == "https://x.ly/moved"
    linked = build({"canonical_link": "https://x.ly/one"}, url="https://x.ly/moved")
    assert linked.canonical_url == "https://x.ly/one"
    assert linked.article_id != build({}).article_id


@pytest.mark.parametrize(
    ("page", "item", "url", "origin", "moment"),
    [
        ({"published": EARLIER}, {"published": BEFORE}, "/n", "feed", BEFORE),
        ({"published": EARLIER}, {}, "/n", "page", EARLIER),
        ({"published": EARLIER}, {"updated": BEFORE}, "/n", "page", EARLIER),
        ({}, {"updated": BEFORE}, "/n", "feed", BEFORE),
        ({}, {}, "/2020/11/24/n", "url", Moment(datetime(2020, 11, 23, 22, tzinfo=UTC), "day")),
        ({}, {}, "/2020/31/24/n", "none", None),
        ({}, {}, "/n", "none", None),
        (
            {"published": EARLIER},
            {"published": Moment(NOW + timedelta(days=1), "second")},
            "/n",
            "page",
            EARLIER,
        ),
        ({}, {"published": Moment(datetime(1970, 1, 1, tzinfo=UTC), "second")}, "/n", "none", None),
        (
            {},
            {"published": Moment(NOW + timedelta(minutes=5), "second")},
            "/n",
            "feed",
            Moment(NOW + timedelta(minutes=5), "second"),
        ),
    ],
    ids=[
        "feed first",
        "then the page",
        "the page before an update",
        "an update at last",
        "the address",
        "an address that only looks so",
        "nobody says",
        "the future is not believed",
        "nor is 1970",
        "clocks differ",
    ],
)
def test_the_first_believable_date_counts(
    page: dict[str, Any], item: dict[str, Any], url: str, origin: str, moment: Moment | None
) -> None:
    article = build(page, url=f"https://x.ly{url}", **item)
    assert article.published_origin == origin
    assert article.published_at == (moment.at if moment else None)
    assert article.published_precision == (moment.precision if moment else None)


def test_where_the_page_says_its_date_is_kept_where_that_date_counts() -> None:
    dated = {"published": BEFORE, "published_place": "time"}
    assert build(dated).published_place == "time"
    assert build(dated, published=EARLIER).published_place is None


def test_pages_of_a_site_that_is_one_program_are_not_its_front_page() -> None:
    one, other = (build({}, url="https://x.ly/", link=f"https://x.ly/#!/a/{n}") for n in (1, 2))
    assert one.canonical_url == "https://x.ly/#!/a/1"
    assert one.article_id != other.article_id


def test_what_no_reader_sees_is_repaired_and_what_arabic_needs_is_kept() -> None:
    assert repair("أخبا\u0000ر\ud800\ufeff") == "أخبار"
    assert repair("ا\u0654خبار") == "أخبار"
    assert repair("می\u200cرود") == "می\u200cرود"
    assert repair("سطر\nسطر\tآخر") == "سطر\nسطر\tآخر"


def test_any_text_can_be_sent() -> None:
    article = build(
        {"text": "\ud800\udfff نص \x1b[31m", "byline": "\udc00", "section": "س" * 9_000}
    )
    assert decode(encode(article), RawArticle) == article


def test_a_text_that_is_too_long_is_cut_and_says_so() -> None:
    article = build({"text": "ط" * (MAX_TEXT_CHARS + 1)}, title="ع" * 3_000)
    assert (len(article.text), article.truncated) == (MAX_TEXT_CHARS, True)
    assert len(article.title) == 2_000
    assert not build({}).truncated


def test_the_content_hash_follows_what_a_reader_sees() -> None:
    first = build({})
    assert build({"byline": "آخر"}, published=BEFORE).content_hash == first.content_hash
    assert build({"text": "نص آخر"}).content_hash != first.content_hash
    assert build({}, title="عنوان آخر").content_hash != first.content_hash
