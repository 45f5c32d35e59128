"""Listings and pages as sites make them, from which strange ones are made."""

import json

from services.ingest.core.sources import Kind
from tests.sitemaps import entry, index, sitemap

SENTENCES = (
    "عقد المجلس البلدي في سبها جلسة ناقش فيها أعضاؤه صيانة شبكة المياه قبل فصل الصيف المقبل.",
    "وقال عميد البلدية إن الأعمال تبدأ يوم الأحد وتستمر ستة أسابيع وفق الجدول الذي أقره المجلس.",
    "وأضاف أن الشركة المنفذة ستعمل ليلا حتى لا تتعطل حركة المرور في وسط المدينة وحول السوق.",
    "ودعا المجلس السكان إلى الإبلاغ عن أي انقطاع عبر الرقم المخصص لذلك طوال مدة العمل.",
)
TITLE = "بلدية سبها تبدأ صيانة شبكة المياه"


def _rss(encoding: str) -> str:
    items = "".join(
        f"<item><title>{TITLE} {n}</title><link>https://example.ly/news/{n}?id={n}&amp;p=1</link>"
        f'<guid isPermaLink="false">n{n}#1</guid><dc:creator>أسرة التحرير</dc:creator>'
        f"<pubDate>Sun, 22 Nov 2020 10:0{n}:00 +0200</pubDate><category>محليات</category>"
        f"<description>{SENTENCES[n]}&hellip;</description><content:encoded><![CDATA["
        f"<p>{SENTENCES[n]}</p><p>{SENTENCES[3 - n]}</p>]]></content:encoded></item>"
        for n in range(4)
    )
    return (
        f'<?xml version="1.0" encoding="{encoding}"?><rss version="2.0"'
        ' xmlns:content="http://purl.org/rss/1.0/modules/content/"'
        ' xmlns:sy="http://purl.org/rss/1.0/modules/syndication/"'
        ' xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>موقع</title><ttl>60</ttl>'
        f"<sy:updatePeriod>hourly</sy:updatePeriod>{items}</channel></rss>"
    )


_ATOM = (
    '<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://example.ly/">'
    + "".join(
        f'<entry><title type="html">&lt;b&gt;{TITLE}&lt;/b&gt; {n}</title><id>urn:n:{n}</id>'
        f"<updated>2020-11-22T10:0{n}:00Z</updated><published>2020-11-21T10:0{n}:00</published>"
        f'<link rel="self" href="self/{n}"/><link type="text/html" href="n/{n}"/>'
        f"<summary>{SENTENCES[0]}</summary><author><name>التحرير</name></author>"
        f'<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>{SENTENCES[n]}</p>'
        "</div></content></entry>"
        for n in range(4)
    )
    + "</feed>"
)
_RDF = (
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
    ' xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">'
    '<channel rdf:about="https://example.ly/"><title>موقع</title></channel>'
    + "".join(
        f'<item rdf:about="https://example.ly/{n}"><title>{TITLE} {n}</title>'
        f"<link>https://example.ly/{n}</link><dc:date>{n + 1} تشرين الثاني ٢٠٢٠</dc:date></item>"
        for n in range(4)
    )
    + "</rdf:RDF>"
)
_JSON = json.dumps(
    {
        "version": "https://jsonfeed.org/version/1.1",
        "items": [
            {
                "id": n,
                "url": f"/news/{n}",
                "title": TITLE,
                "content_html": f"<p>{SENTENCES[n]}</p>",
                "date_published": f"2020-11-22T10:0{n}:00+02:00",
                "authors": [{"name": "التحرير"}],
                "tags": ["محليات"],
            }
            for n in range(4)
        ],
    },
    ensure_ascii=False,
)
_NEWS = (
    "<news:news><news:title>خبر</news:title>"
    "<news:publication_date>2020-11-22</news:publication_date></news:news>"
)
_SITEMAP = sitemap(*(entry(n, f"2020-11-2{n}", _NEWS) for n in range(4)))
_INDEX = index(*((f"posts-{n}", f"<lastmod>2020-11-2{n}</lastmod>") for n in range(4)))
_LIST_PAGE = (
    '<!doctype html><html lang="ar"><head><meta charset="utf-8"><base href="https://example.ly/a/">'
    "</head><body><main>"
    + "".join(f'<article><h2><a href="{n}#top">{TITLE} {n}</a></h2></article>' for n in range(4))
    + '</main><footer><a href="/about">من نحن</a></footer></body></html>'
)

LISTINGS: tuple[tuple[Kind, bytes], ...] = (
    ("feed", _rss("utf-8").encode()),
    ("feed", _rss("windows-1256").encode("cp1256", "xmlcharrefreplace")),
    ("feed", _ATOM.encode()),
    ("feed", _ATOM.encode("utf-16")),
    ("feed", _RDF.encode()),
    ("feed", _JSON.encode()),
    ("sitemap", _SITEMAP.encode()),
    ("sitemap", _INDEX.encode()),
    ("listing", _LIST_PAGE.encode()),
)
"""Every kind that a source can be, with its bytes."""

_LINKED = json.dumps(
    {
        "@context": "https://schema.org",
        "@graph": [
            {"@type": "WebSite", "name": "موقع"},
            {
                "@type": ["NewsArticle"],
                "headline": TITLE,
                "datePublished": "2020-11-22T10:00:00+02:00",
                "author": [{"@type": "Person", "name": "مراسل"}],
                "image": {"url": "https://example.ly/1.jpg"},
            },
        ],
    },
    ensure_ascii=False,
)
_PARAGRAPHS = "".join(f"<p>{sentence}</p>" for sentence in SENTENCES)
_NEW_PAGE = f"""<!doctype html><html lang="ar" dir="rtl"><head><meta charset="utf-8">
<title>{TITLE} | موقع</title><link rel="canonical" href="https://example.ly/news/1">
<meta property="og:title" content="{TITLE}"><meta property="article:section" content="محليات">
<meta property="og:image" content="https://example.ly/1.jpg">
<script type="application/ld+json">{_LINKED}</script></head><body>
<header><nav><ul><li><a href="/">الرئيسية</a></li><li><a href="/ly">ليبيا</a></li></ul></nav>
</header><main><article><h1>{TITLE}</h1><time datetime="2020-11-22">الأحد</time>
<div class="share"><a href="#">فيسبوك</a></div>{_PARAGRAPHS}<p>مقالات ذات صلة</p>
<ul><li><a href="/2">خبر آخر عن المدينة</a></li></ul></article><aside><h3>الأكثر قراءة</h3></aside>
</main><footer><p>جميع الحقوق محفوظة</p></footer></body></html>"""
_OLD_PAGE = f"""<html><head>
<meta http-equiv="Content-Type" content="text/html; charset=windows-1256">
<title>{TITLE}</title></head><body><table width="100%"><tr><td><a href="/">الرئيسية</a></td></tr>
<tr><td><font size="4">{TITLE}</font><span class="date">٢٢ تشرين الثاني ٢٠٢٠</span></td></tr>
<tr><td>{"<br><br>".join(SENTENCES)}</td></tr></table></body></html>"""
_BOXES = f"""<html><head><title>{TITLE}</title></head><body><div id="wrap"><h2>{TITLE}</h2>
<div class="meta">نشر في 22 نوفمبر 2020 الساعة 10:00</div><blockquote>{SENTENCES[0]}</blockquote>
{"".join(f"<div>{sentence}</div>" for sentence in SENTENCES)}<table><tr><th>المدينة</th></tr>
<tr><td>سبها</td></tr></table></div><noscript>فعّل جافاسكريبت</noscript></body></html>"""
_WALL = """<html><head><title>Just a moment...</title></head><body><noscript>Enable JavaScript
and cookies to continue</noscript><form><input name="a"></form></body></html>"""

PAGES: tuple[bytes, ...] = (
    _NEW_PAGE.encode(),
    _OLD_PAGE.encode("cp1256", "xmlcharrefreplace"),
    _BOXES.encode(),
    _BOXES.encode("utf-16"),
    _WALL.encode(),
)
