"""Names of people that no list has: a given name, then fathers' names and a surname.

«النقيب يوشع العزابي»، «سعاد بوحليقة»، «عبد السلام قريرة». How far a name goes is told by the words:
given names, nisbas, words that were never read as anything else.
"""

import re
from collections.abc import Iterable, Iterator

from services.enrich.core.context import word_before
from services.enrich.core.matching import Hit
from services.enrich.core.patterns import Part, Patterns, Span

_MOST_PARTS = 6
_RARE = 60
"""A word read more often is a name only if it is a given name."""
_NOT, _MAY, _DOES = 0, 1, 2
_ARTICLE = "ال"
_JOINED = ("وال", "بال", "لل", "فال", "كال")
_NAMES = frozenset(("given", "name2", "name3", "name4"))


_NEAR = 40
"""How many letters before a name the title is that belongs to it."""
_SIGN = re.compile(r"[^\w\s]|\n")


def find_people(text: str, hits: Iterable[Hit[str]], patterns: Patterns) -> Iterator[Span]:
    """Yield the names of people in ``text`` that begin with one of the given names ``hits``."""
    words = patterns.words
    end = 0
    for hit in hits:
        doubtful = hit.value in words.given_or_word
        if hit.start < end or not (
            doubtful or hit.value in words.given or hit.value in words.joiners
        ):
            continue
        introduced = word_before(text, hit.word_start) in patterns.introducing
        span = _name(text, hit.start, patterns, introduced, doubtful)
        if span is not None:
            yield span
            end = span.end


def _name(
    text: str, start: int, patterns: Patterns, introduced: bool, doubtful: bool
) -> Span | None:
    """Return the name that begins at ``start``; None if what follows is no name."""
    first = patterns.part(text, start)
    if first is None:
        return None
    parts = [first]
    worths = [_DOES]
    while len(parts) < _MOST_PARTS:
        part = patterns.next_part(text, parts[-1].end)
        worth = _worth(part, patterns) if part is not None else _NOT
        if part is None or worth == _NOT:
            break
        if worth == _MAY and (len(parts) > 2 or _MAY in worths):
            break
        parts.append(part)
        worths.append(worth)
    if parts[-1].text == "علي" and patterns.next_word(text, parts[-1].end) is not None:
        parts.pop()  # which is «على» as well
    if len(parts) < 2:
        return None
    sure = next((at for at, worth in enumerate(worths) if worth == _MAY), len(parts)) - 1
    if (
        not introduced
        and (doubtful or sure == 0)
        and not _is_surname(parts[1], patterns)
        and not _has_title(text, start, patterns)
    ):
        return None
    return Span(start, parts[-1].end, "PER", parts[min(sure, len(parts) - 1)].end)


def _worth(part: Part, patterns: Patterns) -> int:
    """Return whether ``part``, behind a part of a name, belongs to it."""
    word, words = part.text, patterns.words
    if " " in word or word in words.given or word in words.given_or_word:
        return _DOES
    if word in patterns.no_names or word.startswith(_JOINED):
        return _NOT
    count = patterns.lexicon.counts.get(word, 0)
    marks = patterns.lexicon.marks.get(word, ())
    named = not _NAMES.isdisjoint(marks)
    if count > _RARE or (count and not named):
        return _NOT
    if word.startswith(_ARTICLE):
        if count:
            return _MAY
        return _DOES
    if named:
        return _MAY if count else _DOES
    if "place" in marks or not patterns.may_be_name(word):
        return _NOT
    return _DOES if word.startswith("بو") else _MAY


def _has_title(text: str, start: int, patterns: Patterns) -> bool:
    """Say whether a title stands a few words before ``start``: مدير المصفاة خليفة الصقر."""
    before = _SIGN.split(text[max(start - _NEAR, 0) : start])[-1].split()
    return not patterns.words.titles.isdisjoint(before)


def _is_surname(part: Part, patterns: Patterns) -> bool:
    """Say whether ``part`` can be nothing but a surname: a nisba that nobody has read."""
    word = part.text
    return (
        word.startswith((_ARTICLE, "بو"))
        and word.endswith(("ي", "ه", "ا"))
        and patterns.lexicon.counts.get(word, 0) == 0
        and "nation" not in patterns.lexicon.marks.get(word, ())
    )
