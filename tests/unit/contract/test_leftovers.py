"""Lines that a page put around an article are known; lines of it with such words are not."""

import pytest

from services.contract.leftovers import Leftover, is_with_headline, leftovers

LEFT: dict[Leftover, tuple[str, ...]] = {
    "share": (
        *("0 Comments", "0 تعليقات", "12 تعليق", "التعليقات: 3", "المشاركات: 5", "٥ مشاركات"),
        *("مشاركة 0 تغريدة 0", "1.2K Shares", "1.2 ألف مشاركة", "1,204 مشاهدة", "Total 0 مشاركة"),
        *("انسخ الرابط", "نسخ الرابط", "Copy link", "شارك هذا المقال عبر:", "فيسبوك | تويتر"),
        *("إعلان", "Advertisement", "لا توجد تعليقات", "No comments"),
    ),
    "related": (
        *("مقالات ذات صلة", "مَقالات ذات صِلَة :", "المنشورات ذات الصلة", "ذات صلة بالموضوع"),
        *("أخبار متعلقة", "موضوعات متعلقة", "مواضيع مشابهة", "قد تهمك", "مواضيع قد تهمك"),
        *("قد يهمك", "قد يهمك أيضاً", "قد يعجبك أيضا", "اخترنا لكم", "Related Posts"),
        *("You may also like", "Articles similaires", "Notizie correlate", "İlgili haberler"),
    ),
    "latest": (
        *("الأكثر مشاهدة", "الأكثر قراءة", "آخر الأخبار", "المزيد من الأخبار", "More stories"),
        *("Recommended", "Recommended for you", "Les plus lus"),
    ),
    "read-also": (
        *("اقرأ أيضا", "إقرأ أيضًا:", "اقرأ المزيد...", "اقرأ أيضا عن حقول النفط", "شاهد أيضا"),
        *("Read more", "See also", "À lire aussi", "À lire également", "Leggi anche"),
    ),
}
KEPT = (
    "شارك الوزير في الاجتماع",
    "مشاركة واسعة في الانتخابات",
    "بلغ عدد المشاركات خمسا",
    "تعليق الدراسة غدا",
    "تعليق",
    "مشاهدات من السوق القديم",
    "1,204 مشاهدة للهلال في ثلاث مدن",
    "انسخ الرابط ثم الصقه في المتصفح.",
    "إعلان طرابلس",
    "وجاء في تقارير ذات صلة بالموضوع أن الأعمال انتهت.",
    "قد تهمك هذه الأرقام عند شراء سيارة",
    "آخر الأخبار من درنة تقول إن الطريق فتح",
    "الأكثر مشاهدة كان فيلم الافتتاح",
    "اخترنا لكم من المعرض عشرة كتب",
    "أخبار متعلقة بالحرب تصل كل ساعة",
    "اقرأ أيضا ما كتبه الرافعي في هذا الباب.",
    "هل قد يهمك؟",
    "Comments were few",
    "Read more books, she said.",
    "Recommended daily intake",
    "12",
    "",
)


@pytest.mark.parametrize(
    ("line", "kind"), [(line, kind) for kind, lines in LEFT.items() for line in lines]
)
def test_what_a_page_put_around_an_article_is_known(line: str, kind: Leftover) -> None:
    assert leftovers(["نص المقال.", line, "نص المقال."]) == [None, kind, None]


@pytest.mark.parametrize("line", KEPT)
def test_a_line_of_the_article_with_such_words_stays(line: str) -> None:
    assert leftovers(["نص المقال.", line, "نص المقال."]) == [None, None, None]


def test_numbers_beside_a_share_bar_count_its_buttons() -> None:
    assert leftovers(["Total", "", "0", "", "مشاركة"]) == ["share", None, "share", None, "share"]
    assert leftovers(["تويتر", "12", "2020", "نص."]) == ["share", "share", None, None]
    assert leftovers(["2020", "نص.", "12"]) == [None, None, None]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("اقرأ أيضا: افتتاح معرض الكتاب", True),
        ("اقرأ أيضا عن ليبيا: افتتاح معرض الكتاب!", True),
        ("À lire également : Un titre", True),
        ("اقرأ أيضا ما كتبه: كان أجود ما قيل", False),
        ("قال: اقرأ أيضا", False),
    ],
)
def test_read_also_with_its_headline_on_one_line_is_known(line: str, expected: bool) -> None:
    assert is_with_headline(line) is expected
