"""Names of people that no list has: a given name, then fathers' names and a surname.

«النقيب يوشع العزابي»، «سعاد بوحليقة»، «عبد السلام قريرة». How far a name goes is told by the words:
given names, nisbas, words that were never read as anything else.
"""

import re
from collections.abc import Callable, Iterable, Iterator

from services.enrich.core.context import word_before
from services.enrich.core.matching import Hit
from services.enrich.core.patterns import Part, Patterns, Span

_MOST_PARTS = 6
_FATHERS = 2
"""Behind so many parts a word that may be a name is none."""
_ON = "علي"  # «على» in the comparable text
_IN_FAVOUR = "لصالح"  # of somebody, as a rule, not to a man called صالح
_RARE = 60
"""A word read more often is a name only if it is a given name."""
_NOT, _MAY, _DOES = 0, 1, 2
_ARTICLE = "ال"
_JOINED = ("وال", "بال", "لل", "فال", "كال")
_NAMES = frozenset(("given", "name2", "name3", "name4"))
_NEAR = 60
"""How many letters before a name the title is that belongs to it."""
_SIGN = re.compile(r"[^\w\s]|\n")


def find_people(
    text: str, hits: Iterable[Hit[str]], patterns: Patterns, means_on: Callable[[int], bool]
) -> Iterator[Span]:
    """Yield the names of people in ``text`` that begin with one of the given names ``hits``.

    ``means_on`` says of the علي at an offset whether the article has «على» there.
    """
    end = 0
    for hit in hits:
        if hit.start < end or hit.value not in patterns.beginnings:
            continue
        if text.endswith(_IN_FAVOUR, hit.word_start, hit.end) or _describes(text, hit, patterns):
            continue
        if _is_word(text, hit.end + 1, patterns):
            continue
        if hit.value == _ON and means_on(hit.start):
            continue
        span = _name(text, hit, patterns, means_on)
        if span is not None:
            yield span
            end = span.end


def _is_word(text: str, start: int, patterns: Patterns) -> bool:
    """Say whether what begins at ``start`` is a word that was often read and is no given name."""
    end = text.find(" ", start)
    word = text[start:end] if end >= 0 else text[start:]
    return patterns.lexicon.counts.get(word, 0) > _RARE and word not in patterns.continuing


def _name(
    text: str, hit: Hit[str], patterns: Patterns, means_on: Callable[[int], bool]
) -> Span | None:
    """Return the name that begins with ``hit``; None if what follows is no name."""
    first = patterns.part(text, hit.start)
    parts = [first] if first is not None else []
    sure = 1  # so many parts it has for certain
    while parts and len(parts) < _MOST_PARTS:
        part = patterns.next_part(text, parts[-1].end)
        worth = _worth(part, patterns) if part is not None else _NOT
        doubted = sure < len(parts)
        if part is None or worth == _NOT or (worth == _MAY and (doubted or sure > _FATHERS)):
            break
        parts.append(part)
        if worth == _DOES and not doubted:
            sure += 1
    last = parts[-1] if parts else None
    if last and last.text == _ON and patterns.next_word(text, last.end) and means_on(last.start):
        parts.pop()
    if len(parts) < _FATHERS:
        return None
    known = hit.value in patterns.words.given or hit.value in patterns.words.joiners
    if not (known and sure > 1) and not _is_expected(text, hit, parts[1], patterns):
        return None
    return Span(hit.start, parts[-1].end, "PER", parts[min(sure, len(parts)) - 1].end)


def _describes(text: str, hit: Hit[str], patterns: Patterns) -> bool:
    """Say whether a given name is an adjective there: المدني of مصلحة الطيران المدني."""
    if not hit.value.startswith(_ARTICLE) or hit.value in patterns.words.given:
        return False
    noun = word_before(text, hit.word_start)
    return noun.startswith(_ARTICLE) and noun not in patterns.introducing


def _is_expected(text: str, hit: Hit[str], second: Part, patterns: Patterns) -> bool:
    """Say whether a doubtful name is one: by its surname, a verb before it, a title nearby."""
    if _is_surname(second, patterns):
        return True
    if word_before(text, hit.word_start) in patterns.introducing:
        return True
    before = _SIGN.split(text[max(hit.word_start - _NEAR, 0) : hit.word_start])[-1].split()
    return not patterns.introducing.isdisjoint(before)


def _worth(part: Part, patterns: Patterns) -> int:
    """Return whether ``part``, behind a part of a name, belongs to it."""
    word = part.text
    if " " in word or word in patterns.continuing:
        return _DOES
    if word in patterns.no_names or word.startswith(_JOINED):
        return _NOT
    if word[0] == "و" and (
        word[1:] in patterns.lexicon.counts or word[1:] in patterns.lexicon.marks
    ):
        return _NOT
    count = patterns.lexicon.counts.get(word, 0)
    marks = patterns.lexicon.marks.get(word, ())
    named = not _NAMES.isdisjoint(marks)
    if count and named and word.startswith(_ARTICLE) and word.endswith("ي"):
        return _NOT if "nation" in marks else _MAY
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


def _is_surname(part: Part, patterns: Patterns) -> bool:
    """Say whether ``part`` can be nothing but a surname: a nisba that nobody has read."""
    word = part.text
    return (
        word.startswith((_ARTICLE, "بو"))
        and word.endswith(("ي", "ه", "ا"))
        and patterns.lexicon.counts.get(word, 0) == 0
        and "nation" not in patterns.lexicon.marks.get(word, ())
    )
