"""A page that keeps the article from us is recognised; a brief about such things is not one."""

from zoneinfo import ZoneInfo

import pytest

from services.ingest.core.extract import extract

TRIPOLI = ZoneInfo("Africa/Tripoli")


def page(title: str, body: str, head: str = "") -> str:
    return f"<html><head><title>{title}</title>{head}</head><body>{body}</body></html>"


@pytest.mark.parametrize(
    ("wall", "markup"),
    [
        ("challenge", page("Just a moment...", "<h1>example.ly</h1><p>Wait for the check.</p>")),
        ("challenge", page("", "<p>Verify you are human by completing the action below.</p>")),
        ("challenge", page("لحظة من فضلك...", "<p>جار التحقق قبل المتابعة.</p>")),
        ("challenge", page("موقع", "<div><p>الرجاء التأكد: أثبت أنك لست روبوتًا</p></div>")),
        ("challenge", page("Un instant…", "<p>Vérification de votre connexion.</p>")),
        ("challenge", page("Accueil", "<p>Vérifiez que vous êtes humain pour continuer.</p>")),
        ("javascript", page("App", "<div id='root'></div><noscript>Enable JavaScript</noscript>")),
        ("javascript", page("موقع", "<p>يرجى تفعيل الجافا سكريبت في المتصفح.</p>")),
        ("javascript", page("Site", "<p>Veuillez activer JavaScript pour voir la page.</p>")),
        ("consent", page("Site", "<p>We value your privacy. Choose what we may store.</p>")),
        ("consent", page("موقع", "<p>نستخدم ملفات تعريف الارتباط لتحسين تجربتك هنا.</p>")),
        ("consent", page("Site", "<p>Nous et nos partenaires stockons des informations.</p>")),
        ("denied", page("Access Denied", "<p>You cannot see this.</p>")),
        ("denied", page("تم رفض الوصول", "<p>راجع مدير الموقع.</p>")),
        ("denied", page("Accès refusé", "<p>Contactez nous.</p>")),
    ],
)
def test_a_wall_is_no_article(wall: str, markup: str) -> None:
    found = extract(markup, TRIPOLI)
    assert (found.wall, found.text) == (wall, "")


ARTICLE = '<script type="application/ld+json">{"@type": "NewsArticle"}</script>'
PROSE = "ناقش المشاركون في الندوة أثر القرارات الجديدة على عمل المواقع الإخبارية في البلاد."


LONG = "".join(f"<p>{number}. {PROSE}</p>" for number in range(20))


@pytest.mark.parametrize(
    "markup",
    [
        page("حظر تجول في سرت", "<article><p>عاجل: تم حظر التجول في سرت مساء اليوم.</p></article>"),
        page("Bots", "<p>How to tell you are not a robot.</p>" + LONG),
        page(
            "خبر", f"<article><p>نستخدم ملفات تعريف الارتباط.</p><p>{PROSE}</p></article>", ARTICLE
        ),
        page("خبر", f"<noscript>Enable JavaScript</noscript><article><p>{PROSE}</p></article>"),
    ],
    ids=["a ban in the news", "a long text about robots", "says it is an article", "a plea unseen"],
)
def test_an_article_is_no_wall(markup: str) -> None:
    found = extract(markup, TRIPOLI)
    assert found.wall is None
    assert found.text
