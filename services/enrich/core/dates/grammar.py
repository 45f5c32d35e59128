"""The expressions in a run: what the rules make of its words.

A run of words that may be dates is a string of letters, one letter a word, for its class. The rules
come in passes. Each pass is one regular expression over the letters; what it finds becomes one item
of a new class, which the rules of later passes are made of: numbers, then years, then days, then
what is said of days.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from services.enrich.core.dates.cues import Cues
from services.enrich.core.dates.meaning import Meaning
from services.enrich.core.dates.meanings import MEANINGS
from services.enrich.core.dates.runs import Item, Run, find_runs
from services.enrich.core.dates.vocabulary import Vocabulary

_LONGEST_REMEMBERED = 24


class Rule(NamedTuple):
    """What becomes of a match: an item of class ``letter``, of ``parts`` (name, group)."""

    letter: str
    meaning: str
    parts: tuple[tuple[str, str], ...]


class Pass(NamedTuple):
    """Rules tried together: one expression, and by the name of its group what each makes."""

    pattern: re.Pattern[str]
    rules: Mapping[str, Rule]


class _Merge(NamedTuple):
    """Items ``begin`` to ``end`` become one by ``rule``; ``places`` are its parts' items."""

    begin: int
    end: int
    rule: Rule
    places: list[tuple[str, int]]


class Plan(NamedTuple):
    """What the passes make of a run: the merges of each, and the letters left in the end."""

    letters: str
    merges: list[list[_Merge]]


class Expression(NamedTuple):
    """A date expression: its range in the normalised text and its meaning."""

    start: int
    end: int
    meaning: Meaning


@dataclass(frozen=True, slots=True)
class Grammar:
    """Compiled tables; ``dates`` are the letters of the classes that are dates.

    ``cues`` are the words that tell of a date near them, ``plan`` remembers what the passes find in
    a run of letters.
    """

    vocabulary: Vocabulary
    passes: tuple[Pass, ...]
    dates: frozenset[str]
    cues: Cues
    plan: Callable[[str], Plan]

    def expressions(self, text: str) -> list[Expression]:
        """Return the date expressions of the normalised ``text``, in order, none overlapping."""
        return [
            Expression(*item)
            for run in find_runs(text, self.vocabulary)
            for letter, item in zip(*self._parse(run), strict=True)
            if letter in self.dates
        ]

    def _parse(self, run: Run) -> Run:
        letters, items = run
        # What the rules find depends on the letters alone, and most runs have been seen before.
        plan = (
            self.plan(letters)
            if len(letters) <= _LONGEST_REMEMBERED
            else make_plan(self.passes, letters)
        )
        for merges in plan.merges:
            items = _merged(items, merges)
        return Run(plan.letters, items)


def make_plan(passes: tuple[Pass, ...], letters: str) -> Plan:
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
    return Plan(letters, plan)


def _merge(match: re.Match[str], rule: Rule) -> _Merge:
    places = [(part, match.start(group)) for part, group in rule.parts]
    return _Merge(*match.span(), rule, [(part, at) for part, at in places if at >= 0])


def _merged(items: list[Item], merges: list[_Merge]) -> list[Item]:
    merged: list[Item] = []
    done = 0
    for begin, end, rule, places in merges:
        parts = {part: items[at].value for part, at in places}
        reduce = REDUCERS.get(rule.meaning)
        value = (
            reduce(parts, items[begin:end]) if reduce else Meaning(MEANINGS[rule.meaning], parts)
        )
        merged += items[done:begin]
        merged.append(Item(items[begin].start, items[end - 1].end, value))
        done = end
    merged += items[done:]
    return merged


# Rules whose result is a value, not a meaning still to be resolved.
REDUCERS: Mapping[str, Callable[[Mapping[str, Any], list[Item]], Any]] = {
    "sum": lambda _, items: sum(item.value for item in items if isinstance(item.value, int)),
    "take": lambda parts, _: next(iter(parts.values())),
    "nothing": lambda *_: None,
}
