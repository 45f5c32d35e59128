"""Find many known words and names in a normalised text at once, as whole words.

Arabic writes its particles onto the next word: وحفتر، لطرابلس، بالولايات، للأفريكوم. A form is
therefore looked up without its article, and what stands before it in the word is judged after the
search. The search gives all overlapping hits, because a longer one that turns out to be no whole
word, or no name where it stands, must not hide a shorter one; `leftmost_longest` comes last.
"""

from collections.abc import Mapping
from operator import itemgetter
from typing import Any, Generic, NamedTuple, TypeVar

from ahocorasick_rs import AhoCorasick, Implementation

T = TypeVar("T")
S = TypeVar("S", bound=tuple[Any, ...])

_START = itemgetter(0)
_ARTICLE = "ال"
BARE_CLITICS = tuple(a + b for a in ("", "و", "ف") for b in ("", "ب", "ك", "ل"))
# Prefix as written -> how much of it at its end belongs to the word: the article does (الـ), but
# not in للـ, where it has melted into the particle. لـالمنفي is written, too.
_WITHOUT_ARTICLE = frozenset(BARE_CLITICS)
_WITH_ARTICLE = {a + b + _ARTICLE: 2 for a in ("", "و", "ف") for b in ("", "ب", "ك", "ل")} | {
    a + "لل": 0 for a in ("", "و", "ف")
}
_LONGEST_PREFIX = 4
_LAST_OF_PREFIXES = frozenset("وفبكل")


class Hit(NamedTuple, Generic[T]):
    """A form found: its range in the normalised text, without particles, and what it stands for.

    ``word_start`` is where the written word begins, particles included.
    """

    start: int
    end: int
    word_start: int
    value: T


class Matcher(Generic[T]):
    """A compiled set of forms."""

    def __init__(
        self,
        forms: Mapping[str, T],
        never: frozenset[str] = frozenset(),
        implementation: Implementation | None = None,
    ) -> None:
        """``forms`` are normalised forms and what each stands for.

        ``never`` are words that none is meant by: وأن is not Van, كسرت is not ك + سرت. A DFA as
        ``implementation`` is twice as fast for a thousand forms, no faster for ten thousand.
        """
        self._never = never
        stems: dict[str, tuple[T | None, T | None]] = {}
        for form, value in forms.items():
            stem, with_article = _stem(form)
            bare, articled = stems.get(stem, (None, None))
            stems[stem] = (bare, value) if with_article else (value, articled)
        # What each form means alone, behind particles, and behind those with the article.
        self._meanings = [
            (None if stem in never else bare, bare, articled)
            for stem, (bare, articled) in stems.items()
        ]
        self.automaton = AhoCorasick(list(stems), implementation=implementation) if stems else None

    def find(self, text: str) -> list[Hit[T]]:
        """Return the whole words and names in the normalised ``text``, overlapping ones as well."""
        if self.automaton is None:
            return []
        length, meanings = len(text), self._meanings
        whole: list[Hit[T]] = []
        for pattern, start, end in self.automaton.find_matches_as_indexes(text, overlapping=True):
            if end < length and text[end].isalnum():
                continue
            before = text[start - 1] if start else " "
            if not before.isalnum():
                alone = meanings[pattern][0]
                if alone is not None:
                    whole.append(Hit(start, end, start, alone))
            elif before in _LAST_OF_PREFIXES:
                hit = self._judge(text, pattern, start, end)
                if hit is not None:
                    whole.append(hit)
        return whole

    def _judge(self, text: str, pattern: int, start: int, end: int) -> Hit[T] | None:
        """Return the hit if the letters that stand before it in its word are particles."""
        word = _word_start(text, start)
        if word is None or text[word:end] in self._never:
            return None
        _, bare, articled = self._meanings[pattern]
        prefix = text[word:start]
        if bare is not None and prefix in _WITHOUT_ARTICLE:
            return Hit(start, end, word, bare)
        belongs = _WITH_ARTICLE.get(prefix)
        if articled is not None and belongs is not None:
            return Hit(start - belongs, end, word, articled)
        return None


def particles_before(text: str, start: int) -> int | None:
    """Return where the word begins whose particles end at ``start``; None if others are there."""
    if start == 0 or not text[start - 1].isalnum():
        return start
    word = _word_start(text, start)
    return word if word is not None and text[word:start] in _WITHOUT_ARTICLE else None


def _word_start(text: str, start: int) -> int | None:
    """Return where the word around ``start`` begins; None if too far away to be particles."""
    word = start
    while word and text[word - 1].isalnum():
        word -= 1
        if start - word > _LONGEST_PREFIX:
            return None
    return word


def leftmost_longest(spans: list[S]) -> list[S]:
    """Return the spans that remain when the leftmost, and of these the longest, wins.

    A span is a tuple that begins with its start and its end.
    """
    kept: list[S] = []
    start, end = -1, 0
    for span in sorted(spans, key=_START):
        if span[0] >= end:
            kept.append(span)
        elif span[0] == start and span[1] > end:
            kept[-1] = span
        else:
            continue
        start, end = span[0], span[1]
    return kept


def _stem(form: str) -> tuple[str, bool]:
    """Return ``form`` without its article, and whether it had one."""
    if form.startswith(_ARTICLE) and len(form) > len(_ARTICLE) + 1:
        return form[len(_ARTICLE) :], True
    return form, False
