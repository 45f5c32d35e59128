"""The grammar of date expressions, compiled from tables: words of classes, rules of elements.

Each word found becomes one letter for its class, so that a text becomes a short string in which
the rules, compiled to one regular expression over those letters, find the expressions.
"""

import re
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from services.enrich.core.matching import Matcher
from services.enrich.core.normalise import normalise

DIGIT_CLASSES = ("number", "year", "iso", "numeric")
COMMA = ","
_ELEMENT = re.compile(r"(\w+)(\?)?")
# Which part of a date an element gives, where it is not called so.
_PARTS = {
    "sure_month": "month", "libyan_month": "month", "before": "direction",
    "english_period": "period", "iso": "date", "numeric": "date",
    "pair": "unit",
}  # fmt: skip


class GrammarError(ValueError):
    """The tables contradict themselves; the message names the rule or the class."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word's class, as the letter that stands for it, and its value."""

    letter: str
    value: Any


@dataclass(frozen=True, slots=True)
class Grammar:
    """Compiled tables. ``letters`` gives the letter of a class, ``rules`` finds expressions.

    A named group ``month_7`` of ``rules`` holds the place of the part ``month`` in rule 7;
    ``dates`` has the parts and groups of each rule that makes dates, ``alone`` the letters that are
    a date by themselves.
    """

    words: Matcher[Word]
    letters: Mapping[str, str]
    rules: re.Pattern[str]
    dates: Mapping[int, tuple[tuple[str, str], ...]]
    alone: frozenset[str]

    def expressions(self, letters: str) -> Iterator[tuple[int, int, dict[str, int]]]:
        """Yield start, end and the parts' places (part -> index) of each expression."""
        for match in self.rules.finditer(letters):
            rule = int((match.lastgroup or "rule_0").rpartition("_")[2])
            if rule not in self.dates:
                continue
            places = {part: match.start(group) for part, group in self.dates[rule] if match[group]}
            yield match.start(), match.end(), places


def compile_grammar(tables: Mapping[str, Any]) -> Grammar:
    """Return the grammar of ``tables``, the content of ``knowledge/dates.yaml``.

    Raises GrammarError for a rule or an element that names an unknown class.
    """
    classes = [*tables["words"], *DIGIT_CLASSES]
    letters = {name: chr(ord("A") + at) for at, name in enumerate(classes)}
    elements = {name: [name] for name in classes} | dict(tables["elements"])
    for name, members in elements.items():
        if unknown := set(members) - set(classes):
            raise GrammarError(f"element {name}: no such class of words: {', '.join(unknown)}")
    rules = [*tables["not_dates"], *tables["rules"]]
    patterns = [
        _pattern(rule, number, elements, letters, tables["glue"])
        for number, rule in enumerate(rules)
    ]
    compiled = re.compile("|".join(patterns))
    return Grammar(
        words=Matcher(_forms(tables["words"], letters)),
        letters=letters,
        rules=compiled,
        alone=frozenset(letter for letter in letters.values() if compiled.fullmatch(letter)),
        dates={
            number: tuple(
                (group.rpartition("_")[0], group)
                for group in compiled.groupindex
                if group.endswith(f"_{number}") and not group.startswith("rule_")
            )
            for number in range(len(tables["not_dates"]), len(rules))
        },
    )


def _pattern(
    rule: str,
    number: int,
    elements: Mapping[str, list[str]],
    letters: Mapping[str, str],
    glue: Container[str],
) -> str:
    pieces = []
    for name, optional in _ELEMENT.findall(rule):
        if name == "comma":
            pieces.append(f"{COMMA}{optional}")
        elif name in elements:
            members = "[" + re.escape("".join(letters[member] for member in elements[name])) + "]"
            named = f"(?P<{_PARTS.get(name, name)}_{number}>{members})"
            pieces.append((members if name in glue else named) + optional)
        else:
            raise GrammarError(f"rule {rule!r}: no such element: {name}")
    return f"(?P<rule_{number}>{''.join(pieces)})"


def _forms(
    words: Mapping[str, Mapping[Any, list[str]]], letters: Mapping[str, str]
) -> Iterator[tuple[str, Word]]:
    owners: dict[str, tuple[str, Any]] = {}
    for name, values in words.items():
        for value, forms in values.items():
            # Latin names stand in small, capitalised and capital letters.
            spelt = {c for form in forms for c in (form, form.capitalize(), form.upper())}
            for form in sorted({normalise(spelling).text for spelling in spelt}):
                if owners.setdefault(form, (name, value)) != (name, value):
                    raise GrammarError(f"{form} is both {owners[form]} and {(name, value)}")
                yield form, Word(letters[name], value)
