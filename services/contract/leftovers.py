"""Which lines a page put around an article: share bars, their counts, what to read next.

``text`` is without them: ingest leaves them out of pages and feeds, enrich out of texts that
somebody else extracted. What counts is the whole line, so that sentences with such words stay.
"""

import re
from collections.abc import Sequence
from typing import Literal

from services.contract.folding import folded

Leftover = Literal["share", "related", "latest", "read-also"]
"""``share``: a share bar, its counts or an advertisement's heading. The others are headings above
other articles: ``related`` at the end of this one, ``latest`` anywhere, ``read-also`` within it."""

SENTENCE_END = (".", "؟", "?", "!", "…", ".»", ".”", '."')
MAX_HEADLINE_CHARS = 140

_MAX_HEADING_CHARS = 60
_WORD_RELATED = "ذات (?:ال)?صله(?: بالموضوع| بالخبر| بالمقال)?|متعلقه(?: بالموضوع)?|مشابهه"
_RELATED = re.compile(
    rf"(?:ال)?(?:مقالات|مواضيع|موضوعات|اخبار|مواد|منشورات|تقارير|قصص) (?:{_WORD_RELATED})"
    r"|ذات صله(?: بالموضوع| بالخبر)?"
    r"|(?:(?:مقالات|مواضيع|موضوعات|اخبار) )?قد (?:تهمك|يهمك|تعجبك|يعجبك)(?: ايضا)?|اخترنا لكم?"
    r"|related(?: articles| stories| posts| news)?|you may also like|articles (?:similaires|lies)"
    r"|sur le meme sujet|articoli correlati|notizie correlate|potrebbe interessarti anche"
    r"|ilgili haberler|benzer haberler"
)
_LATEST = re.compile(
    r"(?:الاخبار )?الاكثر (?:قراءه|مشاهده|تداولا)|(?:اخر|احدث) الاخبار|المزيد من الاخبار|للمزيد"
    r"|most (?:read|viewed|popular)|more (?:stories|news)|latest news|recommended(?: for you)?"
    r"|les plus lus|dernieres actualites|i piu letti|son haberler"
)
_READ_ALSO = re.compile(
    r"(?:(?:اقرا|اقرئي|شاهد|طالع) ايضا|اقرا المزيد)(?: عن(?: \w+){1,5})?"
    r"|read (?:also|more)|see also|also read|(?:a )?lire (?:aussi|egalement)|leggi anche"
    r"|bunu da oku|ayrica okuyun"
)
_HEADINGS: tuple[tuple[Leftover, re.Pattern[str]], ...] = (
    ("related", _RELATED),
    ("latest", _LATEST),
    ("read-also", _READ_ALSO),
)

_SHARE = """
مشاركه مشاركات المشاركات شارك شاركها المشاركه تغريده انسخ نسخ
فيسبوك تويتر واتساب تيلقرام تيليجرام تيليقرام تلغرام طباعه
share shares shared tweet facebook twitter whatsapp telegram linkedin pinterest print email
partager condividi paylas
"""
_COUNTED = """
تعليق تعليقات التعليقات مشاهده مشاهدات المشاهدات زياره اعجاب
comment comments view views like likes commentaire commentaires commenti yorum
"""
_BESIDE = """
total هذا الخبر المقال الموضوع الرابط على عبر لينكد ان البريد الف
this article on x copy link sur su messenger viber
"""
_ALONE = frozenset(
    (
        *("اعلان", "لا تعليقات", "لا توجد تعليقات", "اترك تعليقا", "اضف تعليقا", "copy link"),
        *("advertisement", "no comments", "leave a comment", "publicite", "pubblicita"),
    )
)
_COUNT = re.compile(r"\d+[km]?")
_COUNTS = re.compile(r"total|(?:total )?\d{1,4}(?: \d{1,3})?[km]?")
_MAX_COUNT_CHARS = 20
_SHARE_WORDS = frozenset(_SHARE.split())
_COUNTED_WORDS = frozenset(_COUNTED.split())
_BAR_WORDS = _SHARE_WORDS | _COUNTED_WORDS | frozenset(_BESIDE.split())
_BEGINNINGS = _BAR_WORDS.union(phrase.split()[0] for phrase in _ALONE)
_BEGINNING_CHARS = 40
_BESIDE_HEADLINE = re.compile(r"[:|«–-]|\.\.")


def leftovers(lines: Sequence[str]) -> list[Leftover | None]:
    """Return for each line what it is if it is not the article's.

    A number alone is if it stands beside a share bar: the count of its buttons.
    """
    kinds = [_kind(line) for line in lines]
    written = [at for at, line in enumerate(lines) if line.strip()]
    for place, at in reversed(list(enumerate(written))):
        beside = (*written[max(place - 1, 0) : place], *written[place + 1 : place + 2])
        if any(kinds[other] == "share" for other in beside) and _is_count(lines[at]):
            kinds[at] = "share"
    return kinds


def is_with_headline(line: str) -> bool:
    """Return whether ``line`` is "read also" and a headline."""
    head = _BESIDE_HEADLINE.split(line, maxsplit=1)[0]
    is_short = head != line and len(line) <= 2 * MAX_HEADLINE_CHARS
    return is_short and len(head) < _MAX_HEADING_CHARS and bool(_READ_ALSO.fullmatch(folded(head)))


def is_headline(line: str) -> bool:
    """Return whether ``line`` can be a headline: it is short and does not end as sentences do."""
    return len(line) <= MAX_HEADLINE_CHARS and not line.rstrip().endswith(SENTENCE_END)


def is_cried_headline(line: str) -> bool:
    """Return whether ``line`` can be a headline that asks or cries out, right below a heading."""
    return len(line) <= MAX_HEADLINE_CHARS and line.rstrip().endswith(("؟", "?", "!"))


def _kind(line: str) -> Leftover | None:
    if len(line) > MAX_HEADLINE_CHARS or _begins_otherwise(line) or not (bare := folded(line)):
        return None
    if len(line) < _MAX_HEADING_CHARS and not line.rstrip().endswith(("؟", "?", "!")):
        for kind, heading in _HEADINGS:
            if heading.fullmatch(bare):
                return kind
    return "share" if bare in _ALONE or _is_share_bar(bare.split()) else None


def _begins_otherwise(line: str) -> bool:
    """Return whether ``line``, too long for a heading, begins as no share bar does.

    Folding the rest of it is spared.
    """
    if len(line) < _MAX_HEADING_CHARS:
        return False
    first, *others = folded(line[:_BEGINNING_CHARS]).split() or [""]
    return bool(others) and first not in _BEGINNINGS and not _COUNT.fullmatch(first)


def _is_share_bar(words: Sequence[str]) -> bool:
    named = {word for word in words if not _COUNT.fullmatch(word)}
    if not named or not _BAR_WORDS.issuperset(named):
        return False
    is_counted = len(named) < len(words) and not _COUNTED_WORDS.isdisjoint(named)
    return is_counted or not _SHARE_WORDS.isdisjoint(named)


def _is_count(line: str) -> bool:
    """Return whether ``line`` is the number of a share bar's button, or what stands beside that."""
    return len(line) < _MAX_COUNT_CHARS and bool(_COUNTS.fullmatch(folded(line)))
