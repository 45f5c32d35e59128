"""Words that give away names which no list has, and what is known of the words around them.

The words are data: ``patterns.yaml``. `people` and `bodies` say what each shows.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, NamedTuple

from ahocorasick_rs import Implementation

from services.contract.articles import EntityType
from services.enrich.core.matching import BARE_CLITICS, Matcher
from services.enrich.core.normalise import normalise
from services.enrich.core.word_features import Lexicon, split_particles

_WORD = re.compile("[\u0621-\u064a]+(?!\\w)")

_NAMING = frozenset(("place", "given", "name1", "name2", "name3", "name4"))
_SHORTEST = 2
_FEW = 5
_BEGINNINGS_OF_VERBS = ("سي", "ست", "سن", "يست", "تست", "است", "نست")
_ENDINGS_OF_WORDS = ("ها", "هم", "هما", "وا", "ات", "اته", "نا", "يه")
_BEGINNING = frozenset(("عبد", "ابو"))
"""The joiners with which a name begins often enough to look for it."""
LONGEST_NAME = 200
"""In letters. A text that is one kind or adjective after another has no name of that length."""


class Span(NamedTuple):
    """A name that no list has: where it is, without particles before it, and what it names.

    Up to ``sure_end`` it is clear; the words from there to ``end`` may belong to it. One that
    ``wins`` is not what a shorter known name in it says.
    """

    start: int
    end: int
    type: EntityType
    sure_end: int
    wins: bool = True


class Part(NamedTuple):
    """A word of a text, or words that belong together (عبد السلام)."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Words:
    """The words of patterns.yaml, normalised; its comments say what each list holds."""

    given: frozenset[str]
    given_or_word: frozenset[str]
    joiners: frozenset[str]
    completions: frozenset[str]
    titles: frozenset[str]
    says: frozenset[str]
    bodies: frozenset[str]
    bodies_of_names: frozenset[str]
    bodies_with_names: frozenset[str]
    schools: frozenset[str]
    bodies_described: frozenset[str]
    introduced_bodies: frozenset[str]
    numbered: frozenset[str]
    arms: frozenset[str]
    kinds_of_places: frozenset[str]
    landmarks: frozenset[str]
    events: frozenset[str]
    no_part: frozenset[str]
    no_purpose: frozenset[str]
    adjectives: frozenset[str]
    within: frozenset[str]
    days: frozenset[str]


@dataclass(frozen=True, slots=True)
class Patterns:
    """The words, ready to be looked for, and the ``lexicon`` that says how usual others are.

    ``beginnings`` are what a person's name begins with, ``continuing`` what may stand behind one
    that is an everyday word; ``introducing`` are titles, verbs and kinds with all particles;
    ``no_names`` are words of the lists that are no part of a person's name.
    """

    matcher: Matcher[str]
    words: Words
    beginnings: frozenset[str]
    continuing: frozenset[str]
    introducing: frozenset[str]
    no_names: frozenset[str]
    lexicon: Lexicon

    def part(self, text: str, at: int) -> Part | None:
        """Return the part of a name that begins at ``at``, None if no Arabic word does."""
        first = _WORD.match(text, at)
        if first is None:
            return None
        end = first.end()
        second = _WORD.match(text, end + 1) if text[end : end + 1] == " " else None
        if second is not None and (
            first.group() in self.words.joiners or second.group() in self.words.completions
        ):
            end = second.end()
        return Part(text[at:end], at, end)

    def next_part(self, text: str, end: int) -> Part | None:
        """Return the part behind a space at ``end``."""
        return self.part(text, end + 1) if text[end : end + 1] == " " else None

    def is_listed(self, word: str) -> bool:
        """Say whether ``word``, where a name is expected, is one: a list has it, few texts do."""
        return (
            self.lexicon.counts.get(word, 0) <= _FEW
            and word not in self.no_names
            and not _NAMING.isdisjoint(self.lexicon.marks.get(word, ()))
        )

    def may_be_name(self, word: str) -> bool:
        """Say whether ``word``, where a name is expected, is one, or was never read."""
        if self.is_listed(word):
            return len(word) > _SHORTEST
        if " " in word or word in self.no_names or self.lexicon.counts.get(word, 0):
            return False
        if word.startswith("ال"):
            return len(word) > _SHORTEST
        if self.is_verb(word) or word.endswith(_ENDINGS_OF_WORDS):
            return False
        particles, _ = split_particles(word, self.lexicon)
        return len(word) > _SHORTEST and not particles

    def is_verb(self, word: str) -> bool:
        """Say whether ``word``, which was never read and is in no list, begins as verbs do."""
        return (
            word.startswith(_BEGINNINGS_OF_VERBS)
            and not self.lexicon.counts.get(word, 0)
            and _NAMING.isdisjoint(self.lexicon.marks.get(word, ()))
        )

    def next_word(self, text: str, end: int) -> Part | None:
        """Return the word behind a space at ``end``."""
        found = _WORD.match(text, end + 1) if text[end : end + 1] == " " else None
        return Part(found.group(), found.start(), found.end()) if found else None


def compile_patterns(
    table: Mapping[str, Any], lexicon: Lexicon, surnames: Iterable[str] = ()
) -> Patterns:
    """Return the patterns of patterns.yaml; ``surnames`` are those of known people.

    Raises ValueError for a key that is none.
    """
    lists = [field.name for field in fields(Words)]
    if table.keys() != set(lists):
        wrong = sorted(table.keys() ^ set(lists))
        raise ValueError(f"unknown or missing: {', '.join(wrong)}")
    words = Words(**{name: frozenset(normalise(table[name]).text.split()) for name in lists})
    women = {f"{name}ه" for name in words.given if not name.startswith(("ال", "عبد"))}
    words = replace(words, given_or_word=(words.given_or_word | women) - words.given)
    searched = words.bodies | words.bodies_described | words.schools
    searched |= (
        words.bodies_of_names
        | words.introduced_bodies
        | words.numbered
        | words.landmarks
        | words.events
    )
    beginnings = words.given | words.given_or_word | (words.joiners & _BEGINNING)
    searched |= beginnings
    bodies = words.bodies | words.bodies_of_names | words.landmarks
    no_names = bodies | words.titles | words.says | words.bodies_described
    no_names |= words.no_part | words.introduced_bodies
    return Patterns(
        matcher=Matcher({word: word for word in searched}, implementation=Implementation.DFA),
        words=words,
        beginnings=beginnings,
        continuing=beginnings | words.joiners | words.completions | frozenset(surnames),
        introducing=frozenset(_with_particles(words.titles | words.says | bodies)),
        no_names=no_names - words.given - words.given_or_word,
        lexicon=lexicon,
    )


def _with_particles(words: Iterable[str]) -> Iterable[str]:
    for word in words:
        for particles in BARE_CLITICS:
            yield particles + word
        if not word.startswith("ال"):
            yield from (word + suffix for suffix in ("ه", "ها", "هم"))
        else:
            yield from (f"{before}لل{word[2:]}" for before in ("", "و", "ف"))
