"""Feeds are read, also those that are not quite feeds."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.core.charset import decode
from services.ingest.core.feed import parse_feed
from services.ingest.core.items import MAX_ITEMS, FeedError, FeedItem, Listing

TRIPOLI = ZoneInfo("Africa/Tripoli")
URL = "https://example.ly/feed.xml"
HEAD = (
    '<?xml version="1.0" encoding="utf-8"?><rss version="2.0"'
    ' xmlns:content="http://purl.org/rss/1.0/modules/content/"'
    ' xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>t</title>'
)
TAIL = "</channel></rss>"
EPOCH = datetime(2020, 1, 1, tzinfo=UTC)
ITEMS = "".join(
    f"<item><title>خبر {n}</title><link>https://example.ly/{n}</link><guid>g{n}</guid>"
    f"<pubDate>Sun, 22 Nov 2020 10:00:00 +0200</pubDate><description>وصف {n}</description>"
    f"<content:encoded><![CDATA[<p>نص كامل & طويل {n}</p>]]></content:encoded>"
    "<dc:creator>أسرة التحرير</dc:creator></item>"
    for n in range(3)
)
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://example.ly/ar/">
<entry><title type="html">&lt;b&gt;خبر&lt;/b&gt; أول</title><id>urn:1</id>
 <updated>2020-11-22T10:00:00Z</updated><published>2020-11-21T10:00:00+02:00</published>
 <link rel="self" href="self"/><link rel="enclosure" href="a.mp3"/>
 <link type="application/json" href="a.json"/><link rel="alternate" type="text/html" href="n/1"/>
 <summary>موجز</summary><content type="html">&lt;p&gt;نص الخبر الأول&lt;/p&gt;</content>
 <author><name>التحرير</name></author></entry>
<entry><title>خبر ثان</title><id>https://example.ly/2</id><updated>2020-11-22T10:00:00Z</updated>
 <content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>نص <b>ثان</b></p></div>
 </content>
</entry></feed>"""


def listing(text: str) -> Listing:
    return parse_feed(text, URL, TRIPOLI)


def parse(text: str) -> tuple[FeedItem, ...]:
    return listing(text).items


def test_an_rss_item_is_read_whole() -> None:
    item = parse(HEAD + ITEMS + TAIL)[1]
    assert (item.key, item.title, item.link) == ("g1", "خبر 1", "https://example.ly/1")
    assert item.content_html == "<p>نص كامل & طويل 1</p>"
    assert item.byline == "أسرة التحرير"
    assert item.published is not None
    assert item.published.at == datetime(2020, 11, 22, 8, tzinfo=UTC)


def test_atom_gives_the_page_the_longest_text_and_both_dates() -> None:
    first, second = parse(ATOM)
    assert (first.title, first.link) == ("خبر أول", "https://example.ly/ar/n/1")
    assert first.content_html == "<p>نص الخبر الأول</p>"
    assert first.byline == "التحرير"
    assert first.published is not None
    assert first.published.at == datetime(2020, 11, 21, 8, tzinfo=UTC)
    assert first.updated is not None
    assert second.link == "https://example.ly/2"
    assert "<b>ثان</b>" in second.content_html
    assert second.published is None


def test_rdf_is_read() -> None:
    feed = (
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
        ' xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">'
        '<item rdf:about="https://example.ly/1"><title>خبر</title><link>https://example.ly/1</link>'
        "<dc:date>2020-11-22T10:00:00+02:00</dc:date></item></rdf:RDF>"
    )
    (item,) = parse(feed)
    assert item.key == "https://example.ly/1"
    assert item.published is not None


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("وصف", "وصف&nbsp;&laquo;خاص&raquo;"),
        ("كامل", "كا\x0bمل"),
        ("وصف", "وصف\x02\x1f"),
        ("<?xml", "\n \t<?xml"),
        ("<?xml", "\ufeff<?xml"),
        ("وصف 1", "وصف <b>1"),
        ("https://example.ly/1<", "https://example.ly/1?a=1&b=2<"),
        ('encoding="utf-8"', 'encoding="utf-16"'),
        (' xmlns:content="http://purl.org/rss/1.0/modules/content/"', ""),
        (TAIL, "<item><title>مبتور</ti"),
        (TAIL, ""),
    ],
    ids=[
        "entities of HTML",
        "control character in CDATA",
        "control characters",
        "blanks before the declaration",
        "byte order mark",
        "unclosed tag",
        "bare ampersand",
        "declaration that is not true",
        "undeclared prefix",
        "cut in an item",
        "cut after an item",
    ],
)
def test_a_broken_feed_yields_the_items_that_can_be_read(before: str, after: str) -> None:
    feed = HEAD + ITEMS + TAIL
    assert before in feed
    items = parse(feed.replace(before, after))
    assert [item.key for item in items[:3]] == ["g0", "g1", "g2"]
    assert [item.title for item in items[:3]] == ["خبر 0", "خبر 1", "خبر 2"]
    assert all("طويل" in item.content_html for item in items[:3])


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("&#55357;&#56832;", "😀"),
        ("&#xD83D;&#xde00;", "😀"),
        ("&#55357;", ""),
        ("&#56832;&#55357;", ""),
        ("&#0;&#x1F;&#1114112;", ""),
        ("&#1591;&#x637;", "طط"),
        ("&#38;lt;&#60;b&#62;", "<"),
        ("&#39;&#34;&rsquo;&bogus;", "'\"’&bogus;"),
        ("&#999999999999;", ""),
        ("<![CDATA[&#55357;]]>", "\ufffd"),
        pytest.param(f"<![CDATA[&#{'9' * 5_000};]]>", "", id="number without end"),
    ],
)
def test_numbers_of_characters_are_read_and_what_is_none_is_left_out(
    written: str, read: str
) -> None:
    first, second = parse(
        f"{HEAD}<item><title>خبر{written}</title></item><item><title>ثان</title></item>{TAIL}"
    )
    assert (first.title, second.title) == (f"خبر{read}", "ثان")


PIECES = (
    *("&#55357;", "&#56832;", "&#x0;", "&#" + "9" * 5_000 + ";", "&bogus;", "&", "<", ">", "]]>"),
    *(
        "<![CDATA[",
        "<!--",
        "<?xml",
        "<!DOCTYPE x [",
        "<item>",
        "</item>",
        "\ud83d",
        "\0",
        "http://[",
    ),
    *('<link href="http://[">', "<a:b>", ' xml:base="http://["', "<title type='xhtml'><b>"),
)


@given(
    feed=st.sampled_from([HEAD + ITEMS + TAIL, ATOM]),
    changes=st.lists(
        st.tuples(
            st.floats(0, 1), st.sampled_from(PIECES) | st.text(max_size=10), st.integers(0, 30)
        ),
        max_size=6,
    ),
)
def test_nothing_but_a_feed_error_comes_of_a_broken_feed(
    feed: str, changes: list[tuple[float, str, int]]
) -> None:
    for share, piece, dropped in changes:
        at = int(share * len(feed))
        feed = feed[:at] + piece + feed[at + dropped :]
    try:
        items = parse(feed)
    except FeedError:
        return
    for item in items:
        repr(item).encode()  # no halves of characters


def test_an_address_keeps_what_follows_a_bare_ampersand() -> None:
    feed = HEAD + "<item><link>https://example.ly/?id=1&b=2&copy;</link></item>" + TAIL
    assert parse(feed)[0].link == "https://example.ly/?id=1&b=2©"


@pytest.mark.parametrize("encoding", ["windows-1256", "utf-16", "utf-8"])
def test_a_feed_in_another_encoding_is_read(encoding: str) -> None:
    body = (HEAD + ITEMS + TAIL).replace("utf-8", encoding).encode(encoding)
    text, _ = decode(body, None, None, "ar")
    assert [item.title for item in parse(text)] == ["خبر 0", "خبر 1", "خبر 2"]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2020-11-22 10:00:00", datetime(2020, 11, 22, 8, tzinfo=UTC)),
        ("Sun, 22 Nov 2020 10:00:00", datetime(2020, 11, 22, 8, tzinfo=UTC)),
        ("Sun, 22 Nov 2020 10:00:00 GMT", datetime(2020, 11, 22, 10, tzinfo=UTC)),
        ("2020-11-22T10:00:00.123Z", datetime(2020, 11, 22, 10, tzinfo=UTC)),
        ("2020-11-22", datetime(2020, 11, 21, 22, tzinfo=UTC)),
    ],
)
def test_a_date_without_a_zone_is_in_the_sources(written: str, expected: datetime) -> None:
    feed = HEAD + f"<item><title>x</title><pubDate>{written}</pubDate></item>" + TAIL
    (item,) = parse(feed)
    assert item.published is not None
    assert item.published.at == expected


def test_an_impossible_date_is_none() -> None:
    for written in (
        "yesterday",
        "2020-13-45",
        "Sun, 99 Nov 2020 10:00:00 +0200",
        "0000-00-00",
        "-",
    ):
        feed = HEAD + f"<item><title>x</title><pubDate>{written}</pubDate></item>" + TAIL
        assert parse(feed)[0].published is None


def test_entities_are_never_expanded_nor_fetched() -> None:
    bomb = (
        '<!DOCTYPE rss [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
        '<!ENTITY c SYSTEM "file:///etc/passwd">]>'
    )
    feed = HEAD.replace("<rss", bomb + "<rss") + ITEMS.replace("وصف", "&b;&c;وصف") + TAIL
    items = parse(feed)
    assert len(items) == 3
    assert "root:" not in str(items)
    assert "aaaa" not in str(items)


def test_keys_are_unique_where_guids_are_missing_or_repeated() -> None:
    feed = HEAD + "".join(
        f"<item><title>{title}</title><guid>{guid}</guid><link>{link}</link></item>"
        for title, guid, link in [
            ("a", "same", "/1"),
            ("b", "same", "/2"),
            ("c", "", "/3"),
            ("d", "", ""),
            ("e", "", ""),
            ("a again", "same", "/1"),
            ("long", "x" * 5_000, "/4"),
        ]
    )
    items = parse(feed + TAIL)
    assert [item.title for item in items] == ["a", "b", "c", "d", "e", "a again", "long"]
    assert len({item.key for item in items}) == len(items)
    assert max(len(item.key) for item in items) <= 200


@pytest.mark.parametrize("guid", ["1", ""], ids=["one guid", "no guid"])
@pytest.mark.parametrize("link", ["/", ""], ids=["the front page", "no link"])
@pytest.mark.parametrize("title", ["", "عاجل"], ids=["no title", "one title"])
def test_items_that_differ_in_what_they_say_alone_are_kept_apart(
    guid: str, link: str, title: str
) -> None:
    def one(said: str) -> str:
        of_item = (
            f"<guid isPermaLink='false'>{guid}</guid><link>{link}</link><title>{title}</title>"
        )
        return f"<item>{of_item}<description>{said}</description></item>"

    items = parse(HEAD + one("أ") + one("ب") + one("ب") + one("ت") + TAIL)
    assert [item.content_html for item in items] == ["أ", "ب", "ت"]


def test_a_guid_is_the_link_only_where_it_says_so() -> None:
    feed = HEAD + (
        "<item><guid>https://example.ly/5</guid></item>"
        '<item><guid isPermaLink="false">https://example.ly/6</guid></item>'
    )
    assert [item.link for item in parse(feed + TAIL)] == ["https://example.ly/5", ""]


def test_the_number_of_a_version_is_no_part_of_a_guid() -> None:
    feed = HEAD + "<item><guid>https://example.ly/7#1</guid><title>x</title></item>" + TAIL
    assert parse(feed)[0].key == parse(feed.replace("#1", "#12"))[0].key


def test_a_category_is_read_as_rss_or_atom_writes_it() -> None:
    rss = HEAD + "<item><category>محليات</category><category>أخرى</category></item>" + TAIL
    atom = (
        '<feed xmlns="http://www.w3.org/2005/Atom"><entry><category term="local"/></entry></feed>'
    )
    assert parse(rss)[0].section == "محليات"
    assert parse(atom)[0].section == "local"


@pytest.mark.parametrize(
    ("said", "interval_s"),
    [
        ("<ttl>30</ttl>", 1_800),
        ("<sy:updatePeriod> hourly </sy:updatePeriod>", 3_600),
        (
            "<ttl>1</ttl><sy:updatePeriod>daily</sy:updatePeriod>"
            "<sy:updateFrequency>4</sy:updateFrequency>",
            21_600,
        ),
        ("<ttl>soon</ttl><sy:updatePeriod>sometimes</sy:updatePeriod>", None),
        ("<ttl>-5</ttl><ttl>٥</ttl>", None),
        (
            "<sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>0</sy:updateFrequency>",
            3_600,
        ),
        ("<item><ttl>30</ttl></item>", None),
    ],
)
def test_a_feed_says_how_often_it_changes(said: str, interval_s: float | None) -> None:
    head = HEAD.replace("<rss", '<rss xmlns:sy="http://purl.org/rss/1.0/modules/syndication/"')
    assert listing(head + said + TAIL).update_interval_s == interval_s


HOURLY = "<sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>1</sy:updateFrequency>"
WORDPRESS = "<generator>https://wordpress.org/?v=6.4.2</generator>"
DAILY = HOURLY.replace("hourly", "daily")


def every(minutes: int, count: int = 8) -> str:
    """Return items that came ``minutes`` apart."""
    first = datetime(2020, 11, 22, 10, tzinfo=UTC)
    return "".join(
        f"<item><guid>{n}</guid><pubDate>{format_datetime(first + n * timedelta(minutes=minutes))}"
        "</pubDate></item>"
        for n in range(count)
    )


@pytest.mark.parametrize(
    ("said", "interval_s"),
    [
        (WORDPRESS + HOURLY, None),
        (WORDPRESS + HOURLY + every(180), None),
        (WORDPRESS + HOURLY + "<ttl>60</ttl>", 3_600),
        (WORDPRESS + DAILY, 86_400),
        (WORDPRESS + HOURLY.replace(">1<", ">2<"), 1_800),
        (HOURLY + every(20), None),
        (HOURLY + every(180), 3_600),
        (HOURLY + every(1, count=2), 3_600),
        (HOURLY + every(0), 3_600),
        (DAILY + every(20), 86_400),
        ("<ttl>60</ttl>" + every(20), 3_600),
    ],
    ids=[
        "made by WordPress",
        "made by WordPress, though slow",
        "a ttl by WordPress",
        "a longer period by WordPress",
        "a shorter one by WordPress",
        "items come quicker",
        "items come more slowly",
        "too few items to tell",
        "items put in together",
        "items come quicker than daily",
        "items come quicker than the ttl",
    ],
)
def test_the_period_that_wordpress_writes_everywhere_says_nothing(
    said: str, interval_s: float | None
) -> None:
    head = HEAD.replace("<rss", '<rss xmlns:sy="http://purl.org/rss/1.0/modules/syndication/"')
    assert listing(head + said + TAIL).update_interval_s == interval_s


HOSTILE = {
    "a million items": "<rss><channel>" + "<item><guid>a</guid></item>" * 200_000,
    "one item of a million elements": "<rss><channel><item>" + "<a/>" * 600_000,
    "attributes": "<rss " + " ".join(f'a{n}=""' for n in range(500_000)) + "><item/></rss>",
    "namespaces": "<rss " + " ".join(f'xmlns:a{n}="u"' for n in range(50_000)) + "><item/></rss>",
    "CDATA without end": "<rss><channel><item><title>" + "<![CDATA[" * 500_000,
    "types of documents": "<!DOCTYPE a[" * 500_000,
    "comments without end": "<rss>" + "<!--" * 1_000_000,
    "ampersands": "<rss><channel><item><title>" + "&" * 2_000_000,
    "escaped markup": "<rss><channel><item><title>" + "&lt;" * 500_000,
    "depth": "<rss><channel><item>" + "<item>" * 300_000,
    "a date without end": "<rss><channel><item><pubDate>" + "(1 " * 1_000_000,
    "entities": '<!DOCTYPE a><!DOCTYPE rss [<!ENTITY a "aaaa">]><rss><item a="' + "&a;" * 200_000,
}


@pytest.mark.slow
@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
@pytest.mark.timeout(20)
def test_a_hostile_feed_is_read_or_refused_in_bounded_time(text: str) -> None:
    try:
        found = listing(text)
    except FeedError:
        return
    assert len(found.items) <= MAX_ITEMS


@pytest.mark.parametrize("newest_first", [True, False])
def test_of_a_feed_that_is_too_long_the_newest_items_are_read(newest_first: bool) -> None:
    def dated(number: int) -> str:
        day = EPOCH + timedelta(hours=number)
        return f"<item><guid>{number}</guid><pubDate>{day.isoformat()}</pubDate></item>"

    numbers = range(MAX_ITEMS + 10)
    feed = HEAD + "".join(map(dated, reversed(numbers) if newest_first else numbers))
    found = listing(feed + TAIL)
    assert {item.key for item in found.items} == {str(n) for n in numbers[10:]}
    assert found.left_out == 10


@pytest.mark.slow
def test_of_a_million_items_the_first_are_read_and_the_rest_counted() -> None:
    feed = HEAD + "".join(f"<item><guid>{n}</guid></item>" for n in range(300_000)) + TAIL
    found = listing(feed)
    assert [item.key for item in found.items[:2]] == ["0", "1"]
    assert (len(found.items), found.left_out) == (MAX_ITEMS, 300_000 - MAX_ITEMS)


def test_an_empty_feed_has_no_items() -> None:
    assert parse(HEAD + TAIL) == ()


@pytest.mark.parametrize("text", ["", " ", "hello", "<html><body>x</body></html>", "{}", "<", "\0"])
def test_what_is_no_feed_is_refused(text: str) -> None:
    with pytest.raises(FeedError):
        parse(text)
