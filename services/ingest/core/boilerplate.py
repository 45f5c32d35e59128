"""Lines of a page that are not its article: what to read next, share bars and their counts."""

import re
from collections.abc import Iterable

from services.ingest.core.folding import folded

_RELATED = (
    "مقالات ذات صله",
    "مواضيع ذات صله",
    "اخبار ذات صله",
    "موضوعات ذات صله",
    "ذات صله",
    "مواد ذات صله",
    "مقالات مشابهه",
    "مواضيع مشابهه",
    "اخبار مشابهه",
    "قد يعجبك ايضا",
    "قد يهمك ايضا",
    "قد تهمك ايضا",
    "قد تهمك",
    "اخترنا لكم",
    "اخبار متعلقه",
    "المنشورات ذات الصله",
    "الاكثر قراءه",
    "المزيد من الاخبار",
    "related articles",
    "related stories",
    "related posts",
    "related news",
    "related",
    "you may also like",
    "most read",
    "more stories",
    "articles similaires",
    "articles lies",
    "sur le meme sujet",
    "articoli correlati",
    "notizie correlate",
    "ilgili haberler",
    "benzer haberler",
)
_READ_ALSO = (
    "اقرا ايضا",
    "اقرا المزيد",
    "اقرئي ايضا",
    "شاهد ايضا",
    "طالع ايضا",
    "read also",
    "read more",
    "see also",
    "also read",
    "a lire aussi",
    "lire aussi",
    "a lire egalement",
    "leggi anche",
    "bunu da oku",
    "ayrica okuyun",
)
_SHARE = """
مشاركه مشاركات شارك شاركها المشاركه تغريده تعليق تعليقات مشاهده مشاهدات انسخ
فيسبوك تويتر واتساب تيلقرام تيليجرام تلغرام طباعه الرابط
share shares shared tweet facebook twitter whatsapp telegram linkedin print email
partager condividi paylas
"""
_BESIDE_SHARE = """
total هذا الخبر المقال الموضوع على عبر لينكد ان نسخ البريد
this article on x copy link sur su pinterest messenger viber
"""
_COUNT = re.compile(r"\d+[km]?")
_SHARE_WORDS = frozenset(_SHARE.split())
_SHARE_BAR_WORDS = _SHARE_WORDS | frozenset(_BESIDE_SHARE.split())
_BESIDE_HEADLINE = re.compile(r"[:|«–-]|\.\.")
SENTENCE_END = (".", "؟", "?", "!", "…", ".»", ".”", '."')
MAX_HEADLINE_CHARS = 140


def without_boilerplate(lines: Iterable[str]) -> list[str]:
    """Return the lines that are the article.

    A heading of related stories ends it, unless more prose follows than came before: such a box
    stands at the top. After "read also" alone the headlines that follow are dropped; with a
    headline on its line only that line is.
    """
    every = [line for line in lines if not _is_share_bar(line)]
    kept: list[str] = []
    in_box = False
    for number, line in enumerate(every):
        if _is_heading(line, _RELATED):
            prose_after = (rest for rest in every[number + 1 :] if not _is_headline(rest))
            if sum(map(len, kept)) >= sum(map(len, prose_after)):
                break
            in_box = True
        elif _is_heading(line, _READ_ALSO):
            in_box = True
        elif in_box and _is_headline(line):
            continue
        elif not _begins_with_read_also(line):
            in_box = False
            kept.append(line)
    return kept


def _is_heading(line: str, headings: tuple[str, ...]) -> bool:
    return len(line) < 60 and folded(line) in headings


def _begins_with_read_also(line: str) -> bool:
    head = _BESIDE_HEADLINE.split(line, maxsplit=1)[0]
    return head != line and len(line) <= 2 * MAX_HEADLINE_CHARS and _is_heading(head, _READ_ALSO)


def _is_headline(line: str) -> bool:
    return len(line) <= MAX_HEADLINE_CHARS and not line.rstrip().endswith(SENTENCE_END)


def _is_share_bar(line: str) -> bool:
    if len(line) > MAX_HEADLINE_CHARS:
        return False
    words = [word for word in folded(line).split() if not _COUNT.fullmatch(word)]
    return bool(words) and _SHARE_BAR_WORDS.issuperset(words) and not _SHARE_WORDS.isdisjoint(words)
