"""What the words around an expression tell of it: tense, dialect, deadlines, counting."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from services.enrich.core.normalise import normalise

_SENTENCE_END = re.compile(r"[.!؟?؛;\n]")
_CHARS_BEFORE = 100
_CHARS_OF_A_WORD = 20
_CHARS_AFTER = 60
_WORDS_OF_A_COUNT = 4
_SHORTEST_FUTURE_VERB = 4


class Cues(NamedTuple):
    """Words that tell of a date near them, normalised; see ``cues`` in the tables."""

    future: frozenset[str]
    future_starts: tuple[str, ...]
    not_future_starts: tuple[str, ...]
    coming: frozenset[str]
    until: frozenset[str]
    dialect: frozenset[str]
    counting: frozenset[str]

    def speaks_of_future(self, word: str) -> bool:
        """Return whether the normalised ``word`` does."""
        if word in self.future:
            return True
        return (
            len(word) > _SHORTEST_FUTURE_VERB
            and word.startswith(self.future_starts)
            and not word.startswith(self.not_future_starts)
        )


def compile_cues(tables: Mapping[str, Sequence[str]]) -> Cues:
    """Return the cues of ``tables``, whose words may have an "and" written onto them."""
    forms = {name: [normalise(form).text for form in forms] for name, forms in tables.items()}
    joined = {name: [a + form for form in of for a in ("", "و", "ف")] for name, of in forms.items()}
    starts = {name: tuple(joined[name]) for name in ("future_starts", "not_future_starts")}
    words = {name: frozenset(of) for name, of in joined.items() if name not in starts}
    return Cues(**words, **starts)  # type: ignore[arg-type]  # a table for each field


@dataclass(frozen=True)
class Surroundings:
    """The words around ``start`` to ``end`` of a normalised ``text``, read when asked for."""

    cues: Cues
    text: str
    start: int
    end: int

    @cached_property
    def future(self) -> bool:
        """Whether they speak of what is to come."""
        next_word = self.text[self.end : self.end + _CHARS_OF_A_WORD].split()[:1]
        return any(map(self.cues.speaks_of_future, [*self._before, *next_word]))

    @cached_property
    def coming(self) -> bool:
        """Whether they speak of the future, or in the present tense of what begins or ends."""
        return self.future or not self.cues.coming.isdisjoint(self._before)

    @property
    def until(self) -> bool:
        """Whether the word before is "until": of what has or has not ended."""
        return not self.cues.until.isdisjoint(self._before[-1:])

    @property
    def dialect(self) -> bool:
        """Whether they are of spoken Arabic, or of what is to come."""
        after = _SENTENCE_END.split(self.text[self.end : self.end + _CHARS_AFTER])[0].split()
        words = [*self._before, *after]
        spoken = any(word.startswith("ن") and word.endswith("و") for word in words)
        return spoken or self.future or not self.cues.dialect.isdisjoint(words)

    @property
    def counting(self) -> bool:
        """Whether the words before say that a number is of things."""
        return not self.cues.counting.isdisjoint(self._before[-_WORDS_OF_A_COUNT:])

    @cached_property
    def _before(self) -> list[str]:
        before = self.text[max(self.start - _CHARS_BEFORE, 0) : self.start]
        if self.start > _CHARS_BEFORE:
            before = before.partition(" ")[2]  # the first word may be cut
        return _SENTENCE_END.split(before)[-1].split()
