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
_STARTS = ("future_starts", "not_future_starts")
_ENDS = ("future_ends", "last_ends")


class Cues(NamedTuple):
    """Words that tell of a date near them, normalised; see ``cues`` in the tables.

    ``future_ends`` are endings of verbs, ``last_ends`` those where verbs stand last in a sentence.
    """

    future: frozenset[str]
    future_starts: tuple[str, ...]
    not_future_starts: tuple[str, ...]
    future_ends: tuple[str, ...]
    last_ends: tuple[str, ...]
    coming: frozenset[str]
    until: frozenset[str]
    dialect: frozenset[str]
    counting: frozenset[str]

    def speaks_of_future(self, word: str) -> bool:
        """Return whether the normalised ``word`` does."""
        if word in self.future:
            return True
        if len(word) <= _SHORTEST_FUTURE_VERB:
            return False
        if word.startswith(self.future_starts):
            return not word.startswith(self.not_future_starts)
        return word.endswith(self.future_ends)


def compile_cues(tables: Mapping[str, Sequence[str]]) -> Cues:
    """Return the cues of ``tables``, whose words may have an "and" written onto them.

    What a language has no words for may be left out.
    """
    forms = {name: [normalise(form).text for form in tables.get(name, ())] for name in Cues._fields}
    joined = {name: [a + form for form in of for a in ("", "و", "ف")] for name, of in forms.items()}
    affixes = {name: tuple(joined[name]) for name in _STARTS}
    affixes |= {name: tuple(forms[name]) for name in _ENDS}
    words = {name: frozenset(of) for name, of in joined.items() if name not in affixes}
    return Cues(**words, **affixes)  # type: ignore[arg-type]  # a table for each field


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
        if any(map(self.cues.speaks_of_future, [*self._before, *next_word])):
            return True
        ends = self.cues.last_ends
        return bool(ends) and any(word.endswith(ends) for word in self._after(_CHARS_BEFORE))

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
        words = [*self._before, *self._after(_CHARS_AFTER)]
        spoken = any(word.startswith("ن") and word.endswith("و") for word in words)
        return spoken or self.future or not self.cues.dialect.isdisjoint(words)

    @property
    def counting(self) -> bool:
        """Whether the words before say that a number is of things."""
        return not self.cues.counting.isdisjoint(self._before[-_WORDS_OF_A_COUNT:])

    def _after(self, chars: int) -> list[str]:
        return _SENTENCE_END.split(self.text[self.end : self.end + chars])[0].split()

    @cached_property
    def _before(self) -> list[str]:
        before = self.text[max(self.start - _CHARS_BEFORE, 0) : self.start]
        if self.start > _CHARS_BEFORE:
            before = before.partition(" ")[2]  # the first word may be cut
        return _SENTENCE_END.split(before)[-1].split()
