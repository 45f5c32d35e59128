"""What is left out of a text, and what never is."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.enrich.core.clean import clean, repair

PARAGRAPH = "قال رئيس البلدية إن أعمال الصيانة في الطريق الساحلي ستبدأ قريبا، وإن المواد وصلت."

CASES = {
    "the share bar below an article": (
        f"{PARAGRAPH}\n\nTotal\n0\nمشاركة\nمقالات ذات صلة",
        PARAGRAPH,
    ),
    "a lone share button above it": (f"in\n\n{PARAGRAPH}", PARAGRAPH),
    "headlines after the marker": (
        f"{PARAGRAPH}\nاقرأ أيضًا\nافتتاح مدرسة جديدة في نالوت\nموسم الزيتون يبدأ في ترهونة",
        PARAGRAPH,
    ),
    "headlines whose marker was lost": (
        f"in\n{PARAGRAPH}\n\nافتتاح مدرسة جديدة في نالوت\n\nموسم الزيتون يبدأ في ترهونة",
        PARAGRAPH,
    ),
    "a marker between paragraphs goes, the paragraphs stay": (
        f"{PARAGRAPH}\nاقرأ أيضا:\n{PARAGRAPH}",
        f"{PARAGRAPH}\n{PARAGRAPH}",
    ),
    "short last lines of an article that left nothing else": (
        f"{PARAGRAPH}\nفريق التحرير في طرابلس\nصورة من الأرشيف القديم",
        f"{PARAGRAPH}\nفريق التحرير في طرابلس\nصورة من الأرشيف القديم",
    ),
    "a number that counts no shares": (f"{PARAGRAPH}\n2020\n{PARAGRAPH}", None),
    "the marker's words within a sentence": (
        f"نشر الموقع مقالات ذات صلة بالأزمة.\n{PARAGRAPH}",
        None,
    ),
    "counts of shares, views and comments": (
        f"1,204 مشاهدة\n{PARAGRAPH}\n0 Comments\nالمشاركات: 5\nانسخ الرابط",
        PARAGRAPH,
    ),
    "a heading that speaks to the reader": (
        f"{PARAGRAPH}\nمواضيع قد تهمك\nافتتاح مدرسة جديدة في نالوت.\nهل يعود المطر غدا؟",
        PARAGRAPH,
    ),
    "what is read most": (
        f"{PARAGRAPH}\nالأكثر مشاهدة\nافتتاح مدرسة جديدة في نالوت\nعاد المطر إلى ترهونة!",
        PARAGRAPH,
    ),
    "the last sentence after a box": (
        f"{PARAGRAPH}\nاقرأ أيضا\nافتتاح مدرسة جديدة في نالوت\nوتنتهي الأعمال غدا.",
        f"{PARAGRAPH}\nافتتاح مدرسة جديدة في نالوت\nوتنتهي الأعمال غدا.",
    ),
    "paragraphs below a heading": (
        f"{PARAGRAPH}\nأخبار متعلقة\n{PARAGRAPH}\nمدرسة جديدة في نالوت",
        f"{PARAGRAPH}\n{PARAGRAPH}\nمدرسة جديدة في نالوت",
    ),
    "sentences with the words of counts and headings": (
        f"تعليق الدراسة غدا\nقد تهمك هذه الأرقام كلها\n{PARAGRAPH}",
        None,
    ),
    "line ends of other systems": (
        f"{PARAGRAPH}\r\n{PARAGRAPH}\u2028ثم",
        f"{PARAGRAPH}\n{PARAGRAPH}\nثم",
    ),
}


@pytest.mark.parametrize(("text", "expected"), CASES.values(), ids=CASES.keys())
def test_lines_of_the_page_go_and_lines_of_the_author_stay(text: str, expected: str | None) -> None:
    assert clean(text) == (text if expected is None else expected)


@pytest.mark.parametrize(
    ("broken", "repaired"),
    [
        ("ليبيا\ud83d", "ليبيا"),
        ("\u202bليبيا\u202c", "ليبيا"),
        ("\ufeffليبيا\x00\u200b", "ليبيا"),
        ("آ", "آ"),
        ("می\u200cخواهم", "می\u200cخواهم"),
    ],
    ids=["lone surrogate", "direction marks", "mark, zero and no width", "NFC", "Persian joiner"],
)
def test_unicode_is_repaired(broken: str, repaired: str) -> None:
    assert repair(broken) == repaired


@given(st.text(st.characters(), max_size=300))
def test_any_string_becomes_one_that_can_be_encoded_and_is_left_alone_then(text: str) -> None:
    cleaned = repair(text)
    cleaned.encode()
    assert unicodedata.is_normalized("NFC", cleaned)
    assert repair(cleaned) == cleaned


@given(st.lists(st.sampled_from([PARAGRAPH, "in", "0", "مشاركة", "", "Total", "خبر قصير من هنا"])))
def test_every_line_kept_is_a_line_of_the_original(lines: list[str]) -> None:
    kept = clean("\n".join(lines)).split("\n")
    rest = iter(lines)
    assert all(any(line == other for other in rest) for line in kept if line)
