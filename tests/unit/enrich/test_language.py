"""The language of a text. The sentences were written for this test."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.enrich.core.language import identify_language
from services.enrich.enrichment import Models

SENTENCES = {
    "ar": "اجتمع المجلس البلدي في مدينة نالوت لبحث صيانة الطرق والمدارس قبل الشتاء",
    "fa": "شهردار تهران گفت که خیابان‌های شهر پیش از زمستان تعمیر خواهند شد",
    "ur": "میئر نے کہا ہے کہ شہر کی سڑکوں کی مرمت سردیوں سے پہلے مکمل ہو جائے گی",
    "ckb": "سەرۆکی شارەوانی گوتی کە شەقامەکانی شار پێش زستان چاک دەکرێنەوە",
    "en": "The town council met on Monday to talk about roads and schools before winter",
    "fr": "Le conseil municipal s'est réuni lundi pour parler des routes et des écoles",
    "it": "Il consiglio comunale si è riunito lunedì per parlare delle strade e delle scuole",
    "tr": "Belediye meclisi kış gelmeden yolları ve okulları görüşmek için pazartesi toplandı",
    "ru": "Городской совет собрался в понедельник, чтобы обсудить дороги и школы",
    "de": "Der Stadtrat traf sich am Montag, um vor dem Winter über Straßen zu sprechen",
    "es": "El ayuntamiento se reunió el lunes para hablar de las carreteras y las escuelas",
    "el": "Το δημοτικό συμβούλιο συνεδρίασε τη Δευτέρα για τους δρόμους",
    "he": "מועצת העיר התכנסה ביום שני כדי לדון בכבישים ובבתי הספר",
    "zgh": "ⴰⵣⵓⵍ ⴼⵍⵍⴰⵡⵏ",
    "und": "2020 — 15:30 … 100%",
}


@pytest.mark.parametrize(("tag", "text"), SENTENCES.items(), ids=SENTENCES.keys())
def test_a_sentence_is_told_by_itself(tag: str, text: str, models: Models) -> None:
    language = identify_language("", text, None, models.languages)
    assert language.tag == tag
    assert (language.confidence > 0.5) == (tag != "und")


def test_an_article_without_text_is_told_by_its_title(models: Models) -> None:
    assert identify_language(SENTENCES["ar"], "…", None, models.languages).tag == "ar"


def test_an_english_name_in_an_arabic_text_changes_nothing(models: Models) -> None:
    text = f"{SENTENCES['ar']} (United Nations Support Mission)"
    assert identify_language("", text, None, models.languages).tag == "ar"


def test_the_hint_decides_only_what_is_open(models: Models) -> None:
    assert identify_language("", SENTENCES["fr"], "it", models.languages).tag == "fr"
    assert identify_language("", "ok", "tr", models.languages).tag == "tr"
    assert identify_language("", "ok", "ar", models.languages).tag != "ar"


@given(text=st.text(max_size=200))
def test_any_string_has_a_language_or_none(text: str, models: Models) -> None:
    language = identify_language("", text, None, models.languages)
    assert 0 <= language.confidence <= 1
    assert language.tag == "und" or any(character.isalpha() for character in text)
