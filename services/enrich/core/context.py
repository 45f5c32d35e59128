"""Words that are names in one place and something else in another: what their neighbours say.

«الزاوية» is a city after «مدينة», a corner after «حجر». The words are data: ``ambiguous.yaml``.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from services.contract.articles import EntityType
from services.enrich.core.matching import BARE_CLITICS
from services.enrich.core.normalise import normalise

_OPENING = " \"'“”«»„(‘’"  # what may stand between a word and the name after it
_CLOSING = " \"'“”«»)‘’"
_FARTHEST = 3
_DEFINITE = ("ال", "لل", "وال", "بال", "ولل")


@dataclass(frozen=True, slots=True)
class FormRule:
    """What the neighbours of one form say: the words right before and right after it."""

    after: frozenset[str] = frozenset()
    before: frozenset[str] = frozenset()
    never_after: frozenset[str] = frozenset()
    never_before: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Context:
    """What decides on doubtful names. Words are normalised and come with all particles."""

    cues: Mapping[EntityType, frozenset[str]] = field(default_factory=dict)
    prepositions: frozenset[str] = frozenset()
    strict: frozenset[str] = frozenset()
    given: frozenset[str] = frozenset()
    never: frozenset[str] = frozenset()
    not_alone: frozenset[str] = frozenset()
    adjectives: frozenset[str] = frozenset()
    clubs: frozenset[str] = frozenset()
    rules: Mapping[str, FormRule] = field(default_factory=dict)

    def forbids(self, text: str, word_start: int, end: int, form: str) -> bool:
        """Say whether what stands around the ``form`` in ``text`` shows that it is no name."""
        rule = self.rules.get(form)
        if rule is not None and (
            word_before(text, word_start) in rule.never_after
            or word_after(text, end) in rule.never_before
        ):
            return True
        return form in self.adjectives and self._describes(text, word_start, form)

    def _describes(self, text: str, at: int, form: str) -> bool:
        """Say whether the word at ``at`` is the ``form`` alone, behind a noun with the article."""
        if text[at - 1 : at] != " " or not text.startswith(form, at):
            return False
        noun = word_before(text, at)
        return noun.startswith(_DEFINITE) and not any(noun in words for words in self.cues.values())

    def cued(self, text: str, word_start: int, end: int, form: str, type_: EntityType) -> bool:
        """Say whether a word beside the ``form`` shows that it is a name of an entity of a type."""
        before = word_before(text, word_start)
        if before in self.cues.get(type_, ()):
            return True
        rule = self.rules.get(form)
        return rule is not None and (before in rule.after or word_after(text, end) in rule.before)

    def is_strict(self, form: str) -> bool:
        """Say whether the ``form`` is a name of a place only behind a cue."""
        return form in self.strict or form in self.given

    def located(self, text: str, word_start: int, start: int, form: str) -> bool:
        """Say whether something is in, from or to the ``form``: enough where places are spoken of.

        «العين» is an eye too often for that: such forms are ``strict``, and so are given names.
        """
        if self.is_strict(form):
            return False
        particles = text[word_start:start]
        return (
            "ب" in particles
            or "ل" in particles
            or word_before(text, word_start) in self.prepositions
        )


def compile_context(table: Mapping[str, Any], given: Iterable[str] = ()) -> Context:
    """Return the context of ambiguous.yaml; ``given`` are names of people.

    Raises ValueError for a key that is none.
    """
    if unknown := table.keys() - {
        "cues",
        "prepositions",
        "strict",
        "never",
        "not_alone",
        "adjectives",
        "clubs",
        "forms",
    }:
        raise ValueError(f"unknown: {', '.join(sorted(unknown))}")
    rules = {}
    for form, neighbours in table.get("forms", {}).items():
        try:
            rules[_plain(form)] = FormRule(**{k: _words(v) for k, v in neighbours.items()})
        except TypeError as error:
            raise ValueError(f"{form}: {error}") from error
    return Context(
        cues={type_: _words(words) for type_, words in table.get("cues", {}).items()},
        prepositions=_words(table.get("prepositions", ())),
        strict=frozenset(map(_plain, table.get("strict", ()))),
        given=frozenset(map(_plain, given)),
        never=frozenset(map(_plain, table.get("never", ()))),
        not_alone=frozenset(map(_plain, table.get("not_alone", ()))),
        adjectives=frozenset(map(_plain, table.get("adjectives", ()))),
        clubs=frozenset(map(_plain, table.get("clubs", ()))),
        rules=rules,
    )


def word_before(text: str, at: int) -> str:
    """Return the word that ends right before ``at``, past quotation marks; "" if there is none."""
    end = at
    while end and at - end < _FARTHEST and text[end - 1] in _OPENING:
        end -= 1
    start = end
    while start and text[start - 1].isalnum():
        start -= 1
    return text[start:end] if end < at else ""


def word_after(text: str, at: int) -> str:
    """Return the word that begins right after ``at``, past quotation marks; "" if there is none."""
    start = at
    while start < len(text) and start - at < _FARTHEST and text[start] in _CLOSING:
        start += 1
    end = start
    while end < len(text) and text[end].isalnum():
        end += 1
    return text[start:end] if start > at else ""


def _words(words: list[str]) -> frozenset[str]:
    return frozenset(clitic + _plain(word) for word in words for clitic in BARE_CLITICS)


@lru_cache(maxsize=10_000)
def _plain(word: str) -> str:
    return normalise(word).text
