"""What alerts are said in: the words of Arabic and of English, and how each counts things."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

Language = Literal["ar", "en"]


@dataclass(frozen=True, slots=True)
class Forms:
    """A thing by its number: of one, of two, of 3 to 10, of 11 to 99, and of hundreds."""

    one: str
    two: str
    few: str
    many: str
    hundred: str

    def of(self, number: int) -> str:
        """Return ``number`` of them, as Arabic counts: the last two digits decide."""
        if number in (1, 2):
            return self.one if number == 1 else self.two
        last_two = number % 100
        if 3 <= last_two <= 10:
            return f"{number} {self.few}"
        return f"{number} {self.many if last_two >= 11 else self.hundred}"


def _plain(one: str, other: str) -> Forms:
    return Forms(f"1 {one}", f"2 {other}", other, other, other)


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one language. The functions make a phrase of what they are given."""

    stories: Forms
    sources: Forms
    articles: Forms
    days: Forms
    hours: Forms
    minutes: Forms
    rise: Callable[[str, str, str, str], str]
    fall: Callable[[str, str, str], str]
    usual: Callable[[str], str]
    still: dict[Literal["spike", "drop", "emerging"], str]
    over: Callable[[str, str], str]
    severities: dict[Literal["info", "warning", "critical"], str]
    since: Callable[[str], str]
    until: Callable[[str, str], str]
    chance: Callable[[str], str]
    stories_head: str
    named: str
    learning: str
    degraded: str
    comma: str
    mark: str


ARABIC = Words(
    stories=Forms("خبر واحد", "خبران", "أخبار", "خبرا", "خبر"),
    sources=Forms("مصدر واحد", "مصدرين", "مصادر", "مصدرا", "مصدر"),
    articles=Forms("مقال واحد", "مقالان", "مقالات", "مقالا", "مقال"),
    days=Forms("يوم", "يومين", "أيام", "يوما", "يوم"),
    hours=Forms("ساعة", "ساعتين", "ساعات", "ساعة", "ساعة"),
    minutes=Forms("دقيقة", "دقيقتين", "دقائق", "دقيقة", "دقيقة"),
    rise=lambda stories, sources, span, usual: f"{stories} من {sources} خلال {span}، {usual}",
    fall=lambda stories, span, usual: f"{stories} خلال {span}، {usual}",
    usual=lambda expected: f"والمتوقع {expected}",
    still={
        "spike": "ما زال في ازدياد",
        "drop": "ما زال في تراجع",
        "emerging": "ما زال في ازدياد",
    },
    over=lambda span, peak: f"عاد إلى المعتاد بعد {span}، وبلغ في أشده {peak}",
    severities={"info": "للعلم", "warning": "تحذير", "critical": "حرج"},
    since=lambda moment: f"منذ {moment} بتوقيت طرابلس",
    until=lambda begin, end: f"من {begin} إلى {end} بتوقيت طرابلس",
    chance=lambda times: f"الصدفة وحدها تثير مثله {times} مرة في الشهر",
    stories_head="أبرز الأخبار:",
    named="يرد معها:",
    learning="ما زال التاريخ قصيرا، فالمتوقع تقريبي.",
    degraded="بعض المصادر صامتة، فالعدد ناقص.",
    comma="، ",
    mark="\u200f",
)

ENGLISH = Words(
    stories=_plain("story", "stories"),
    sources=_plain("source", "sources"),
    articles=_plain("article", "articles"),
    days=_plain("day", "days"),
    hours=_plain("hour", "hours"),
    minutes=_plain("minute", "minutes"),
    rise=lambda stories, sources, span, usual: f"{stories} from {sources} in {span}, {usual}",
    fall=lambda stories, span, usual: f"{stories} in {span}, {usual}",
    usual=lambda expected: f"{expected} expected",
    still={"spike": "still rising", "drop": "still falling", "emerging": "still rising"},
    over=lambda span, peak: f"back to what is usual after {span}, at its most extreme {peak}",
    severities={"info": "For information", "warning": "Warning", "critical": "Critical"},
    since=lambda moment: f"since {moment}, Tripoli time",
    until=lambda begin, end: f"from {begin} to {end}, Tripoli time",
    chance=lambda times: f"chance alone does that {times} times a month",
    stories_head="Top stories:",
    named="Named with it:",
    learning="The history is still short: what is expected is a rough guess.",
    degraded="Some sources are silent: the count is incomplete.",
    comma=", ",
    mark="",
)

WORDS: dict[Language, Words] = {"ar": ARABIC, "en": ENGLISH}
