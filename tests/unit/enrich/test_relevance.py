"""How much an article concerns Libya, why, and what becomes of those that do not."""

from datetime import UTC, datetime

import pytest

from services.contract.wire import encode
from services.enrich.core.relevance import CONCERNS_LIBYA
from services.enrich.enrichment import Models, enrich
from services.enrich.handling import Enriched, Skipped, handle
from tests.support import raw_article

NOW = datetime(2020, 11, 25, 12, tzinfo=UTC)

CONCERN = {
    "its capital": ("اجتماع في طرابلس", "عقد الاجتماع في طرابلس بحضور وفد من بنغازي."),
    "a body of its": ("مباحثات", "التقى رئيس مجلس النواب الليبي وفدا من مصر وتونس."),
    "in English": ("Talks in Libya", "Diplomats from Egypt, Italy and France met in Tripoli."),
    "in French": ("La Libye et la Tunisie", "Les deux pays rouvrent le passage de Ras Jedir."),
    "in Turkish": ("Libya'da seçim", "Türkiye ve Libya arasında Trablus'ta görüşme yapıldı."),
}  # fmt: skip
DO_NOT = {
    "abroad": ("قمة في القاهرة", "اجتمع وزراء مصر والأردن في القاهرة وبحثوا ملف السودان وسوريا."),
    "Libya in passing": (
        "أسعار النفط",
        "ارتفعت الأسعار في لندن بعد قرار السعودية وروسيا، وزاد إنتاج ليبيا والعراق وإيران.",
    ),
    "the Tripoli of Lebanon": ("حريق في طرابلس", "قالت بيروت إن الجيش في لبنان وصل إلى طرابلس."),
    "nothing": ("Stock markets", "Shares rose in London and New York on Monday."),
}  # fmt: skip


def score(title: str, text: str, models: Models) -> float:
    return enrich(raw_article(title=title, text=text), models, NOW, "rasid 0").libya.score


@pytest.mark.parametrize(("title", "text"), CONCERN.values(), ids=CONCERN.keys())
def test_what_concerns_libya_is_above_the_threshold(title: str, text: str, models: Models) -> None:
    assert score(title, text, models) >= CONCERNS_LIBYA


@pytest.mark.parametrize(("title", "text"), DO_NOT.values(), ids=DO_NOT.keys())
def test_what_does_not_is_below(title: str, text: str, models: Models) -> None:
    assert score(title, text, models) < CONCERNS_LIBYA


def test_the_reasons_name_both_sides(models: Models) -> None:
    title, text = CONCERN["a body of its"]
    reasons = enrich(raw_article(title=title, text=text), models, NOW, "rasid 0").libya.reasons
    assert reasons[0] == "org:house-of-representatives ×1"
    assert reasons[-1] == "names of other countries ×2"


@pytest.mark.parametrize(("scope", "skipped"), [("world", True), ("libya", False), (None, False)])
def test_only_sources_of_the_world_have_articles_skipped(
    scope: str | None, skipped: bool, models: Models
) -> None:
    title, text = DO_NOT["abroad"]
    article = raw_article(title=title, text=text, source_scope=scope)
    outcome = handle(encode(article), models, NOW, "rasid 0")
    assert isinstance(outcome, Skipped if skipped else Enriched)


def test_an_article_of_the_world_about_libya_goes_on(models: Models) -> None:
    title, text = CONCERN["in English"]
    article = raw_article(title=title, text=text, source_scope="world")
    assert isinstance(handle(encode(article), models, NOW, "rasid 0"), Enriched)
