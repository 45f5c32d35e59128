"""Names that the words around them give away, and who wins where they overlap known ones."""

from collections.abc import Iterable
from pathlib import Path

import pytest

from services.enrich.core.arabic_names import name_arabic
from services.enrich.core.normalise import normalise
from services.enrich.enrichment import Models

ARTICLES = sorted((Path(__file__).parents[3] / "deploy/demo/articles").glob("*.md"))
LETTERS = "بتجحدرزسشصضطعغقكمنهي"


def named(text: str, models: Models, title: str = "") -> list[str]:
    """Return what is named: the id of what is known, the type of what is not, and the mention."""
    found = name_arabic(
        text,
        normalise(text),
        normalise(title),
        models.names,
        models.tagger,
        models.patterns,
    )
    mentions = [
        (at.start, f"{sighting.entity.id} {at.text}")
        for sighting in found.known
        for at in sighting.mentions
    ]
    mentions += [
        (at.start, f"{entity.type} {at.text}") for entity in found.unknown for at in entity.mentions
    ]
    return [mention for _, mention in sorted(mentions)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("وقال النقيب يوشع العزابي إن الطريق مغلق.", "PER يوشع العزابي"),
        ("وصلت الدكتورة سعاد بوحليقة أمس.", "PER سعاد بوحليقة"),
        ("أكد عضو اللجنة عبد السلام قريرة ذلك.", "PER عبد السلام قريرة"),
        ("التقى مدير المصفاة خليفة الورشفاني العمال.", "PER خليفة الورشفاني"),
        (
            "قالت رئيسة الفريق هدى عبد العاطي وزميلها سالم الورفلي.",
            "PER هدى عبد العاطي|PER سالم الورفلي",
        ),
        ("وقف الناس على ذمة الطريق.", ""),
        ("وأضاف أن أمل الناس كبير، وفتح الطريق.", ""),
    ],
    ids=["a rank", "a woman", "a member", "a title further off", "two", "on", "words"],
)
def test_a_title_or_a_given_name_gives_a_person_away(
    text: str, expected: str, models: Models
) -> None:
    assert "|".join(named(text, models)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("أعلنت نقابة المعلمين إضرابا.", "ORG نقابة المعلمين"),
        ("قالت مصلحة الأملاك والمخازن ذلك أمس.", "ORG مصلحة الأملاك والمخازن"),
        ("نقل إلى مستشفى مصراتة المركزي ليلا.", "ORG مستشفى مصراتة المركزي"),
        ("انتشرت الكتيبة 733 مشاة هناك.", "ORG الكتيبة 733 مشاة"),
        ("درس في مدرسة شهداء يناير سنة.", "ORG مدرسة شهداء يناير"),
        (
            "رحب المركز الليبي للأعمال المتعلقة بالألغام بذلك.",
            "ORG المركز الليبي للأعمال المتعلقة بالألغام",
        ),
        ("زار مدير الشركة غرفة العمليات ومكتب الإدارة.", ""),
    ],
    ids=["a noun", "two nouns", "a place", "a number", "martyrs", "whose it is", "words"],
)
def test_the_word_for_its_kind_gives_a_body_away(text: str, expected: str, models: Models) -> None:
    assert "|".join(named(text, models)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("قالت زينب القذافي ذلك لمحمد حفتر العبيدي.", "PER زينب القذافي|PER محمد حفتر العبيدي"),
        ("وصل المشير خليفة أبو القاسم حفتر.", "person:khalifa-haftar خليفة أبو القاسم حفتر"),
        (
            "قال الصديق الكبير ذلك. وأضاف الكبير أن الدولار الكبير الفئة نادر.",
            "person:sadiq-kabir الصديق الكبير|person:sadiq-kabir الكبير",
        ),
        (
            "زارت آنا ليندستروم المدينة. وأوضحت ليندستروم أنها راضية.",
            "PER آنا ليندستروم|PER ليندستروم",
        ),
        (
            "قال عمران ضو القذافي ذلك. وأنكر القذافي التهم.",
            "PER عمران ضو القذافي|PER القذافي",
        ),
        (
            "قال الدبيبة ذلك، وحضر سالم الدبيبة. وأضاف الدبيبة أنه راض.",
            "person:abdul-hamid-dbeibah الدبيبة|PER سالم الدبيبة"
            "|person:abdul-hamid-dbeibah الدبيبة",
        ),
        ("رُفعت القوة القاهرة بعد سيول جارفة في البلديات الخمس.", ""),
    ],
    ids=[
        "of another",
        "of the same",
        "a word as a surname",
        "a surname like a particle",
        "a surname of others",
        "a cousin",
        "words",
    ],
)
def test_a_longer_name_wins_and_a_surname_finds_its_bearer(
    text: str, expected: str, models: Models
) -> None:
    assert "|".join(named(text, models)) == expected


def test_articles_are_read_alike_in_whatever_order_they_come(models: Models) -> None:
    texts = [path.read_text(encoding="utf-8") for path in ARTICLES]

    def all_named(order: Iterable[str]) -> dict[str, list[str]]:
        return {text: named(text, models) for text in order}

    assert all_named(texts) == all_named(reversed(texts))


def surname(number: int) -> str:
    return "".join(LETTERS[number // 20**place % 20] for place in range(4))


@pytest.mark.slow
def test_a_megabyte_of_ever_new_names_is_read(models: Models) -> None:
    """In time that grows with its length: with the square of it this would take an hour."""
    unit = "الدكتور محمد {0} زار مستشفى {0} المركزي علي علي "
    text = "".join(unit.format(surname(at)) for at in range(1_000_000 // len(unit)))
    named(text, models, title="محمد السالمي")
