"""The words that date expressions are made of, with all particles that can be written onto them."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from ahocorasick_rs import AhoCorasick, Implementation

from services.enrich.core.normalise import normalise

MARKS = {
    "and": "&", "comma": ",", "dash": "-", "slash": "/", "open": "(", "close": ")", "alone": "|",
    "end": ".",
}  # fmt: skip
"""What stands between words, as elements of rules: ``and`` is the particle on the next word,
``alone`` stands around a run that is all there is on its line, ``end`` after one that a mark of
punctuation follows."""

# What is written onto the next word: how much of it is left of the word's range, and whether it
# says "and". The article belongs to the word, but not where it has melted into a particle.
_BARE_CLITICS = {a + b: (len(a + b), a == "و") for a in ("", "و", "ف") for b in ("", "ب", "ك", "ل")}
_ARTICLE_CLITICS = {
    a + b + "ال": (len(a + b), a == "و") for a in ("", "و", "ف") for b in ("", "ب", "ك")
} | {a + "لل": (len(a + "لل"), a == "و") for a in ("", "و", "ف")}
NUMBER_CLITICS = _BARE_CLITICS | _ARTICLE_CLITICS
LONGEST_CLITIC = 4
_WORD = re.compile(r"\w+")
_HEAD = re.compile(r"\W.*")


class Reading(NamedTuple):
    """What a word is: the rest of a form of several words, and what is left of it as a particle."""

    rest: str
    letter: str
    value: Any
    skipped: int
    joined: bool


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The known words.

    ``readings`` has each first word of a form, particles included; of several forms the longest
    first. ``known`` has their other words too. ``anchors`` finds the words that can make a date, as
    letters anywhere in a text, and digits; ``idle`` are the letters of the classes that make none
    alone.
    """

    letters: Mapping[str, str]
    readings: Mapping[str, tuple[Reading, ...]]
    known: frozenset[str]
    anchors: AhoCorasick
    idle: str


def compile_vocabulary(
    words: Mapping[str, Mapping[Any, Iterable[str]]],
    letters: Mapping[str, str],
    idle: Collection[str],
) -> Vocabulary:
    """Return the vocabulary of ``words``: class, value, forms; ``idle`` are names of classes.

    Raises ValueError for a form of two classes or values.
    """
    surfaces: dict[str, dict[str, Reading]] = {}
    anchors, known = set("0123456789"), {"ال", "و"}
    for form, (name, value) in _forms(words).items():
        head = _HEAD.sub("", form)
        rest = form[len(head) :]
        known.update(_WORD.findall(rest))
        if name not in idle:
            anchors.add(_stem(form))
        for surface, skipped, joined in _surfaces(head):
            reading = Reading(rest, letters[name], value, skipped, joined)
            other = surfaces.setdefault(surface, {}).get(reading.rest)
            if other is None or other.skipped > skipped:
                surfaces[surface][reading.rest] = reading
    readings = {
        surface: tuple(sorted(options.values(), key=lambda reading: -len(reading.rest)))
        for surface, options in surfaces.items()
    }
    return Vocabulary(
        letters=letters,
        readings=readings,
        known=frozenset(known | readings.keys()),
        anchors=AhoCorasick(sorted(anchors), implementation=Implementation.DFA),
        idle="".join(letters[name] for name in idle),
    )


def _forms(words: Mapping[str, Mapping[Any, Iterable[str]]]) -> dict[str, tuple[str, Any]]:
    meanings: dict[str, tuple[str, Any]] = {}
    for name, values in words.items():
        for value, forms in values.items():
            for form in forms:
                # Latin names stand in small, capitalised and capital letters.
                for spelling in {form, form.capitalize(), form.title(), form.upper()}:
                    key = normalise(spelling).text
                    if meanings.setdefault(key, (name, value)) != (name, value):
                        raise ValueError(f"{form} is both {meanings[key]} and {(name, value)}")
    return meanings


def _surfaces(word: str) -> Iterator[tuple[str, int, bool]]:
    """Yield ``word`` with each particle that can be written onto it, its length, if it is "and"."""
    if len(word) == 1 or not "ء" <= word[0] <= "ي":
        yield word, 0, False
        return
    stem = _stem(word)
    for clitics, (length, joined) in (_BARE_CLITICS if stem == word else _ARTICLE_CLITICS).items():
        yield clitics + stem, length, joined


def _stem(form: str) -> str:
    """Return ``form`` without its article: particles come before it and may melt with it."""
    return form[2:] if form.startswith("ال") and len(form.partition(" ")[0]) > 3 else form
