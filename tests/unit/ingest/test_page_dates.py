"""When an article was published, from wherever its page says so."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from services.contract.articles import RawArticle
from services.ingest.core.extract import extract
from services.ingest.core.page_dates import without_clocks
from tests.support import raw_article

TRIPOLI = ZoneInfo("Africa/Tripoli")
TEXT = "عقد المجلس البلدي جلسة عادية ناقش فيها صيانة الطرق قبل موسم الأمطار المقبل في المدينة."
LD = '<script type="application/ld+json">%s</script>'
ISO = "2020-11-22T10:00:00+02:00"


def page(head: str = "", beside_title: str = "", top: str = "", below: str = "") -> str:
    return f"""<html><head><title>خبر</title>{head}</head><body>
        <header><nav>قائمة</nav>{top}</header>
        <div class="story"><h1>خبر</h1>{beside_title}<p>{TEXT}</p><p>{TEXT}</p></div>{below}
        <div class="related-posts"><span class="date">1 يناير 2019</span></div></body></html>"""


@pytest.mark.parametrize(
    ("place", "markup"),
    [
        ("json-ld", page(LD % f'{{"@type": "NewsArticle", "datePublished": "{ISO}"}}')),
        ("json-ld", page(LD % f'{{"@type": "NewsArticle", "dateCreated": "{ISO}"}}')),
        ("meta", page(f'<meta property="article:published_time" content="{ISO}">')),
        (
            "microdata",
            page(beside_title=f'<time itemprop="datePublished" datetime="{ISO}"></time>'),
        ),
        ("time", page(beside_title=f'<time datetime="{ISO}">أمس</time>')),
        ("text", page(beside_title="<div>الأحد 22 تشرين الثاني 2020 10:00 صباحا</div>")),
        (
            "meta",
            page(
                LD % '{"@type": "NewsArticle", "datePublished": "1970-01-01T00:00:00Z"}'
                + f'<meta property="article:published_time" content="{ISO}">'
            ),
        ),
        (None, page()),
    ],
)
def test_where_the_page_says_so_is_told(place: str | None, markup: str) -> None:
    assert extract(markup, TRIPOLI).published_place == place


@pytest.mark.parametrize(
    "markup",
    [
        page(LD % f'{{"@type": "NewsArticle", "datePublished": "{ISO}"}}'),
        page(LD % f'{{"@graph": [{{"@type": "Article", "datePublished": ["{ISO}"]}}]}}'),
        page(LD % f'{{"@type": "NewsArticle", "datePublished": {{"@value": "{ISO}"}}}}'),
        page(LD % f'{{"@type": "NewsArticle", "datePublished": "{ISO}",}}'),
        page(LD % f'<!-- {{"@type": "Article", "datePublished": "{ISO}"}} -->'),
        page(LD % f'{{"@type": "Article", "name": "a "b" c", "datePublished": "{ISO}"}}'),
        page(LD % "{" + LD % f'{{"@type": "Article", "datePublished": "{ISO}"}}'),
        page(f'<meta property="article:published_time" content="{ISO}">'),
        page(f'<meta property="og:published_time" content="{ISO}">'),
        page(f'<meta itemprop="datePublished" content="{ISO}">'),
        page('<meta name="DC.date.issued" content="2020-11-22 10:00">'),
        page(f'<meta name="parsely-pub-date" content="{ISO}">'),
        page(beside_title=f'<span itemprop="datePublished" content="{ISO}">أمس</span>'),
        page(beside_title=f'<time datetime="{ISO}">أمس</time>'),
        page(beside_title="<time>22 نوفمبر 2020 - 10:00</time>"),
        page(beside_title="<div>الأحد 22 تشرين الثاني 2020 10:00 صباحا</div>"),
        page(beside_title='<ul><li class="post-date">٢٢ نوفمبر ٢٠٢٠، ١٠:٠٠</li></ul>'),
        page(below='<p class="published">نشر في 22 نوفمبر 2020 الساعة 10:00</p>'),
        page(top='<div class="date">الإثنين 6 يوليو 2026</div>', beside_title=f"<i>{ISO}</i>"),
    ],
    ids=[
        *("JSON-LD", "in a graph", "as a value", "trailing comma", "in a comment"),
        *("quotes not escaped", "after one that is none", "article:published_time"),
        *("og:published_time", "itemprop in meta", "DC", "parsely", "itemprop", "time"),
        *("time without attribute", "beside the title", "class", "below the text"),
        "not today's date in the header",
    ],
)
def test_the_date_is_found(markup: str) -> None:
    published = extract(markup, TRIPOLI).published
    assert published is not None
    assert (published.at, published.precision) == (datetime(2020, 11, 22, 8, tzinfo=UTC), "second")


@pytest.mark.parametrize(
    "markup",
    [
        page(),
        page(top='<div class="date">الإثنين 6 يوليو 2026</div>'),
        page(below='<div id="comments"><span class="comment-date">5 مايو 2021</span></div>'),
        page(below='<aside><time datetime="2019-01-01">قديم</time></aside>'),
        page(beside_title="<div>الهاتف 25 - 11 - 20</div>"),
    ],
    ids=["none", "today in the header", "of a comment", "of a side box", "a telephone number"],
)
def test_a_date_of_something_else_is_not_taken(markup: str) -> None:
    assert extract(markup, TRIPOLI).published is None


FETCHED = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


def on_page(number: int, ago: timedelta, origin: str = "page") -> RawArticle:
    return raw_article(
        number,
        published_at=FETCHED - ago,
        published_origin=origin,
        published_precision="second",
        fetched_at=FETCHED,
    )


@pytest.mark.parametrize(
    ("minutes", "is_clock"),
    [
        pytest.param((0.1, 0.5, 1), True, id="each shows the time at which it was fetched"),
        pytest.param((600, 600, 600), True, id="all show one time"),
        pytest.param((0.1, 0.5, 30), False, id="one is older"),
        pytest.param((0.1, 0.5), False, id="two may well be new"),
        pytest.param((30, 60, 90), False, id="dates of their own"),
    ],
)
def test_the_clock_of_a_site_is_no_date_of_publication(
    minutes: tuple[float, ...], is_clock: bool
) -> None:
    pages = [on_page(n, timedelta(minutes=ago)) for n, ago in enumerate(minutes)]
    of_feed = on_page(9, timedelta(0), "feed")
    *found, last = without_clocks([*pages, of_feed])
    assert [article.published_at is None for article in found] == [is_clock] * len(pages)
    assert last == of_feed
