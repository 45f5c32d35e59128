"""Every kind of source comes to the same items, whoever made it."""

import gzip
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.core.items import MAX_ITEMS, Child, FeedError, FeedItem, Listing
from services.ingest.core.kinds import MAX_UNPACKED_BYTES, read_listing
from services.ingest.core.sitemap import MAX_CHILDREN, MAX_SITEMAP_ITEMS
from services.ingest.core.sources import Kind, Source
from tests.sitemaps import entry, index, sitemap

URL = "https://example.ly/ar/list"
NOW = datetime(2020, 11, 23, tzinfo=UTC)


def read(body: bytes | str, kind: Kind = "feed", selector: str | None = None) -> Listing:
    source = Source(
        id="s", name="مصدر", url=URL, language="ar", kind=kind, selector=selector, scope="libya"
    )
    return read_listing(source, body.encode() if isinstance(body, str) else body, None, URL, NOW)


JSON_FEED = {
    "version": "https://jsonfeed.org/version/1.1",
    "title": "صحيفة",
    "items": [
        {
            "id": "n1",
            "url": "/news/1",
            "title": "خبر <b>أول</b>",
            "content_html": "<p>نص الخبر</p>",
            "date_published": "2020-11-22T10:00:00+02:00",
            "date_modified": "2020-11-22T12:00:00+02:00",
            "authors": [{"name": "التحرير"}],
            "tags": ["محليات", "طرابلس"],
        },
        "no item",
        {"id": 2, "external_url": "https://example.ly/2", "content_text": "أ < ب", "author": 5},
        {},
    ],
}


def test_a_json_feed_is_read_whole_and_what_is_no_item_passed_over() -> None:
    first, second = read(json.dumps(JSON_FEED)).items
    assert (first.key, first.title) == ("n1", "خبر أول")
    assert first.link == "https://example.ly/news/1"
    assert (first.byline, first.section) == ("التحرير", "محليات")
    assert first.published is not None
    assert first.published.at == datetime(2020, 11, 22, 8, tzinfo=UTC)
    assert first.updated is not None
    assert (second.key, second.content_html, second.byline) == ("2", "أ &lt; ب", None)


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "{}",
        '{"version": 1, "items": []}',
        '{"version": "https://jsonfeed.org/version/1", "items": {}}',
        '{"items": ' + "[" * 100_000 + "]" * 100_000 + "}",
        '{"a": [' + "[]," * 400_000 + "1]}",
        '{"n": ' + "9" * 10_000 + "}",
    ],
    ids=["cut", "empty", "no version", "no list", "deep", "many lists", "number without end"],
)
def test_what_is_no_json_feed_is_refused(text: str) -> None:
    with pytest.raises(FeedError):
        read(text)


NEWS = (
    "<news:news><news:publication><news:name>صحيفة</news:name></news:publication>"
    "<news:publication_date>2020-11-22T10:00:00+02:00</news:publication_date>"
    "<news:title>خبر &amp; تعليق</news:title></news:news>"
    "<image:image><image:loc>https://example.ly/a.jpg</image:loc></image:image>"
)


def test_a_sitemap_of_news_lists_the_news_alone() -> None:
    (item,) = read(sitemap(entry(1), entry(2, "2020-11-22", NEWS)), "sitemap").items
    assert (item.link, item.title) == ("https://example.ly/2", "خبر & تعليق")
    assert item.published is not None
    assert item.published.at == datetime(2020, 11, 22, 8, tzinfo=UTC)


def test_a_sitemap_lists_the_newest_first_and_nothing_older_than_a_week_before() -> None:
    listing = read(
        sitemap(entry(1, "2020-11-01"), entry(2, "2020-11-20"), entry(3), entry(4, "2020-11-22")),
        "sitemap",
    )
    assert [item.link[-1] for item in listing.items] == ["4", "2", "3"]
    assert listing.left_out == 1


def test_an_impossible_date_makes_no_other_entry_of_a_sitemap_old() -> None:
    listing = read(
        sitemap(entry(1, "2099-01-01"), entry(2, "2020-11-20"), entry(3, "2020-11-22")), "sitemap"
    )
    assert [item.link[-1] for item in listing.items] == ["3", "2", "1"]
    assert listing.left_out == 0


def test_of_a_long_sitemap_the_first_are_read_and_the_rest_counted() -> None:
    listing = read(sitemap(*map(entry, range(3_000))), "sitemap")
    assert (len(listing.items), listing.left_out) == (MAX_SITEMAP_ITEMS, 3_000 - MAX_SITEMAP_ITEMS)


@pytest.mark.slow
def test_a_packed_sitemap_is_read() -> None:
    assert read(gzip.compress(sitemap(entry(1)).encode()), "sitemap").items[0].link.endswith("/1")


@pytest.mark.slow
def test_a_packed_bomb_is_cut_where_it_grows_too_large() -> None:
    bomb = sitemap(entry(1)).replace("</urlset>", " " * 5 * MAX_UNPACKED_BYTES)
    assert len(read(gzip.compress(bomb.encode()), "sitemap").items) == 1


@pytest.mark.parametrize("body", [b"\x1f\x8b", b"\x1f\x8bnot gzip", gzip.compress(b"x", mtime=0)])
def test_a_packed_file_that_holds_no_sitemap_is_refused(body: bytes) -> None:
    with pytest.raises(FeedError):
        read(body, "sitemap")


def test_an_index_names_its_newest_sitemaps_of_articles() -> None:
    listing = read(
        index(
            ("category-sitemap", "<lastmod>2020-11-22</lastmod>"),
            ("post-sitemap1", "<lastmod>2019-01-01</lastmod>"),
            ("post-sitemap2", "<lastmod>2020-11-21T10:00:00Z</lastmod>"),
        ),
        "sitemap",
    )
    assert listing.more == (
        Child("https://example.ly/post-sitemap2.xml", datetime(2020, 11, 21, 10, tzinfo=UTC)),
        Child("https://example.ly/post-sitemap1.xml", datetime(2018, 12, 31, 22, tzinfo=UTC)),
    )


def test_where_an_index_gives_no_times_the_highest_numbers_are_the_newest() -> None:
    listing = read(index(*((f"sitemap-{page}", "") for page in range(1, 12))), "sitemap")
    assert [child.url[20:] for child in listing.more] == [
        f"sitemap-{page}.xml"[1:] for page in (11, 10, 9, 8, 7)
    ]
    assert len(listing.more) == MAX_CHILDREN


PAGE = """<html><head><base href="/ar/"></head><body>
<nav><a href="/about">من نحن وماذا نفعل هنا</a></nav>
<div class="card"><a href="news/1"><img alt=""></a><span><a href="/cat">قسم</a></span>
  <h2><a href="news/1#comments">افتتاح مدرسة جديدة في درنة</a></h2></div>
<div class="card"><h2><a href=" /news/2 ">اقرأ المزيد</a></h2></div>
<div class="card"><h2><a href="/news/3">اجتماع المجلس البلدي في طرابلس...</a></h2></div>
<div class="card"><h2><a href="javascript:void(0)">افتتاح مدرسة جديدة</a></h2></div>
</body></html>"""


@pytest.mark.parametrize("selector", ["div.card", "div.card h2 a", ".card > h2 > a[href]"])
def test_a_page_lists_the_articles_its_selector_finds(selector: str) -> None:
    items = read(PAGE, "listing", selector).items
    assert [(item.link, item.title) for item in items] == [
        ("https://example.ly/ar/news/1", "افتتاح مدرسة جديدة في درنة"),
        ("https://example.ly/news/2", ""),
        ("https://example.ly/news/3", ""),
    ]


@pytest.mark.parametrize("text", ["", "<p>لا روابط</p>", "{}", PAGE.replace("card", "box")])
def test_a_page_in_which_nothing_is_found_is_no_listing(text: str) -> None:
    with pytest.raises(FeedError):
        read(text, "listing", "div.card")


def test_of_a_page_with_many_links_the_first_are_read_and_the_rest_counted() -> None:
    page = "".join(f'<a href="/{number}">x</a>' for number in range(MAX_ITEMS + 10))
    listing = read(page, "listing", "a")
    assert (len(listing.items), listing.left_out) == (MAX_ITEMS, 10)


RSS = "<rss><channel><item><title>خبر</title><guid>1</guid></item></channel></rss>"


def mixed(*titles: bytes) -> bytes:
    items = b"".join(b"<item><title>" + title + b"</title></item>" for title in titles)
    return b'<?xml version="1.0" encoding="utf-8"?><rss><channel>' + items + b"</channel></rss>"


@pytest.mark.parametrize("encoding", ["windows-1256", "iso-8859-6"])
def test_a_feed_of_several_encodings_is_read_piece_by_piece(encoding: str) -> None:
    titles = ["اجتماع المجلس البلدي في طرابلس", "افتتاح مدرسة جديدة في درنة", "Libya: a new school"]
    first, second, third = titles
    body = mixed(first.encode(), second.encode(encoding), third.encode())
    assert [item.title for item in read(body).items] == titles


def test_a_feed_with_a_broken_character_is_no_feed_of_several_encodings() -> None:
    titles = ["اجتماع المجلس البلدي في طرابلس", "افتتاح مدرسة جديدة في درنة"]
    body = mixed(titles[0].encode(), titles[1].encode() + b"\xd8")
    assert [item.title for item in read(body).items] == [titles[0], titles[1] + "\ufffd"]


@pytest.mark.parametrize("title", ["خبر، «عاجل» عن طرابلس؟", "د،", "ط؟ ر، م؛"])
def test_a_feed_in_windows_1256_stays_one(title: str) -> None:
    body = mixed("افتتاح مدرسة جديدة في درنة".encode("windows-1256"), title.encode("windows-1256"))
    assert read(body).items[1].title == title


READABLE: list[tuple[Kind, bytes]] = [
    ("feed", RSS.encode()),
    ("feed", RSS.encode("utf-16")),
    ("feed", json.dumps(JSON_FEED).encode()),
    ("sitemap", sitemap(entry(1, "2020-11-22", NEWS), entry(2)).encode()),
    ("sitemap", gzip.compress(sitemap(entry(1)).encode(), mtime=0)),
    ("sitemap", index(("a", "<lastmod>2020</lastmod>")).encode()),
    ("listing", PAGE.encode()),
]


@given(
    readable=st.sampled_from(READABLE),
    changes=st.lists(st.tuples(st.floats(0, 1), st.binary(max_size=8), st.integers(0, 30))),
    garbage=st.none() | st.binary(max_size=200),
)
def test_nothing_but_a_feed_error_comes_of_any_bytes(
    readable: tuple[Kind, bytes],
    changes: list[tuple[float, bytes, int]],
    garbage: bytes | None,
) -> None:
    kind, body = readable
    for share, piece, dropped in changes:
        at = int(share * len(body))
        body = body[:at] + piece + body[at + dropped :]
    try:
        listing = read(
            body if garbage is None else garbage, kind, (kind == "listing" and "a") or None
        )
    except FeedError:
        return
    for item in listing.items:
        assert isinstance(item, FeedItem)
        repr(item).encode()  # no halves of characters


def test_a_date_that_all_items_share_is_that_of_the_feed_and_none() -> None:
    def feed(minutes: tuple[int, ...]) -> str:
        items = "".join(
            f"<item><guid>{number}</guid>"
            f"<pubDate>Sun, 22 Nov 2020 10:{minute:02}:00 GMT</pubDate></item>"
            for number, minute in enumerate(minutes)
        )
        return f"<rss><channel>{items}</channel></rss>"

    assert [item.published for item in read(feed((5, 5, 5))).items] == [None] * 3
    assert None not in [item.published for item in read(feed((5, 5, 6))).items]
