"""The languages of an article. The sentences were written for this test."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.contract.articles import Language
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
    "pt": "A câmara municipal reuniu-se na segunda-feira para falar das estradas",
    "nl": "De gemeenteraad kwam maandag bijeen om over wegen en scholen te praten",
    "mt": "Il-kunsill lokali ltaqa' nhar it-Tnejn biex jitkellem dwar it-toroq u l-iskejjel",
    "ku": "Meclîsa bajêr roja duşemê civiya da ku li ser rê û dibistanan biaxive",
    "ber": "Asqamu n temdint yemlal ass n letnayen i wakken ad d-yemmeslay ɣef yiberdan",
    "ar-Latn": "el baladiya ejtam3et lyoum bach ne7kiw 3la tri9 w el madares 9bal el shta",
    "am": "የከተማው ምክር ቤት ሰኞ ተሰበሰበ",
    "zh": "市议会星期一开会讨论冬季之前的道路和学校问题",
    "zgh": "ⴰⵣⵓⵍ ⴼⵍⵍⴰⵡⵏ",
    "und": "2020 — 15:30 … 100%",
}


SCRIPTS = {
    **dict.fromkeys(["ar", "fa", "ur", "ckb"], "Arab"),
    "ru": "Cyrl",
    "el": "Grek",
    "he": "Hebr",
    "am": "Ethi",
    "zgh": "Tfng",
    "zh": "Hani",
    "und": None,
}
ARABIC = f"{SENTENCES['ar']}.\n" * 4


def told(models: Models, text: str = "", title: str = "", hint: str | None = None) -> Language:
    return identify_language(title, text, hint, models.languages)


@pytest.mark.parametrize(("tag", "text"), SENTENCES.items(), ids=SENTENCES.keys())
def test_a_sentence_is_told_by_itself(tag: str, text: str, models: Models) -> None:
    language = told(models, text)
    assert (language.tag, language.script) == (tag, SCRIPTS.get(tag, "Latn"))
    assert (language.confidence > 0.5) == (tag != "und")
    assert language.others == {}


@pytest.mark.parametrize(("tag", "text"), SENTENCES.items(), ids=SENTENCES.keys())
def test_a_title_is_told_apart_from_its_text(tag: str, text: str, models: Models) -> None:
    language = told(models, ARABIC, title=text)
    assert language.title
    assert (language.tag, language.title.tag) == ("ar", tag)
    assert language.title.script == SCRIPTS.get(tag, "Latn")


def test_an_article_without_text_is_told_by_its_title(models: Models) -> None:
    language = told(models, "…", title=SENTENCES["ar"])
    assert (language.tag, language.script, language.others) == ("ar", "Arab", {})


def test_an_english_name_in_an_arabic_text_changes_nothing(models: Models) -> None:
    language = told(models, f"{SENTENCES['ar']} (United Nations Support Mission)")
    assert (language.tag, language.others) == ("ar", {})


@pytest.mark.parametrize("tag", ["fr", "en", "it", "tr", "ru", "ku", "zgh"])
def test_a_quotation_in_another_language_has_its_share(tag: str, models: Models) -> None:
    quoted = SENTENCES["zgh"] * 5 if tag == "zgh" else SENTENCES[tag]
    language = told(models, f"{ARABIC} «{quoted}» {ARABIC}")
    assert language.tag == "ar"
    assert language.others
    assert set(language.others) == {tag}
    share = len(quoted) / (len(quoted) + 2 * len(ARABIC))
    assert language.others[tag] == pytest.approx(share, abs=0.03)


def test_a_quotation_in_the_same_letters_has_its_share(models: Models) -> None:
    text = f"{SENTENCES['en']}.\n" * 3 + f"“{SENTENCES['fr']}”.\n" + f"{SENTENCES['en']}.\n" * 3
    language = told(models, text)
    assert language.tag == "en"
    assert language.others == {"fr": pytest.approx(1 / 7, abs=0.03)}


def test_names_in_an_english_text_are_no_language(models: Models) -> None:
    names = "Mohamed al-Menfi, Abdullah al-Lafi, Musa al-Koni and Abdulhamid al-Dabaiba. "
    language = told(models, names + SENTENCES["en"])
    assert (language.tag, language.others) == ("en", {})


def test_the_hint_decides_only_what_is_open(models: Models) -> None:
    assert told(models, SENTENCES["fr"], hint="it").tag == "fr"
    assert told(models, "ok", hint="tr").tag == "tr"
    assert told(models, "ok", hint="ar").tag != "ar"


def test_a_title_that_could_be_either_is_in_the_language_of_its_article(models: Models) -> None:
    for tag in ("ar", "fa", "ur"):
        title = told(models, SENTENCES[tag], title="انتخابات").title
        assert title
        assert title.tag == tag


@pytest.mark.parametrize(
    ("tag", "text"),
    [
        ("ar", "الڤيديو الجديد في الچات"),  # letters that Arabic borrowed
        ("ar", "عاجل"),
        ("ar", "السلام عليكم"),
        ("ar", "شنوة أحوالك يا خويا برشا باهي اليوم"),
        ("fa", "سلام دوستان خوبم"),
        ("fa", "تهران"),
        ("ur", "پاکستان میں بارش"),
        ("ckb", "هەواڵ"),
        ("en", "G7, G20 and COVID19: 3D maps of the 21st Airbus A320"),
        ("pl", "Prezydent spotkał się w poniedziałek z przedstawicielami rządu w stolicy kraju"),
        ("uk", "Президент зустрівся в понеділок з представниками уряду, щоб обговорити мир"),
    ],
)
def test_what_is_easily_mistaken(tag: str, text: str, models: Models) -> None:
    assert told(models, text).tag == tag


@given(title=st.text(max_size=50), text=st.text(max_size=200), hint=st.none() | st.text())
def test_any_strings_have_a_language_or_none(
    title: str, text: str, hint: str | None, models: Models
) -> None:
    language = told(models, text, title, hint)
    assert 0 <= language.confidence <= 1
    assert language.others is not None
    assert sum(language.others.values()) <= 0.5 + 1e-9 or len(language.others) > 1
    assert (language.tag == "und") == (language.confidence == 0)
    assert language.tag == "und" or any(character.isalpha() for character in title + text)


@given(text=st.text(st.sampled_from("ab3ħ ةیک 'ێя中ⴰ.«\n7-"), max_size=400))
def test_any_mixture_of_scripts_has_a_language_or_none(text: str, models: Models) -> None:
    assert told(models, text).script in {None, *SCRIPTS.values(), "Latn"}


@pytest.mark.slow
@pytest.mark.parametrize(
    "piece",
    [
        "a",
        "ا",
        "1",
        "\n",
        "a ",
        "a1",
        "aا",
        ". a",
        "-'",
        "ħ ",
        "中",
        "7a",
        "\u064b",
        "a" + 999 * " ",
    ],
)
def test_time_is_linear_in_the_length(piece: str, models: Models) -> None:
    def seconds(length: int) -> float:
        text = piece * (length // len(piece))
        begin = time.process_time()
        told(models, text, title=text)
        return time.process_time() - begin

    assert min(seconds(200_000) for _ in range(2)) < 5 * seconds(100_000) + 0.1
