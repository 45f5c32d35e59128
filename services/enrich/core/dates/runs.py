"""The runs of words in a text that may hold a date.

Most words of a text are of no date. One search finds those that can make one, and only what stands
around them is read word by word.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from services.enrich.core.dates.numerals import NUMERAL, SHORTEST_DATE, read_numeral
from services.enrich.core.dates.vocabulary import LONGEST_CLITIC, NUMBER_CLITICS, Vocabulary

# Written onto the next word, but for a space: "ال 24", "و 5".
_PARTICLES = ("ال", "و")
# What may stand between the words of one expression, without its spaces.
_GAPS = {
    "": "", "،": ",", ",": ",", "-": "-", "–": "-", "—": "-", "/": "/", "(": "(", ")": ")",
    "),": "),", ")،": "),",
}  # fmt: skip
_STEP = re.compile(r"[ ،,\-–—/()]{0,4}(\w+)")
_DIGIT = re.compile("[0-9]")
_MARKS = " ،,-–—/()"
# How far before a word that can make a date others of its run are looked for.
_REACH = 80
_CLITICS_BEFORE = re.compile(r"\w{1,4}\Z")
# After the last word of a line.
_LINE_ENDS = frozenset(["", ".", "\n", ".\n"])
_CLAUSE_ENDS = frozenset(["", ".", "،", ",", "؛", ")", "\n", ":"])
_ORDINAL_SUFFIX = re.compile(r"(?:st|nd|rd|th|er|º|°)(?!\w)")
_ERA_SUFFIX = re.compile(r"[مه](?!\w)")
_ERAS = {"م": "ce", "ه": "ah"}
# An amount or a code, not a part of a date.
_BEFORE_OTHER_NUMBERS = frozenset("+#$€£.,:/@=*٫٬")
_AFTER_OTHER_NUMBERS = frozenset("%$€£٪_@")


class Item(NamedTuple):
    """A word or number that may be part of a date: its range in the normalised text, its value."""

    start: int
    end: int
    value: Any


class Run(NamedTuple):
    """Neighbouring items; ``letters`` has the letter of each item's class."""

    letters: str
    items: list[Item]


_Found = tuple[Item, str, bool]
"""An item, the letter of its class, and whether an "and" is written onto it."""


def find_runs(text: str, vocabulary: Vocabulary) -> Iterator[Run]:
    """Yield the runs of known words in the normalised ``text`` that may hold a date."""
    end = 0
    for anchor in _anchors(text, vocabulary):
        if anchor >= end:
            start = _run_start(text, end, anchor, vocabulary)
            found, end = _read(text, start, anchor, vocabulary)
            yield from _runs_of(text, found, vocabulary)


def _anchors(text: str, vocabulary: Vocabulary) -> list[int]:
    """Return, in order, where the words and numerals begin that can make a date."""
    anchors = []
    numeral_end = 0
    for _, start, end in vocabulary.anchors.find_matches_as_indexes(text, overlapping=True):
        if text[start].isdigit():
            numeral = NUMERAL.match(text, start) if start >= numeral_end else None
            if numeral is None:
                continue
            numeral_end = numeral.end()
            if numeral_end - start < SHORTEST_DATE:
                continue
            anchors.append(_word_start(text, start))
        elif not text[end : end + 1].isalpha():
            word = _word_start(text, start)
            # Not inside a word: no letters are before it but those of particles.
            if text[word:start] in NUMBER_CLITICS and not text[max(word - 1, 0) : word].isalpha():
                anchors.append(word)
    anchors.sort()
    return anchors


def _word_start(text: str, at: int) -> int:
    first = max(at - LONGEST_CLITIC, 0)
    while at > first and text[at - 1].isalpha():
        at -= 1
    return at


def _run_start(text: str, floor: int, anchor: int, vocabulary: Vocabulary) -> int:
    """Return where the known words begin that end at ``anchor``; none begins before ``floor``."""
    floor = max(text.rfind("\n", floor, anchor) + 1, floor)
    first = max(floor, anchor - _REACH)
    start = anchor
    while start > first:
        space = text.rfind(" ", first, start - 1)
        if space < 0 and first > floor:
            break  # the word may be cut
        word = text[max(space + 1, first) : start].strip(_MARKS)
        numeric = word[:1].isdigit() or word[-1:].isdigit()
        if word and not numeric and word not in vocabulary.known:
            break
        start = max(space + 1, first)
    return start


def _read(text: str, at: int, anchor: int, vocabulary: Vocabulary) -> tuple[list[_Found], int]:
    """Return the items from ``at`` on, beyond ``anchor`` as far as words are known, and their end.

    The end is after ``anchor`` in any case.
    """
    found: list[_Found] = []
    while step := _STEP.match(text, at):
        start, end = step.span(1)
        word = step[1]
        digit = None if word.isalpha() else _DIGIT.search(word)
        numeral = digit and NUMERAL.match(text, start + digit.start())
        if numeral:
            end = numeral.end()
            more = _number(text, numeral, vocabulary.letters)
        else:
            more = _word(text, start, word, vocabulary)
        found += more
        at = more[-1][0].end if more else end
        # A known word may turn out to be none here; «ال» belongs to the number after it.
        if not more and at > anchor and word not in _PARTICLES:
            break
    return found, max(at, anchor + 1)


def _word(text: str, start: int, word: str, vocabulary: Vocabulary) -> list[_Found]:
    end = start + len(word)
    for rest, letter, value, skipped, joined in vocabulary.readings.get(word, ()):
        finish = end + len(rest)
        if not rest or (text.startswith(rest, end) and not text[finish : finish + 1].isalpha()):
            return [(Item(start + skipped, finish, value), letter, joined)]
    return []


def _number(text: str, numeral: re.Match[str], letters: Mapping[str, str]) -> list[_Found]:
    """Return the ``numeral`` and its era, if it has one; nothing if it is of no date."""
    start, end = numeral.span()
    name, value = read_numeral(numeral.group())
    if name is None:
        return []
    first, joined = start, False
    if start and text[start - 1].isalpha():
        before = _CLITICS_BEFORE.search(text, max(start - LONGEST_CLITIC - 1, 0), start)
        clitics = before.group() if before else ""
        if clitics not in NUMBER_CLITICS:
            return []
        length, joined = NUMBER_CLITICS[clitics]
        first = start - len(clitics) + length
    elif start > 2 and text.startswith("ال ", start - 3) and not text[: start - 3][-1:].isalpha():
        first = start - 3
    elif start and text[start - 1] in _BEFORE_OTHER_NUMBERS:
        return []
    era = None
    if suffix := _ORDINAL_SUFFIX.match(text, end):
        end = suffix.end()
    elif (era := _ERA_SUFFIX.match(text, end)) and _ERAS[era.group()] in letters:
        pass
    elif end < len(text) and (text[end] in _AFTER_OTHER_NUMBERS or text[end].isalpha()):
        return []
    found = [(Item(first, end, value), letters[name], joined)]
    if era:
        found.append((Item(end, era.end(), None), letters[_ERAS[era.group()]], False))
    return found


def _runs_of(text: str, found: list[_Found], vocabulary: Vocabulary) -> Iterator[Run]:
    """Yield the items in runs: where more than a mark stands between two, a new one begins."""
    letters: list[str] = []
    items: list[Item] = []
    end = 0
    for item, letter, joined in found:
        if items:
            # What is written onto a word is no gap.
            gap = text[end : item.start]
            marks = _GAPS.get(gap.strip(" ").rstrip("وفبكل").strip(" "))
            if marks is None:
                yield from _run(text, letters, items, vocabulary)
                letters, items = [], []
            else:
                marks += "&" if joined or gap.endswith("و ") else ""
                letters += marks
                items += [Item(item.start, item.start, None)] * len(marks)
        letters.append(letter)
        items.append(item)
        end = item.end
    yield from _run(text, letters, items, vocabulary)


def _run(text: str, letters: list[str], items: list[Item], vocabulary: Vocabulary) -> Iterator[Run]:
    run = "".join(letters)
    if not run.strip(vocabulary.idle):
        return
    start, end = items[0].start, items[-1].end
    if "(" in run and text.startswith(")", end):
        run += ")"
        items = [*items, Item(end, end + 1, None)]
    if text[max(start - 1, 0) : start] in ("", "\n") and text[end : end + 2] in _LINE_ENDS:
        edges = Item(start, start, None), Item(end, end, None)
        run, items = f"|{run}|", [edges[0], *items, edges[1]]
    elif text[end : end + 1] in _CLAUSE_ENDS:
        run, items = run + ".", [*items, Item(end, end, None)]
    yield Run(run, items)
