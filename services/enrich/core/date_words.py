"""The words that date expressions are made of, and the runs of them in a text."""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from itertools import accumulate
from typing import Any, NamedTuple

from services.enrich.core.normalise import normalise

NUMBER_CLASSES = (
    "number", "big_number", "old_year", "year_number", "full_date", "days", "years", "day_month",
)  # fmt: skip
"""Classes of what is written in digits: 1 to 99, 100 to 999, 1000 to 1799, 1800 to 2100, 21/3/2020,
3-7, 2014-2016 and 21/3."""

MARKS = {"and": "&", "comma": ",", "dash": "-", "slash": "/", "open": "(", "close": ")"}
"""What stands between words, as elements of rules; ``and`` is the particle on the next word."""

# What may stand between the words of one expression, without its spaces.
_GAPS = {
    "": "", "،": ",", ",": ",", "-": "-", "–": "-", "—": "-", "/": "/", "(": "(", ")": ")",
    "),": "),", ")،": "),",
}  # fmt: skip
_LONGEST_GAP = 4
_NUMBER = re.compile(r"[0-9]+(?:(?: ?[-–/] ?|[.,:٫٬])[0-9]+)*")
# Words so near may be of one expression, whatever stands between them.
_NEIGHBOURS = 3
_NO_WORD = re.compile(r"[^\w ]")
_CLITICS_BEFORE = re.compile(r"\w{1,4}\Z")
_ORDINAL_SUFFIX = re.compile(r"(?:st|nd|rd|th|er|º|°)(?!\w)")
_ERA_SUFFIX = re.compile(r"[مه](?!\w)")
_ERAS = {"م": "ce", "ه": "ah"}
# An amount or a code, not a part of a date.
_BEFORE_OTHER_NUMBERS = frozenset("+#$€£.,:/@=*٫٬")
_AFTER_OTHER_NUMBERS = frozenset("%$€£٪_@")

_FULL_DATES = (
    (re.compile(r"([0-9]{4}) ?([-/.]) ?([0-9]{1,2}) ?\2 ?([0-9]{1,2})"), (1, 3, 4)),
    (re.compile(r"([0-9]{1,2}) ?([-/.–]) ?([0-9]{1,2}) ?\2 ?([0-9]{4}|[0-9]{2})"), (4, 3, 1)),
)
_PAIR = re.compile(r"([0-9]{1,4}) ?[-–/] ?([0-9]{1,4})")
_CENTURY_TURN = 40  # 21/3/39 is of 2039

# What is written onto the next word: how much of it is left of the word's range, and whether it
# says "and". The article belongs to the word, but not where it has melted into a particle.
_BARE_CLITICS = {a + b: (len(a + b), a == "و") for a in ("", "و", "ف") for b in ("", "ب", "ك", "ل")}
_ARTICLE_CLITICS = {
    a + b + "ال": (len(a + b), a == "و") for a in ("", "و", "ف") for b in ("", "ب", "ك")
} | {a + "لل": (len(a + "لل"), a == "و") for a in ("", "و", "ف")}
_NUMBER_CLITICS = _BARE_CLITICS | _ARTICLE_CLITICS


class Item(NamedTuple):
    """A word or number that may be part of a date: its range in the normalised text, its value."""

    start: int
    end: int
    value: Any


class Chunk(NamedTuple):
    """Neighbouring items; ``letters`` has the letter of each item's class."""

    letters: str
    items: list[Item]


class _Reading(NamedTuple):
    """What a word is: the rest of a form of several words, and what is left of it as a particle."""

    rest: str
    letter: str
    value: Any
    skipped: int
    joined: bool


class _Found(NamedTuple):
    """An item, the letter of its class, and whether an "and" is written onto it."""

    item: Item
    letter: str
    joined: bool


class Lexicon:
    """The known words, with all particles that can be written onto them."""

    def __init__(
        self,
        words: Mapping[str, Mapping[Any, Iterable[str]]],
        letters: Mapping[str, str],
        idle: str,
    ) -> None:
        """``idle`` are the letters of the classes that make no date without another class.

        Raises ValueError for a form of two classes or values.
        """
        self._letters = letters
        self._idle = idle
        self._readings: dict[str, tuple[_Reading, ...]] = {}
        meanings = _meanings(words)
        surfaces: dict[str, dict[str, _Reading]] = {}
        for form, (name, value) in meanings.items():
            head, space, rest = form.partition(" ")
            for surface, skipped, joined in _surfaces(head):
                reading = _Reading(space + rest, letters[name], value, skipped, joined)
                known = surfaces.setdefault(surface, {}).get(reading.rest)
                if known is None or known.skipped > skipped:
                    surfaces[surface][reading.rest] = reading
        for surface, readings in surfaces.items():
            self._readings[surface] = tuple(
                sorted(readings.values(), key=lambda reading: -len(reading.rest))
            )

        for year in range(1800, 2101):  # read with the other numbers, but words that matter
            self._readings[str(year)] = ()
        self._idle_words = frozenset(
            surface
            for surface, options in self._readings.items()
            if options and all(reading.letter in idle for reading in options)
        )

    def chunks(self, text: str) -> Iterator[Chunk]:
        """Yield the runs of known words in the normalised ``text`` that may hold a date."""
        letters: list[str] = []
        items: list[Item] = []
        end = 0
        for item, letter, joined in self._items(text):
            if items:
                if item.start < end:
                    continue
                gap = text[end : item.start] if item.start - end <= _LONGEST_GAP else "\n"
                # What is written onto a word is no gap.
                marks = _GAPS.get(gap.rstrip("وفبكل").strip(" "))
                if marks is None or "\n" in gap:
                    yield from self._chunk(text, letters, items)
                    letters, items = [], []
                else:
                    letters += marks
                    items += [Item(end, end, None)] * len(marks)
                    if joined:
                        letters.append("&")
                        items.append(Item(end, end, None))
            letters.append(letter)
            items.append(item)
            end = item.end
        yield from self._chunk(text, letters, items)

    def _chunk(self, text: str, letters: list[str], items: list[Item]) -> Iterator[Chunk]:
        run = "".join(letters)
        if not run.strip(self._idle):
            return
        end = items[-1].end
        if "(" in run and text.startswith(")", end):
            run += ")"
            items.append(Item(end, end + 1, None))
        yield Chunk(run, items)

    def _items(self, text: str) -> list[_Found]:
        """Return the known words and the numbers in order, none overlapping."""
        found: list[_Found] = []
        end = 0
        for start, word in self._known_words(text):
            if start < end:
                continue
            for reading in self._readings[word]:
                finish = start + len(word) + len(reading.rest)
                if text.startswith(reading.rest, start + len(word)) and (
                    finish >= len(text) or not text[finish].isalpha()
                ):
                    end = finish
                    item = Item(start + reading.skipped, finish, reading.value)
                    found.append(_Found(item, reading.letter, reading.joined))
                    break
        words = len(found)
        for match in _NUMBER.finditer(text):
            found += self._number(text, match)
        if words < len(found):
            found.sort(key=_start_of)
        return found

    def _known_words(self, text: str) -> Iterator[tuple[int, str]]:
        # Split in C, once what is no word is a space: five times faster than a search for words.
        words = _NO_WORD.sub(" ", text).split(" ")
        readings = self._readings
        run: list[int] = []
        letters_before = list(accumulate(map(len, words), initial=0))
        busy = False
        for at in [at for at, word in enumerate(words) if word in readings]:
            if run and at - run[-1] > _NEIGHBOURS:
                if busy:
                    yield from ((letters_before[one] + one, words[one]) for one in run)
                run, busy = [], False
            run.append(at)
            busy = busy or words[at] not in self._idle_words
        if busy:
            yield from ((letters_before[one] + one, words[one]) for one in run)

    def _number(self, text: str, match: re.Match[str]) -> list[_Found]:
        start, end = match.span()
        name, value = _read_number(match.group())
        if name is None:
            return []
        first, joined = start, False
        if start and text[start - 1].isalpha():
            before = _CLITICS_BEFORE.search(text[max(start - 5, 0) : start])
            clitics = before.group() if before else ""
            if clitics not in _NUMBER_CLITICS:
                return []
            length, joined = _NUMBER_CLITICS[clitics]
            first = start - len(clitics) + length
        elif text.startswith("ال ", start - 3) and not text[max(start - 4, 0)].isalpha():
            first = start - 3
        elif start and text[start - 1] in _BEFORE_OTHER_NUMBERS:
            return []
        era = None
        if suffix := _ORDINAL_SUFFIX.match(text, end):
            end = suffix.end()
        elif era := _ERA_SUFFIX.match(text, end):
            pass
        elif end < len(text) and (text[end] in _AFTER_OTHER_NUMBERS or text[end].isalpha()):
            return []
        found = [_Found(Item(first, end, value), self._letters[name], joined)]
        if era:
            letter = self._letters[_ERAS[era.group()]]
            found.append(_Found(Item(end, era.end(), None), letter, False))
        return found


def _start_of(found: _Found) -> int:
    return found.item.start


def _read_number(digits: str) -> tuple[str | None, Any]:
    """Return the class of what is written in digits, None if it is of no date, and its value."""
    if digits.isdigit():
        number = int(digits) if len(digits) <= 4 else 0
        if len(digits) <= 2:
            return "number", number
        if len(digits) == 3:
            return "big_number", number
        if 1800 <= number <= 2100:
            return "year_number", number
        return ("old_year", number) if 1000 <= number < 1800 else (None, None)
    for pattern, groups in _FULL_DATES:
        if match := pattern.fullmatch(digits):
            return _full_date(*(int(match[group]) for group in groups))
    if match := _PAIR.fullmatch(digits):
        return _read_pair(digits, match[1], match[2])
    return None, None


def _full_date(year: int, month: int, day: int) -> tuple[str | None, Any]:
    if year < 100:
        year += 2000 if year < _CENTURY_TURN else 1900
    if month > 12 >= day:  # the day comes first, unless it cannot
        month, day = day, month
    try:
        return ("full_date", date(year, month, day)) if year >= 1800 else (None, None)
    except ValueError:
        return None, None  # 31/2/2020


def _read_pair(digits: str, first: str, last: str) -> tuple[str | None, Any]:
    one, other = int(first), int(last)
    if len(first) == 4 and 1800 <= one <= 2100:
        if len(last) == 2:
            other += one // 100 * 100
        if one < other <= min(one + 100, 2100):
            return "years", (one, other)
    if len(first) <= 2 and len(last) <= 2:
        if "/" in digits:
            return ("day_month", (one, other)) if 0 < one <= 31 and 0 < other <= 12 else (None, 0)
        if 0 < one < other <= 31:
            return "days", (one, other)
    return None, None


def _meanings(
    words: Mapping[str, Mapping[Any, Iterable[str]]],
) -> dict[str, tuple[str, Any]]:
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
    if not "ء" <= word[0] <= "ي":
        yield word, 0, False
        return
    articled = word.startswith("ال") and len(word) > 3
    stem = word[2:] if articled else word
    for clitics, (length, joined) in (_ARTICLE_CLITICS if articled else _BARE_CLITICS).items():
        yield clitics + stem, length, joined
