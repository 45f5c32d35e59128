"""Date expressions and what they mean on Wednesday, 25 November 2020."""

from datetime import date, timedelta
from time import process_time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.enrich.core.clean import repair
from services.enrich.core.dates.compilation import GrammarError, compile_grammar
from services.enrich.edges.knowledge import read_date_tables
from services.enrich.enrichment import Models
from tests.support import dates_of

TODAY = date(2020, 11, 25)

FRAGMENTS = (
    "21 مارس أبريل الماضي الجاري ٢٠٢٠ 2020 من شهر عام الرابع الأحد ، أمس قبل ثلاثة أيام هذا العام "
    "نهاية مطلع من إلى بين حتى الماضية أيام عامين رمضان عيد الفطر كل منذ بعد آخر الربع الأول القرن "
    "خلال صيف و2021 3-7 2014-2016 ستين ألفين هـ م ( ) - 31/2/2020 2020-13-40 والسبت "
    "March last week 9999 0 قال لنوفمبر نفسه التالي نفسها منه بكرة غدوة راهو يبدأ تغلق سيبدأ "
    "الخميس 2020-W47 2020-Q3 15/3 15/3/2020 و 5 بلغ 1998 الشكر الفصح مصراتة يوم غد العيد الأضحى "
    "صباح نصف قرن ثاني الشهر القادم أيام الأسبوع أول الشتاء 2019/2020 20 هذا"
)
WORDS = st.sampled_from(FRAGMENTS.split())
TEXTS = st.lists(WORDS | st.text(max_size=4), max_size=30).map(" ".join).map(repair)
DAYS = st.none() | st.dates()

# sentence, with the expression in brackets -> value, kind
CASES = [
    ("وقعت في [21 مارس 2020] بطرابلس", "2020-03-21", "absolute"),
    ("وقعت في [٢١ آذار ٢٠٢٠] بطرابلس", "2020-03-21", "absolute"),
    ("وقعت في [21 كانون الثاني 2020م] بطرابلس", "2020-01-21", "absolute"),
    ("وقعت في [3 أوت 2019] بتونس", "2019-08-03", "absolute"),
    ("وقعت في [5 الطير 1985] بطرابلس", "1985-04-05", "absolute"),
    ("وقعت في [شهر ناصر 1985] بطرابلس", "1985-07", "absolute"),
    ("صدر [يوم 21/3/2020] القرار", "2020-03-21", "absolute"),
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
    ("في [24 ديسمبر] حدث ذلك", "2019-12-24", "partial"),
    ("في [24 ديسمبر من كل عام]", "R/2020-12-24/P1Y", "recurring"),
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
    ("نشر في [2020-W47] العدد", "2020-W47", "absolute"),
    ("نشر في [2020-W47-2] العدد", "2020-11-17", "absolute"),
    ("أرباح [2020-Q3] كبيرة", "2020-35", "absolute"),
    ("في [2020-03] بدأ", "2020-03", "absolute"),
    ("[15/3/2020 - 17/4/2020]", "2020-03-15/2020-04-17", "range"),
    ("[من 15/3 إلى 17/4]", "2020-03-15/2020-04-17", "range"),
    ("[ما بين 1975 و 1980] درس", "1975/1980", "range"),
    ("[بين يناير ومارس] درس", "2020-01/2020-03", "range"),
    ("[من الآن حتى نهاية الشهر] يعمل", "2020-11-25/2020-11-30", "range"),
    ("[من 1 فبراير إلى 20 منه] عمل", "2020-02-01/2020-02-20", "range"),
    ("تغلق العيادة [من السبت إلى الاثنين] للطلاء", "2020-11-28/2020-11-30", "range"),
    ("أغلقت العيادة [من السبت إلى الاثنين] للطلاء", "2020-11-21/2020-11-23", "range"),
    ("تدرس اللجنة الأمر [من الأحد إلى الخميس] في هون", "2020-11-22/2020-11-26", "range"),
    ("يبدأ المؤتمر [الخميس] في هون", "2020-11-26", "relative"),
    ("ظل مغلقا حتى [31 أكتوبر] وأعيد فتحه", "2020-10-31", "partial"),
    ("يسري العرض حتى [31 ديسمبر] لا غير", "2020-12-31", "partial"),
    ("عاد [قبل يومين] من مصراتة", "2020-11-23", "relative"),
    ("[هذا الجمعة]", "2020-11-27", "relative"),
    ("[نهاية هذا الأسبوع]", "2020-11-27/2020-11-28", "relative"),
    ("[ثلاثاء الأسبوع الماضي]", "2020-11-17", "relative"),
    ("[أول الشهر القادم]", "2020-12", "relative"),
    ("وصل [يوم 15] ثم سافر", "2020-11-15", "relative"),
    ("[خلال الخمس سنوات الأخيرة] زاد", "2015/2019", "relative"),
    ("[قبل نصف قرن]", "1970", "relative"),
    ("[شتاء 2019/2020] ماطر", "2019-24", "absolute"),
    ("في [عيد الشكر] سافر", "2019-11-28", "relative"),
    ("في [عيد الفصح 2021] سافر", "2021-04-04", "absolute"),
    ("راهو [بكرة] نمشو", "2020-11-26", "relative"),
    ("تذكرة [1998] في الدرج", "1998", "absolute"),
    ("[مارس 15، 2020]", "2020-03-15", "absolute"),
    ("[اليوم الأول من السنة]", "2020-01-01", "relative"),
    ("[أول جمعة في الشهر]", "2020-11-06", "relative"),
    ("[كل صباح] يعمل", "R/P1D", "recurring"),
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
    "no such day": "في 31 فبراير 2020 وفي 45/13/2020",
    "the modal verb": "It may be",
    "a telephone number": "هاتف 0912-345678",
    "within a word": "والأحداث والخميسية",
    "a name with digits": "كوفيد19",
    "a ball": "لعب بكرة قدم قديمة",
    "an amount before a preposition": "بلغ عددهم 1998 في المدينة",
    "twenty of it": "أكل 20 منه",
    "no such week": "في 2020-W60 وفي 2020-Q7",
    "an address of a server": "الخادم 10.1.2.3 معطل",
}


def values(text: str, models: Models, today: date | None = TODAY) -> list[tuple[str, str | None]]:
    return [(d.text, d.value) for d in dates_of(text, models, today)]


@pytest.mark.parametrize(("marked", "value", "kind"), CASES, ids=[case[0] for case in CASES])
def test_a_date_is_found_where_it_stands_and_means_its_day(
    marked: str, value: str, kind: str, models: Models
) -> None:
    start = marked.index("[")
    expression = marked[start + 1 : marked.index("]")]
    text = marked.replace("[", "").replace("]", "")
    found = dates_of(text, models, TODAY)
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
    (mention,) = dates_of(text, models, TODAY)
    assert mention.approximate
    assert (mention.from_, mention.to) == (date(2020, 4, 1), date(2020, 4, 10))


@pytest.mark.parametrize("last", ["الخميس", "اليوم", "عيد الفطر", "الأسبوع القادم"])
def test_a_number_and_what_is_of_no_month_make_no_range(last: str, models: Models) -> None:
    assert [m.kind for m in dates_of(f"من 5 إلى {last}", models, TODAY) if m.kind == "range"] == []


def with_rule(rule: str) -> dict[str, Any]:
    tables = read_date_tables()
    return tables | {"passes": [*tables["passes"], [rule]]}


def test_a_rule_with_an_unknown_element_is_named() -> None:
    with pytest.raises(GrammarError, match="no such element: dya"):
        compile_grammar(with_rule("DAY date: dya month"))


def test_a_rule_with_an_unknown_meaning_is_named() -> None:
    with pytest.raises(GrammarError, match="no such meaning: dta"):
        compile_grammar(with_rule("DAY dta: day month"))


def test_a_word_of_two_classes_is_named() -> None:
    tables = read_date_tables()
    words = tables["words"] | {"other": {1: ["يناير"]}}
    with pytest.raises(GrammarError, match="يناير is both"):
        compile_grammar(tables | {"words": words})


def test_a_number_of_days_from_no_date_is_a_duration(models: Models) -> None:
    text = "وجاءت بعد 3 أيام من إسقاط الطائرة"
    (mention,) = dates_of(text, models, TODAY)
    assert (mention.text, mention.value, mention.kind) == ("3 أيام", "P3D", "duration")


@given(text=TEXTS, one=st.dates(date(1950, 1, 1), date(2060, 1, 1)), days=st.integers(0, 500))
def test_a_later_reference_day_never_means_an_earlier_day(
    text: str, one: date, days: int, models: Models
) -> None:
    other = one + timedelta(days)
    earlier = dates_of(text, models, one)
    later = {m.start: m for m in dates_of(text, models, other)}
    for mention in earlier:
        then = later.get(mention.start)
        if then and then.text == mention.text and mention.from_ and then.from_:
            assert mention.from_ <= then.from_


@pytest.mark.slow
@pytest.mark.parametrize("piece", ["1", "ا", "1 ", "مايو ", "من 1 ", "1-", "و"])
def test_time_grows_with_the_length_of_the_text_and_no_faster(piece: str, models: Models) -> None:
    def seconds(length: int) -> float:
        text = piece * (length // len(piece))
        begin = process_time()
        dates_of(text, models, TODAY)
        return process_time() - begin

    short = seconds(10_000)
    assert seconds(100_000) < 40 * short + 0.2


@given(text=TEXTS, today=DAYS)
def test_ranges_are_within_the_text_in_order_and_disjoint(
    text: str, today: date | None, models: Models
) -> None:
    end = 0
    for mention in dates_of(text, models, today):
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
