"""Date expressions and what they mean on Wednesday, 25 November 2020."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.enrich.core.clean import repair
from services.enrich.core.date_grammar import GrammarError, compile_grammar
from services.enrich.core.dates import find_dates
from services.enrich.core.normalise import normalise
from services.enrich.edges.knowledge import KNOWLEDGE, read_mapping
from services.enrich.enrichment import Models

TODAY = date(2020, 11, 25)

# sentence, with the expression in brackets -> value, kind
CASES = [
    ("وقعت في [21 مارس 2020] بطرابلس", "2020-03-21", "absolute"),
    ("وقعت في [٢١ آذار ٢٠٢٠] بطرابلس", "2020-03-21", "absolute"),
    ("وقعت في [21 كانون الثاني 2020م] بطرابلس", "2020-01-21", "absolute"),
    ("وقعت في [3 أوت 2019] بتونس", "2019-08-03", "absolute"),
    ("وقعت في [5 الطير 1985] بطرابلس", "1985-04-05", "absolute"),
    ("وقعت في [شهر ناصر 1985] بطرابلس", "1985-07", "absolute"),
    ("صدر يوم [21/3/2020] القرار", "2020-03-21", "absolute"),
    ("صدر في [2020-03-21] القرار", "2020-03-21", "absolute"),
    ("عُقد [الأحد، 4 أبريل 2021] الاجتماع", "2021-04-04", "absolute"),
    ("منذ [عام 2011] تغير الكثير", "2011", "absolute"),
    ("في [العام 2014] بدأ المشروع", "2014", "absolute"),
    ("في [مطلع عام 2019] بدأ المشروع", "2019", "absolute"),
    ("في [سبتمبر 2019] بدأ المشروع", "2019-09", "absolute"),
    ("في [الرابع من أبريل] بدأ", "2020-04-04", "partial"),
    ("في [الــ24 من نوفمبر] بدأ", "2020-11-24", "partial"),
    ("في [الخامس والعشرين من شهر مايو] بدأ", "2020-05-25", "partial"),
    ("في [22 من نوفمبر]، بدأ", "2020-11-22", "partial"),
    ("في [24 ديسمبر] من كل عام", "2019-12-24", "partial"),
    ("في [29 فبراير] بدأ", "2020-02-29", "partial"),
    ("في [يناير] بدأ", "2020-01", "partial"),
    ("في [15 نوفمبر الماضي] بدأ", "2020-11-15", "relative"),
    ("في [25 نوفمبر الماضي] بدأ", "2019-11-25", "relative"),
    ("في [21 مارس الجاري] بدأ", "2020-03-21", "relative"),
    ("في [24 ديسمبر المقبل] يبدأ", "2020-12-24", "relative"),
    ("[مطلع أبريل المنصرم] بدأ", "2020-04", "relative"),
    ("خلال [يوليو المنصرم] بدأ", "2020-07", "relative"),
    ("زار [أمس] المدينة", "2020-11-24", "relative"),
    ("زار [أول أمس] المدينة", "2020-11-23", "relative"),
    ("يزور [غدا] المدينة", "2020-11-26", "relative"),
    ("زار [اليوم] المدينة", "2020-11-25", "relative"),
    ("زار [اليوم الأربعاء] المدينة", "2020-11-25", "relative"),
    ("أعلنت، [الثلاثاء]، أن", "2020-11-24", "relative"),
    ("زار [الأربعاء] المدينة", "2020-11-25", "relative"),
    ("زار [الأربعاء الماضي] المدينة", "2020-11-18", "relative"),
    ("زار [الأحد الماضي] المدينة", "2020-11-22", "relative"),
    ("يزور [الأحد المقبل] المدينة", "2020-11-29", "relative"),
    ("يومي السبت و[الأحد] معا", "2020-11-22", "relative"),
    ("[الأسبوع الماضي] زار", "2020-W47", "relative"),
    ("خلال [هذا الأسبوع] زار", "2020-W48", "relative"),
    ("[الشهر المقبل] يزور", "2020-12", "relative"),
    ("[نهاية العام الجاري] يزور", "2020", "relative"),
    ("[قبل ثلاثة أيام] زار", "2020-11-22", "relative"),
    ("[منذ عامين] زار", "2018", "relative"),
    ("[بعد 3 أيام] يزور", "2020-11-28", "relative"),
    ("met on [21 March 2020] in Tunis", "2020-03-21", "absolute"),
    ("met on [March 21, 2020] in Tunis", "2020-03-21", "absolute"),
    ("réunis le [21 mars 2020] à Tunis", "2020-03-21", "absolute"),
    ("si sono visti il [21 marzo 2020] a Tunisi", "2020-03-21", "absolute"),
    ("[21 Mart 2020] tarihinde", "2020-03-21", "absolute"),
    ("met [last Sunday] in Tunis", "2020-11-22", "relative"),
    ("met [yesterday] in Tunis", "2020-11-24", "relative"),
]

NOT_DATES = {
    "a resolution": "القرار 2510 الصادر",
    "a score": "فاز بنتيجة 3-2 على ضيفه",
    "an amount": "بلغت 1,200 دينار و3.5 في المئة",
    "the verb practised": "مارس الضغط على الجميع",
    "one of": "أحد المسؤولين",
    "a duration from an event": "وجاءت بعد 3 أيام من إسقاط الطائرة",
    "no such day": "في 31 فبراير 2020 وفي 45/13/2020",
    "the modal verb": "It may be",
    "a telephone number": "هاتف 0912-345678",
    "within a word": "والأحداث والخميسية",
    "a name with digits": "كوفيد19",
}


def values(text: str, models: Models, today: date | None = TODAY) -> list[tuple[str, str | None]]:
    return [(d.text, d.value) for d in find_dates(text, normalise(text), models.dates, today)]


@pytest.mark.parametrize(("marked", "value", "kind"), CASES, ids=[case[0] for case in CASES])
def test_a_date_is_found_where_it_stands_and_means_its_day(
    marked: str, value: str, kind: str, models: Models
) -> None:
    start = marked.index("[")
    expression = marked[start + 1 : marked.index("]")]
    text = marked.replace("[", "").replace("]", "")
    found = find_dates(text, normalise(text), models.dates, TODAY)
    mention = next(mention for mention in found if mention.start == start)
    assert (mention.text, mention.value, mention.kind) == (expression, value, kind)


@pytest.mark.parametrize("text", NOT_DATES.values(), ids=NOT_DATES.keys())
def test_what_is_no_date_is_left_alone(text: str, models: Models) -> None:
    assert values(text, models) == []


def test_without_a_publication_day_only_what_stands_by_itself_is_resolved(models: Models) -> None:
    text = "زار أمس، في 21 مارس 2020، ثم الأحد وفي 5 مايو"
    assert [value for _, value in values(text, models, None)] == [None, "2020-03-21", None, None]


def test_a_part_of_a_period_is_its_third(models: Models) -> None:
    text = "مطلع أبريل المنصرم"
    (mention,) = find_dates(text, normalise(text), models.dates, TODAY)
    assert mention.approximate
    assert (mention.from_, mention.to) == (date(2020, 4, 1), date(2020, 4, 10))


def test_a_rule_with_an_unknown_element_is_named() -> None:
    tables = read_mapping(KNOWLEDGE / "dates.yaml")
    with pytest.raises(GrammarError, match=r"dya month.*dya"):
        compile_grammar(tables | {"rules": ["dya month"]})


FRAGMENTS = (
    "21 مارس أبريل الماضي الجاري ٢٠٢٠ 2020 من شهر عام الرابع الأحد ، أمس قبل ثلاثة أيام هذا العام "
    "نهاية 31/2/2020 2020-13-40 والسبت March last week 9999 0 قال لنوفمبر"
)
WORDS = st.sampled_from(FRAGMENTS.split())
TEXTS = st.lists(WORDS | st.text(max_size=4), max_size=30).map(" ".join).map(repair)
DAYS = st.none() | st.dates()


@given(text=TEXTS, today=DAYS)
def test_ranges_are_within_the_text_in_order_and_disjoint(
    text: str, today: date | None, models: Models
) -> None:
    end = 0
    for mention in find_dates(text, normalise(text), models.dates, today):
        assert end <= mention.start < mention.end <= len(text)
        assert text[mention.start : mention.end] == mention.text
        end = mention.end


@given(text=TEXTS, sign=st.sampled_from(["ـ", "َ", "ّ"]))
def test_tatweel_diacritics_and_digit_forms_change_no_value(
    text: str, sign: str, models: Models
) -> None:
    plain = [value for _, value in values(text, models)]
    decorated = "".join(c + sign if "ب" <= c <= "ي" else c for c in text)
    assert [value for _, value in values(decorated, models)] == plain
    eastern = text.translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))
    assert [value for _, value in values(eastern, models)] == plain
