"""The article on a page: its text and nothing else, and what the markup says about it."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.core.boilerplate import without_boilerplate
from services.ingest.core.charset import decode
from services.ingest.core.extract import EMPTY, extract, html_to_text

TRIPOLI = ZoneInfo("Africa/Tripoli")
FIRST = "عقد المجلس البلدي في طرابلس جلسة عادية ناقش فيها أعضاؤه خطة صيانة الطرق قبل موسم الأمطار."
SECOND = "وقال المتحدث باسم البلدية إن الأعمال تبدأ الأحد المقبل وتستمر ثلاثة أسابيع وفق الجدول."
THIRD = "ودعا المجلس الأهالي إلى التعاون مع فرق العمل وتجنب الوقوف في الشوارع المشمولة بالصيانة."
RELATED = ("افتتاح معرض الكتاب في بنغازي", "مباراة ودية في مصراتة غدا")
PAGE = """<!doctype html><html lang="ar" dir="rtl"><head><meta charset="utf-8">
<title>بلدية طرابلس تبدأ صيانة الطرق | موقع تجريبي</title>
<link rel="canonical" href="https://example.ly/news/1">
<meta property="og:title" content="بلدية طرابلس تبدأ صيانة الطرق">
<meta property="og:image" content="https://example.ly/1.jpg">
<meta property="article:section" content="محليات">
<meta property="article:published_time" content="2020-11-22T10:00:00+02:00">
<meta property="article:modified_time" content="2020-11-22T12:00:00">
{head}</head><body>
<header><nav><ul><li><a href="/">الرئيسية</a></li><li><a href="/ly">ليبيا</a></li>
<li><a href="/sport">رياضة</a></li></ul></nav></header>
<main><article><h1>بلدية طرابلس تبدأ صيانة الطرق</h1>
<div class="share"><a href="#">فيسبوك</a> <a href="#">تويتر</a> <a href="#">واتساب</a></div>
<div class="entry-content"><p>{first}</p><p>{second}</p>
<p>Total 0 مشاركة</p><p><strong>اقرأ أيضا: <a href="/2">{related0}</a></strong></p>
<p>{third}</p>
{tail}</div></article>
<aside class="sidebar"><h3>الأكثر قراءة</h3><ul><li><a href="/3">{related1}</a></li></ul></aside>
</main>
<footer><p>جميع الحقوق محفوظة 2020</p></footer></body></html>"""
HEADLINES = '<a href="/2">{0}</a>', '<a href="/3">{1}</a>'
AS_PARAGRAPHS = "".join(f"<p>{headline}</p>" for headline in HEADLINES)
AS_LIST = "".join(f"<li>{headline}</li>" for headline in HEADLINES)
TAILS = {
    "a list": f"<h3>مقالات ذات صلة</h3><ul>{AS_LIST}</ul>",
    "paragraphs": "<p>مقالات ذات صلة</p><p>{0}</p><p>{1}</p>",
    "a box by class": f'<div class="related-posts"><h4>ذات صلة</h4>{" ".join(HEADLINES)}</div>',
    "with a colon": f"<p><b>مواضيع ذات صلة:</b></p>{AS_PARAGRAPHS}",
    "read also alone": f"<p>اقرأ أيضاً</p>{AS_PARAGRAPHS}",
    "what may interest you": "<p>مواضيع قد تهمك</p><p>{0}!</p><p>{1}</p>",
    "what is seen most": "<h3>الأكثر مشاهدة</h3><p>{0}</p><p>{1}</p>",
    "more stories": f"<p>More stories</p>{AS_PARAGRAPHS}",
    "read also of a subject": '<p>اقرأ أيضا عن طرابلس: <a href="/2">{0}</a></p>',
    "counts": "<p>0 تعليقات</p><p>المشاركات: 5</p><p>1,204 مشاهدة</p><p>انسخ الرابط</p>",
}


def page(tail: str = "", head: str = "") -> str:
    return PAGE.format(
        first=FIRST,
        second=SECOND,
        third=THIRD,
        related0=RELATED[0],
        related1=RELATED[1],
        tail=tail.format(*RELATED),
        head=head,
    )


@pytest.mark.parametrize("tail", ["", *TAILS.values()], ids=["none", *TAILS])
def test_the_text_is_the_article_alone(tail: str) -> None:
    assert extract(page(tail), TRIPOLI).text.split("\n") == [FIRST, SECOND, THIRD]


def test_the_markup_says_what_it_is_about() -> None:
    article = extract(page(), TRIPOLI)
    assert article.title == "بلدية طرابلس تبدأ صيانة الطرق"
    assert article.canonical_link == "https://example.ly/news/1"
    assert article.image_url == "https://example.ly/1.jpg"
    assert article.section == "محليات"
    assert article.published is not None
    assert article.published.at == datetime(2020, 11, 22, 8, tzinfo=UTC)
    assert article.modified is not None
    assert article.modified.at == datetime(2020, 11, 22, 10, tzinfo=UTC)  # in the source's zone


@pytest.mark.parametrize(
    "linked",
    [
        '{"@type": "NewsArticle", %s}',
        '{"@context": "x", "@graph": [{"@type": "WebSite"}, {"@type": ["NewsArticle"], %s}]}',
        '[{"@type": "BreadcrumbList"}, {"@type": "ReportageNewsArticle", %s}]',
    ],
    ids=["alone", "graph", "list"],
)
def test_json_ld_comes_before_meta(linked: str) -> None:
    facts = (
        '"headline": "عنوان آخر", "datePublished": "2020-11-20T09:00:00+02:00",'
        ' "author": [{"@type": "Person", "name": "أسرة التحرير"}], "articleSection": ["اقتصاد"]'
    )
    script = f'<script type="application/ld+json">{linked % facts}</script>'
    article = extract(page(head=script), TRIPOLI)
    assert (article.title, article.byline, article.section) == (
        "عنوان آخر",
        "أسرة التحرير",
        "اقتصاد",
    )
    assert article.published is not None
    assert article.published.at == datetime(2020, 11, 20, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    "content", ["{", "[" * 100_000, '{"@type": "NewsArticle", "headline": 5, "author": {}}', "null"]
)
def test_bad_json_ld_is_passed_over(content: str) -> None:
    script = f'<script type="application/ld+json">{content}</script>'
    assert extract(page(head=script), TRIPOLI).title == "بلدية طرابلس تبدأ صيانة الطرق"


def test_a_time_element_dates_a_page_without_metadata() -> None:
    body = f'<h1>خبر</h1><time datetime="2020-11-22">أمس</time><p>{FIRST}</p>'
    article = extract(f"<html><body><article>{body}</article></body></html>", TRIPOLI)
    assert article.published is not None
    assert article.published.precision == "day"


@pytest.mark.parametrize("length", [40, 60, 90, 260], ids=str)
def test_a_brief_is_kept_and_its_menus_are_not(length: int) -> None:
    brief = ("عاجل: افتتاح معرض طرابلس الدولي للكتاب مساء اليوم " * 8)[:length].strip()
    markup = f"""<html><head><title>عاجل | موقع</title></head><body>
        <header>موقع</header><nav><ul><li><a href="/">الرئيسية</a></li></ul></nav>
        <div class="crumbs"><a href="/">الرئيسية</a></div>
        <article><h1>عاجل</h1><p>{brief}</p></article><footer>جميع الحقوق محفوظة</footer>
        </body></html>"""
    assert extract(markup, TRIPOLI).text == brief


@pytest.mark.parametrize("separator", ["<br><br>", "<br/> <br/>", "<br>"], ids=repr)
@pytest.mark.parametrize("element", ["div", "td", "span"])
def test_line_breaks_separate_paragraphs_too(element: str, separator: str) -> None:
    text = separator.join([FIRST, f"<b>{SECOND}</b>", THIRD])
    cell = f"<{element} class='story'>{text}</{element}>"
    if element == "td":
        cell = f"<table><tr>{cell}</tr></table>"
    markup = f"""<html><head><title>خبر</title></head><body>
        <div id="menu"><ul><li><a href="/">الرئيسية</a></li><li><a href="/2">فن</a></li></ul></div>
        <div><div>خبر</div>{cell}<div>طباعة<br>فيسبوك<br>تويتر</div></div>
        <div>الأكثر قراءة<br><a href="/2">{RELATED[0]}</a><br><a href="/3">{RELATED[1]}</a></div>
        </body></html>"""
    assert extract(markup, TRIPOLI).text.split("\n") == [FIRST, SECOND, THIRD]


@pytest.mark.parametrize(
    "markup", ["", " ", "\0", "<!-- -->", "<html></html>", "<?xml version='1.0' encoding='x'?>"]
)
def test_a_page_with_nothing_on_it_is_empty(markup: str) -> None:
    assert extract(markup, TRIPOLI).text == EMPTY.text


@pytest.mark.parametrize(
    "markup",
    ["<div>" * 100_000, "<p>\ud800نص</p>", "<p>a\0b</p>", "<a " * 10_000, "نص بلا وسوم", "<"],
)
def test_nothing_on_a_page_makes_it_fail(markup: str) -> None:
    extract(markup, TRIPOLI).text.encode()


def test_a_row_of_a_table_is_a_line_of_its_words() -> None:
    head = "<tr><th>المدينة</th><th>المطر</th></tr>"
    table = f"<table>{head}<tr><td>طرابلس</td><td>74 ملم</td></tr></table>"
    lines = extract(page(table), TRIPOLI).text.split("\n")
    assert lines == [FIRST, SECOND, THIRD, "المدينة المطر", "طرابلس 74 ملم"]


def test_the_text_of_a_feed_has_a_block_a_line() -> None:
    fragment = f"<p>{FIRST}</p><p>{SECOND}<br>سطر</p><script>x()</script><ul><li>بند</li></ul>"
    assert html_to_text(fragment).split("\n") == [FIRST, SECOND, "سطر", "بند"]
    assert html_to_text("نص بلا وسوم &amp; غيره") == "نص بلا وسوم & غيره"
    assert html_to_text("") == ""


@pytest.mark.parametrize(
    ("lines", "kept"),
    [
        ([FIRST, "مقالات ذات صلة", *RELATED], [FIRST]),
        ([FIRST, "مَقالات ذات صِلَة :", *RELATED, SECOND[:60] + "."], [FIRST]),
        (["مقالات ذات صلة", *RELATED, FIRST, SECOND], [FIRST, SECOND]),
        ([FIRST, "اقرأ أيضا", RELATED[0], SECOND], [FIRST, SECOND]),
        ([FIRST, "إقرأ أيضاً: " + RELATED[0], SECOND], [FIRST, SECOND]),
        ([FIRST, "شارك", "Facebook", "Twitter WhatsApp", "12 Shares"], [FIRST]),
        ([FIRST, "مشاركة 0 تغريدة 0", "1.2K Shares", "0 تعليقات", "انسخ الرابط"], [FIRST]),
        ([FIRST, "1,204 مشاهدة", "قد تهمك", *RELATED], [FIRST]),
        ([FIRST, "شارك الوزير في الاجتماع"], [FIRST, "شارك الوزير في الاجتماع"]),
        (["فيسبوك تعلن إغلاق حسابات", FIRST], ["فيسبوك تعلن إغلاق حسابات", FIRST]),
        ([FIRST, "تطورات الموقف", SECOND], [FIRST, "تطورات الموقف", SECOND]),
        (["Text of it.", "Related articles", "One", "Two"], ["Text of it."]),
        (["Texte.", "À lire aussi : Un titre", "Suite."], ["Texte.", "Suite."]),
        ([FIRST, "الأكثر مشاهدة", *RELATED, SECOND], [FIRST, SECOND]),
        ([FIRST, "اقرأ أيضا", "هل تعود الكهرباء غدا؟", *RELATED, SECOND], [FIRST, SECOND]),
        ([FIRST, "اقرأ أيضا", *RELATED, "فمن المسؤول؟"], [FIRST, "فمن المسؤول؟"]),
        ([FIRST, "آخر الأخبار", SECOND, THIRD], [FIRST, SECOND, THIRD]),
    ],
    ids=[
        "related to the end",
        "spelled otherwise",
        "box at the top",
        "read also with a headline below",
        "read also with a headline beside",
        "share bar",
        "counts",
        "views, and what may interest you",
        "a sentence with share in it",
        "a sentence about Facebook",
        "a subheading",
        "English",
        "French",
        "most seen",
        "a headline that asks",
        "an article that asks",
        "a heading that may be the article's",
    ],
)
def test_lines_that_are_not_the_article_go(lines: list[str], kept: list[str]) -> None:
    assert without_boilerplate(lines) == kept


@pytest.mark.parametrize("heading", ["اقرأ أيضا", "آخر الأخبار", "قد تهمك", "More stories"])
@pytest.mark.parametrize("end", ["", "!", ".", "؟"])
def test_linked_headlines_below_a_heading_of_a_feeds_text_go_however_they_end(
    heading: str, end: str
) -> None:
    linked = "".join(f'<p><a href="/2">{headline}{end}</a></p>' for headline in RELATED)
    fragment = f"<p>{FIRST}</p><p>{SECOND}</p><p>{heading}</p>{linked}"
    assert html_to_text(fragment).split("\n") == [FIRST, SECOND]
    if heading != "قد تهمك":  # of related stories: that is where the article ends
        assert html_to_text(f"{fragment}<p>{THIRD}</p>").split("\n") == [FIRST, SECOND, THIRD]


def test_a_linked_sentence_of_a_feeds_text_stays() -> None:
    fragment = f'<p>{FIRST}</p><p>اقرأ أيضا</p><p>{SECOND}</p><p><a href="/2">{THIRD}</a></p>'
    assert html_to_text(fragment).split("\n") == [FIRST, SECOND, THIRD]


TAGS = ("p", "div", "table", "tr", "td", "ul", "li", "br", "h1", "article", "form", "blockquote")


@pytest.mark.parametrize(
    "number", ["&#31;", "&#1", "&#x0B;", "&#xfffe;", "&#65535;", "\x1f", "&#0;"]
)
def test_a_control_character_is_no_text(number: str) -> None:
    assert html_to_text(f"<br>{number} x").removeprefix("\ufffd ") == "x"
    markup = f"<div>{FIRST}<br><br>{number} {SECOND}</div>"
    assert extract(markup, TRIPOLI).text.replace("\ufffd ", "").split("\n") == [FIRST, SECOND]


MARKUP = st.lists(
    st.sampled_from([f"<{slash}{tag}>" for tag in TAGS for slash in ("", "/")])
    | st.sampled_from(
        [
            FIRST,
            "اقرأ أيضا",
            "&#31;",
            "&#xFFFE;",
            "&#xD800;",
            "<!--",
            '<script type="application/ld+json">{"@graph":',
        ]
    )
    | st.text(max_size=20),
    max_size=60,
)


@pytest.mark.slow
@given(MARKUP.map("".join) | st.binary(max_size=300).map(lambda body: decode(body, *[None] * 3)[0]))
def test_no_markup_makes_it_fail(markup: str) -> None:
    extract(markup, TRIPOLI).text.encode()
    html_to_text(markup).encode()
