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
        ("على خير، قال المتحدث باسم المستشفى أسامة علي إن القسم جاهز.", "PER أسامة علي"),
        ("قال المتحدث أسامة العابد على الهواء.", "PER أسامة العابد"),
        ("رأي السائق واحد: عاد علي الدراجة البخارية الي البيت.", ""),
        ("صوّت الأعضاء لصالح حفتر.", "person:khalifa-haftar حفتر"),
        ("قال كلاوس بيكارد ذلك.", "PER كلاوس بيكارد"),
        (
            "قال مدير مصلحة الطيران المدني محمد شليبك ذلك.",
            "ORG مصلحة الطيران المدني|PER محمد شليبك",
        ),
        ("واعترض النائب جبريل أوحيدة على ذلك.", "PER جبريل أوحيدة"),
        (
            "وتوجهت سيارات من عين زارة والسواني وجنزور.",
            "place:ain-zara عين زارة|LOC السواني|place:janzour جنزور",
        ),
        ("وأضاف السفير السويدي ليندستروم ذلك.", "PER ليندستروم"),
    ],
    ids=["a rank", "a woman", "a member", "a title further off", "two", "on", "words",
         "Ali, where on is written apart", "on behind a name", "on, where it is written as Ali",
         "in favour of", "not like Laos", "not civil Mohamed", "a word nobody has read",
         "and", "no particle"],
)  # fmt: skip
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
        (
            "قال نعمان الثالث ذلك في الثالث من مايو، ووصل الثالث ظهرا.",
            "PER نعمان الثالث",
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
        "an ordinal",
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


@pytest.mark.parametrize(
    "text",
    [
        "شركة " * 2000,
        "قال المجلس " + "الوطني " * 2000,
        f"وصل حف{'ـ' * 5000}تر إلى طرابلس.",
        f"وصل خليفة{' ' * 5000}حفتر إلى طرابلس.",
        f"قال يوشع العز{'ـ' * 5000}ابي ذلك في طرابلس.",
    ],
    ids=["kinds", "adjectives", "stretched", "with spaces", "stretched, unknown"],
)
def test_what_is_longer_than_a_name_can_be_is_none(text: str, models: Models) -> None:
    assert set(named(text, models)) <= {"place:tripoli طرابلس"}


def surname(number: int) -> str:
    return "".join(LETTERS[number // 20**place % 20] for place in range(4))


@pytest.mark.slow
def test_a_megabyte_of_ever_new_names_is_read(models: Models) -> None:
    """In time that grows with its length: with the square of it this would take an hour."""
    unit = "الدكتور محمد {0} زار مستشفى {0} المركزي علي علي "
    text = "".join(unit.format(surname(at)) for at in range(1_000_000 // len(unit)))
    named(text, models, title="محمد السالمي")
