"""The grammar, compiled from the tables of ``knowledge/dates``."""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache, partial
from typing import Any, NamedTuple

from services.enrich.core.dates.cues import compile_cues
from services.enrich.core.dates.grammar import REDUCERS, Grammar, Pass, Rule, make_plan
from services.enrich.core.dates.meanings import MEANINGS
from services.enrich.core.dates.numerals import CLASSES as NUMERAL_CLASSES
from services.enrich.core.dates.vocabulary import MARKS, compile_vocabulary

_PIECE = re.compile(r"(?:(\w+)=)?([~!>]?)(\w+(?:\.\w+)*)|([()|?])|\s+|(.)")
_NAME = re.compile(r"\w+")
_LOOKS = {"~": "<=", "!": "!", ">": "="}
_REMEMBERED = 4096
_FIRST_LETTER = 0x4E00  # a block of letters that regular expressions give no meaning to


class GrammarError(ValueError):
    """The tables contradict themselves; the message names the rule or the word."""


def compile_grammar(tables: Mapping[str, Any]) -> Grammar:
    """Return the grammar of ``tables``, the content of the files in ``knowledge/dates``.

    Raises GrammarError for a rule or an element that names an unknown class or meaning, and for a
    word of two classes.
    """
    phrases = tables["phrases"]
    rules = [[_Source.of(rule, phrases) for rule in rules] for rules in tables["passes"]]
    made = {rule.result for one_pass in rules for rule in one_pass}
    classes = [*tables["words"], *NUMERAL_CLASSES, *sorted(made)]
    letters = {name: chr(_FIRST_LETTER + at) for at, name in enumerate(classes)} | MARKS
    elements = {name: {name} for name in letters}
    for name, members in tables["elements"].items():
        if unknown := [member for member in members if member not in elements]:
            raise GrammarError(f"element {name}: no such class of words: {', '.join(unknown)}")
        elements[name] = set().union(*(elements[member] for member in members))
    compiler = _Compiler(letters, elements, frozenset(tables["parts"]))
    try:
        idle = set().union(*(elements[name] for name in tables["idle"]))
        vocabulary = compile_vocabulary(tables["words"], letters, idle)
    except ValueError as error:
        raise GrammarError(str(error)) from error
    passes = tuple(compiler.compile(one_pass) for one_pass in rules)
    return Grammar(
        vocabulary=vocabulary,
        passes=passes,
        plan=lru_cache(_REMEMBERED)(partial(make_plan, passes)),
        dates=frozenset(letters[name] for name in tables["dates"]),
        cues=compile_cues(tables["cues"]),
    )


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
        if not (words[1] in REDUCERS or words[1] in MEANINGS):
            raise GrammarError(f"rule {rule!r}: no such meaning: {words[1]}")
        return cls(words[0], words[1], _NAME.sub(lambda n: phrases.get(n[0], n[0]), pattern))


class _Compiler(NamedTuple):
    letters: Mapping[str, str]
    elements: Mapping[str, set[str]]
    parts: frozenset[str]

    def compile(self, sources: Iterable[_Source]) -> Pass:
        """Return the pass that tries the rules in this order at each place."""
        patterns: list[str] = []
        rules: dict[str, Rule] = {}
        for number, source in enumerate(sources):
            parts: list[tuple[str, str]] = []
            pattern = self._pattern(source, f"_{number}", parts)
            rules[f"rule_{number}"] = Rule(
                self.letters[source.result], source.meaning, tuple(parts)
            )
            patterns.append(f"(?P<rule_{number}>{pattern})")
        return Pass(re.compile("|".join(patterns)), rules)

    def _pattern(self, source: _Source, suffix: str, parts: list[tuple[str, str]]) -> str:
        written = []
        for piece in _PIECE.finditer(source.pattern):
            part, look, element, operator, wrong = piece.groups()
            if wrong:
                raise GrammarError(f"rule {source.pattern!r}: {wrong!r} has no meaning here")
            if operator:
                written.append("(?:" if operator == "(" else operator)
            elif element:
                members = "".join(self._members(e, source.pattern) for e in element.split("."))
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
