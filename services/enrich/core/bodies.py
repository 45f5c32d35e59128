"""Names of bodies, landmarks and events that no list has: a word for the kind, then what it names.

«نقابة المعلمين»، «مستشفى مصراتة المركزي»، «الكتيبة 101 مشاة»، «مطار بنينا»، «المركز الليبي للأعمال
المتعلقة بالألغام».
"""

import re
from collections.abc import Iterable, Iterator, Mapping

from services.enrich.core.matching import Hit
from services.enrich.core.named import Named
from services.enrich.core.patterns import Part, Patterns, Span

_ARTICLE = "ال"
_NUMBER = re.compile(r" (\d{1,4})(?!\w)")
_SEVERAL = 2
"""As often a word must have been read to be no name."""
_CONCERNING = frozenset(("المتعلقه", "المعنيه", "المختصه", "الخاصه"))
_MOST_UNREAD = 2

Known = Mapping[int, Named | Span]
"""The known names, and those of people, by where they begin."""


def find_bodies(
    text: str, hits: Iterable[Hit[str]], known: Known, patterns: Patterns
) -> Iterator[Span]:
    """Yield the names that begin with one of the words for a kind in ``hits``, in order."""
    done = 0
    for hit in hits:
        span = _name(text, hit, known, patterns) if hit.start >= done else None
        if span is not None:
            yield span
            done = span.end


def is_body(name: Named | Span) -> bool:
    """Say whether ``name`` is that of a known body."""
    return isinstance(name, Named) and name.entity.type in ("ORG", "GROUP")


def _name(text: str, hit: Hit[str], known: Known, patterns: Patterns) -> Span | None:
    words, kind, begin = patterns.words, hit.value, hit.end
    if kind in words.numbered and (end := _numbered(text, begin, patterns)):
        return Span(hit.start, end, "ORG", end)
    if kind in words.landmarks:
        end = _landmark(text, begin, known, patterns)
        return Span(hit.start, end, "LOC", end) if end else None
    if kind in words.bodies_described or kind in words.schools:
        end = _described(text, begin, known, patterns, any_=kind in words.schools)
        return Span(hit.start, end, "ORG", end) if end else None
    of_nouns = kind not in words.bodies_of_names
    if of_nouns and kind not in words.bodies | words.introduced_bodies | words.events:
        return None
    end = _named_so(text, begin, known, patterns, of_nouns)
    if not end:
        return None
    start = begin + 1 if kind in words.introduced_bodies else hit.start
    return Span(start, end, "EVENT" if kind in words.events else "ORG", end)


def _numbered(text: str, end: int, patterns: Patterns) -> int:
    """Return where the name of a troop with a number ends, 0 if it has none."""
    number = _NUMBER.match(text, end)
    if number is None:
        return 0
    arm = patterns.next_word(text, number.end())
    return arm.end if arm and arm.text in patterns.words.arms else number.end()


def _landmark(text: str, end: int, known: Known, patterns: Patterns) -> int:
    """Return where the name of a landmark ends: a name that is known, or words never read."""
    if text[end : end + 1] != " ":
        return 0
    inner = known.get(end + 1)
    return inner.end if inner else _unread(text, end, patterns, of_nouns=True)


def _named_so(text: str, end: int, known: Known, patterns: Patterns, of_nouns: bool) -> int:
    """Return where the name ends of a body whose kind stands before a name or a noun; 0 if none."""
    first = patterns.next_part(text, end)
    if first is None:
        return 0
    if first.text in patterns.words.within:
        return _of_people(text, first, known, patterns)
    if first.text in patterns.words.landmarks:
        return _landmark(text, first.end, known, patterns)
    if first.start in known:
        inner = known[first.start]
        end = inner.end if is_body(inner) else _adjectives(text, inner.end, known, patterns)
        described = _is_adjective(text[first.start : end].rpartition(" ")[2], patterns)
        return _purpose(text, end, patterns, described)
    if of_nouns and _is_noun(first, patterns):
        end = _adjectives(text, first.end, known, patterns)
        another = patterns.next_word(text, end)
        if another is not None and _joins(another, known, patterns):
            return _adjectives(text, another.end, known, patterns)
        return _purpose(text, end, patterns, end > first.end)
    if of_nouns and first.text in patterns.words.days:
        return first.end
    end = _unread(text, end, patterns, of_nouns)
    return _adjectives(text, end, known, patterns) if end else 0


def _of_people(text: str, first: Part, known: Known, patterns: Patterns) -> int:
    """Return where a name like مدرسة شهداء يناير ends, with ``first`` as its second word, or 0."""
    second = patterns.next_part(text, first.end)
    if second is None:
        return 0
    if second.start in known:
        return _purpose(text, known[second.start].end, patterns, described=True)
    if second.text in patterns.words.days or _is_noun(second, patterns):
        return _adjectives(text, second.end, known, patterns)
    return _unread(text, first.end, patterns, of_nouns=True)


def _described(text: str, end: int, known: Known, patterns: Patterns, any_: bool) -> int:
    """Return where the name ends of a body whose kind has the article; 0 if it is none.

    An adjective says whose it is (السفارة التركية); ``any_`` is enough, and any with a purpose.
    """
    first = patterns.next_word(text, end)
    if first is None or first.start in known or not _is_adjective(first.text, patterns):
        return 0
    adjectives = _adjectives(text, end, known, patterns)
    purpose = _purpose(text, adjectives, patterns, described=True)
    whose = (
        any_
        or "nation" in patterns.lexicon.marks.get(first.text, ())
        or (patterns.lexicon.counts.get(first.text, 0) == 0)
    )
    return purpose if whose or purpose > adjectives else 0


def _adjectives(text: str, end: int, known: Known, patterns: Patterns) -> int:
    """Return where the adjectives behind ``end`` end."""
    while (word := patterns.next_word(text, end)) and word.start not in known:
        if not _is_adjective(word.text, patterns):
            break
        end = word.end
    return end


def _purpose(text: str, end: int, patterns: Patterns, described: bool) -> int:
    """Return where that ends which a body is for: للنفط، لأمن السواحل، للأعمال المتعلقة بـ…"""
    word = patterns.next_word(text, end)
    if not described or word is None or len(word.text) <= len("للأ"):
        return end
    if word.text[0] == "ل" and word.text[1:] in patterns.words.within:
        noun = patterns.next_word(text, word.end)
        return noun.end if noun and _is_noun(noun, patterns) else end
    if not word.text.startswith("لل") or _ARTICLE + word.text[2:] in patterns.words.no_purpose:
        return end
    end = word.end
    adjective = patterns.next_word(text, end)
    if adjective is not None and _is_noun(adjective, patterns):
        end = adjective.end
    concerning = text.endswith(tuple(_CONCERNING), 0, end)
    while word := patterns.next_word(text, end):
        if not (
            word.text.startswith("وال")
            or word.text in _CONCERNING
            or _is_adjective(word.text, patterns)
            or (concerning and word.text.startswith("بال"))
        ):
            break
        concerning = word.text in _CONCERNING
        end = word.end
    return end


def _unread(text: str, end: int, patterns: Patterns, of_nouns: bool) -> int:
    """Return where the words behind ``end`` end that are names; 0 for none.

    Behind a kind that stands before nouns, too, words that were never read are names.
    """
    last = 0
    for _ in range(_MOST_UNREAD):
        word = patterns.next_part(text, end)
        if word is None or word.text.startswith("وال"):
            break
        if not (patterns.may_be_name(word.text) if of_nouns else patterns.is_listed(word.text)):
            break
        last = end = word.end
    return last


def _joins(word: Part, known: Known, patterns: Patterns) -> bool:
    """Say whether ``word`` is the second of two nouns: والجسور of مصلحة الطرق والجسور."""
    noun = Part(word.text[1:], word.start + 1, word.end)
    return word.text[0] == "و" and noun.start not in known and _is_noun(noun, patterns)


def _is_noun(word: Part, patterns: Patterns) -> bool:
    return (
        word.text.startswith(_ARTICLE) and len(word.text) > 4 and word.text not in patterns.no_names
    )


def _is_adjective(word: str, patterns: Patterns) -> bool:
    return word in patterns.words.adjectives or (
        word.startswith(_ARTICLE)
        and word.endswith(("ي", "يه"))
        and len(word) > 4
        and word not in patterns.no_names
    )
