"""The rules of date expressions, compiled from tables, and the search with them.

A run of words that may be dates is a string of letters, one letter a word, for its class. The rules
come in passes. Each pass is one regular expression over the letters; what it finds becomes one item
of a new class, which the rules of later passes are made of: numbers, then years, then days, then
what is said of days.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any, NamedTuple

from services.enrich.core.date_unfixed import is_unfixed
from services.enrich.core.date_values import Meaning, is_meaning
from services.enrich.core.date_words import MARKS, NUMBER_CLASSES, Chunk, Item, Lexicon
from services.enrich.core.normalise import normalise

_PIECE = re.compile(r"(?:(\w+)=)?([~!>]?)(\w+)|([()|?])|\s+|(.)")
_NAME = re.compile(r"\w+")
_LOOKS = {"~": "<=", "!": "!", ">": "="}
_SHORTEST_FUTURE_VERB = 4
_REMEMBERED = 4096
_LONGEST_REMEMBERED = 24
_FIRST_LETTER = 0x4E00  # a block of letters that regular expressions give no meaning to


class GrammarError(ValueError):
    """The tables contradict themselves; the message names the rule or the word."""


class _Rule(NamedTuple):
    """What becomes of a match: an item of class ``letter``, of ``parts`` (name, group)."""

    letter: str
    meaning: str
    parts: tuple[tuple[str, str], ...]


class _Pass(NamedTuple):
    pattern: re.Pattern[str]
    rules: Mapping[str, _Rule]


class _Merge(NamedTuple):
    """Items ``begin`` to ``end`` become one by ``rule``; ``places`` are its parts' items."""

    begin: int
    end: int
    rule: _Rule
    places: list[tuple[str, int]]


class _Plan(NamedTuple):
    """What the passes make of a run: the merges of each, and the letters left in the end."""

    letters: str
    merges: list[list[_Merge]]


class Expression(NamedTuple):
    """A date expression: its range in the normalised text and its meaning."""

    start: int
    end: int
    meaning: Meaning


class _Future(NamedTuple):
    """How words look that speak of what is to come."""

    words: frozenset[str]
    starts: tuple[str, ...]
    not_starts: tuple[str, ...]

    def speaks(self, word: str) -> bool:
        """Return whether the normalised ``word`` does."""
        if word in self.words:
            return True
        return (
            len(word) > _SHORTEST_FUTURE_VERB
            and word.startswith(self.starts)
            and not word.startswith(self.not_starts)
        )


@dataclass(frozen=True, slots=True)
class Grammar:
    """Compiled tables; ``dates`` are the letters of the classes that are dates.

    ``future`` knows the words that speak of what is to come, ``plan`` remembers what the passes
    find in a run of letters.
    """

    lexicon: Lexicon
    passes: tuple[_Pass, ...]
    dates: frozenset[str]
    future: _Future
    plan: Callable[[str], _Plan]

    def expressions(self, text: str) -> list[Expression]:
        """Return the date expressions of the normalised ``text``, in order, none overlapping."""
        return [
            Expression(*item)
            for chunk in self.lexicon.chunks(text)
            for letter, item in zip(*self._parse(chunk), strict=True)
            if letter in self.dates
        ]

    def _parse(self, chunk: Chunk) -> Chunk:
        letters, items = chunk
        # What the rules find depends on the letters alone, and most runs have been seen before.
        plan = (
            self.plan(letters)
            if len(letters) <= _LONGEST_REMEMBERED
            else _plan(self.passes, letters)
        )
        for merges in plan.merges:
            items = _merged(items, merges)
        return Chunk(plan.letters, items)


def _plan(passes: tuple[_Pass, ...], letters: str) -> _Plan:
    """Return what the passes find in ``letters``."""
    plan = []
    for pattern, rules in passes:
        merges = [
            _merge(match, rules[match.lastgroup or ""]) for match in pattern.finditer(letters)
        ]
        if merges:
            plan.append(merges)
            pieces: list[str] = []
            done = 0
            for merge in merges:
                pieces += (letters[done : merge.begin], merge.rule.letter)
                done = merge.end
            letters = "".join((*pieces, letters[done:]))
    return _Plan(letters, plan)


def _merge(match: re.Match[str], rule: _Rule) -> _Merge:
    places = [(part, match.start(group)) for part, group in rule.parts]
    return _Merge(*match.span(), rule, [(part, at) for part, at in places if at >= 0])


def _merged(items: list[Item], merges: list[_Merge]) -> list[Item]:
    merged: list[Item] = []
    done = 0
    for begin, end, rule, places in merges:
        parts = {part: items[at].value for part, at in places}
        reduce = _REDUCERS.get(rule.meaning)
        value = reduce(parts, items[begin:end]) if reduce else Meaning(rule.meaning, parts)
        merged += items[done:begin]
        merged.append(Item(items[begin].start, items[end - 1].end, value))
        done = end
    merged += items[done:]
    return merged


# Rules whose result is a value, not a meaning still to be resolved.
_REDUCERS: Mapping[str, Callable[[Mapping[str, Any], list[Item]], Any]] = {
    "sum": lambda _, items: sum(item.value for item in items if isinstance(item.value, int)),
    "take": lambda parts, _: next(iter(parts.values())),
    "nothing": lambda *_: None,
}


def compile_grammar(tables: Mapping[str, Any]) -> Grammar:
    """Return the grammar of ``tables``, the content of the files in ``knowledge/dates``.

    Raises GrammarError for a rule or an element that names an unknown class or meaning, and for a
    word of two classes.
    """
    phrases = tables["phrases"]
    rules = [[_Source.of(rule, phrases) for rule in rules] for rules in tables["passes"]]
    made = {rule.result for one_pass in rules for rule in one_pass}
    classes = [*tables["words"], *NUMBER_CLASSES, *sorted(made)]
    letters = {name: chr(_FIRST_LETTER + at) for at, name in enumerate(classes)} | MARKS
    elements = {name: {name} for name in letters}
    for name, members in tables["elements"].items():
        if unknown := [member for member in members if member not in elements]:
            raise GrammarError(f"element {name}: no such class of words: {', '.join(unknown)}")
        elements[name] = set().union(*(elements[member] for member in members))
    compiler = _Compiler(letters, elements, frozenset(tables["parts"]))
    try:
        idle = "".join(letters[member] for name in tables["idle"] for member in elements[name])
        lexicon = Lexicon(tables["words"], letters, idle)
    except ValueError as error:
        raise GrammarError(str(error)) from error
    passes = tuple(compiler.compile(one_pass) for one_pass in rules)
    return Grammar(
        lexicon=lexicon,
        passes=passes,
        plan=lru_cache(_REMEMBERED)(partial(_plan, passes)),
        dates=frozenset(letters[name] for name in tables["dates"]),
        future=_future(tables["future"]),
    )


def _future(tables: Mapping[str, list[str]]) -> _Future:
    forms = {name: [normalise(form).text for form in forms] for name, forms in tables.items()}
    joined = {name: [a + form for a in ("", "و", "ف") for form in of] for name, of in forms.items()}
    return _Future(frozenset(joined["words"]), tuple(joined["starts"]), tuple(joined["not_starts"]))


class _Source(NamedTuple):
    """A rule as written: ``RESULT meaning: pattern``."""

    result: str
    meaning: str
    pattern: str

    @classmethod
    def of(cls, rule: str, phrases: Mapping[str, str]) -> "_Source":
        head, colon, pattern = rule.partition(":")
        words = head.split()
        if not colon or len(words) != 2:
            raise GrammarError(f"rule {rule!r}: expected RESULT meaning: pattern")
        if not (words[1] in _REDUCERS or is_meaning(words[1]) or is_unfixed(words[1])):
            raise GrammarError(f"rule {rule!r}: no such meaning: {words[1]}")
        return cls(words[0], words[1], _NAME.sub(lambda n: phrases.get(n[0], n[0]), pattern))


class _Compiler(NamedTuple):
    letters: Mapping[str, str]
    elements: Mapping[str, set[str]]
    parts: frozenset[str]

    def compile(self, sources: Iterable[_Source]) -> _Pass:
        """Return the pass that tries the rules in this order at each place."""
        patterns: list[str] = []
        rules: dict[str, _Rule] = {}
        for number, source in enumerate(sources):
            parts: list[tuple[str, str]] = []
            pattern = self._pattern(source, f"_{number}", parts)
            rules[f"rule_{number}"] = _Rule(
                self.letters[source.result], source.meaning, tuple(parts)
            )
            patterns.append(f"(?P<rule_{number}>{pattern})")
        return _Pass(re.compile("|".join(patterns)), rules)

    def _pattern(self, source: _Source, suffix: str, parts: list[tuple[str, str]]) -> str:
        written = []
        for piece in _PIECE.finditer(source.pattern):
            part, look, element, operator, wrong = piece.groups()
            if wrong:
                raise GrammarError(f"rule {source.pattern!r}: {wrong!r} has no meaning here")
            if operator:
                written.append("(?:" if operator == "(" else operator)
            elif element:
                members = self._members(element, source.pattern)
                part = part or element
                if look:
                    written.append(f"(?{_LOOKS[look]}{members})")
                elif part in self.parts:
                    group = f"{part}_{len(parts)}{suffix}"
                    parts.append((part, group))
                    written.append(f"(?P<{group}>{members})")
                else:
                    written.append(members)
        return "".join(written)

    def _members(self, element: str, rule: str) -> str:
        if element not in self.elements:
            raise GrammarError(f"rule {rule!r}: no such element: {element}")
        return "[" + "".join(re.escape(self.letters[m]) for m in self.elements[element]) + "]"
