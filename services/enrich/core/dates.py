"""Find the dates a text names, and the days they mean."""

import re
from collections.abc import Iterator
from datetime import date
from operator import itemgetter
from typing import Any, NamedTuple

from services.contract.articles import DateMention
from services.enrich.core.date_grammar import COMMA, Grammar
from services.enrich.core.date_values import grain_of, kind_of, resolve
from services.enrich.core.matching import particles_before
from services.enrich.core.normalise import Normalised

_NUMBER_LIKE = re.compile(r"[0-9][0-9.,:/٫٬%-]*")
_NUMBER = re.compile(r"[0-9]{1,2}")
_YEAR = re.compile(r"1[89][0-9]{2}|20[0-9]{2}|2100")
_ISO = re.compile(r"([12][0-9]{3})-([01]?[0-9])-([0-3]?[0-9])")
_NUMERIC = re.compile(r"([0-3]?[0-9])([/.-])([01]?[0-9])\2([12][0-9]{3})")  # the day comes first
_SUFFIX = re.compile(r"(?:م|st|nd|rd|th)(?!\w)")  # 2020م, 21st
_COMMA_GAP = re.compile(r"\s?[،,]\s?")


class _Token(NamedTuple):
    """A word or number that may be part of a date: its range, its class's letter, its value.

    ``word_start`` is where the written word begins, with the particles before the range.
    """

    start: int
    end: int
    word_start: int
    letter: str
    value: Any


def find_dates(
    original: str, text: Normalised, grammar: Grammar, today: date | None
) -> tuple[DateMention, ...]:
    """Return the dates in ``text``, the normalised ``original``, in order, none overlapping.

    ``today`` is the day the article came out, where it came out; without it what depends on it
    keeps ``value`` None.
    """
    mentions = []
    for chunk in _chunks(text.text, _tokens(text.text, grammar)):
        letters = "".join(token.letter for token in chunk)
        if len(chunk) == 1 and letters not in grammar.alone:
            continue
        for first, last, places in grammar.expressions(letters):
            start = text.origin(chunk[first].start)
            end = text.origin(chunk[last - 1].end)
            parts = {part: chunk[place].value for part, place in places.items()}
            mention = _mention(start, end, original[start:end], parts, today)
            if mention is not None:
                mentions.append(mention)
    return tuple(mentions)


def _mention(
    start: int, end: int, text: str, parts: dict[str, Any], today: date | None
) -> DateMention | None:
    """Return what the expression means; None for a day that no calendar has."""
    try:
        period = resolve(parts, today)
    except (ValueError, OverflowError):
        return None
    grain, kind, part = grain_of(parts), kind_of(parts), parts.get("part")
    first = last = value = None
    if period is not None:
        value = period.value
        first, last = period.third(part) if part else (period.first, period.last)
    return DateMention(
        start=start, end=end, text=text, value=value, from_=first, to=last,
        grain=grain, kind=kind, approximate=part is not None,
    )  # fmt: skip


def _tokens(text: str, grammar: Grammar) -> list[_Token]:
    tokens = list(_numbers(text, grammar))
    for hit in grammar.words.find(text):
        word = hit.values[0]
        tokens.append(_Token(hit.start, hit.end, hit.word_start, word.letter, word.value))
    tokens.sort(key=itemgetter(0))
    return tokens


def _numbers(text: str, grammar: Grammar) -> Iterator[_Token]:
    for match in _NUMBER_LIKE.finditer(text):
        digits = match.group().rstrip(".,:/٫٬-")
        start, end = match.start(), match.start() + len(digits)
        kind, value = _read_number(digits)
        particles = particles_before(text, start)
        if kind is None or particles is None:
            continue
        if suffix := _SUFFIX.match(text, end):
            end = suffix.end()
        elif end < len(text) and text[end].isalnum():
            continue
        word_start, article = particles
        yield _Token(start - article, end, word_start, grammar.letters[kind], value)


def _read_number(digits: str) -> tuple[str | None, Any]:
    """Return the class of a number-like word, None if it is of no date, and its value."""
    if _NUMBER.fullmatch(digits):
        return "number", int(digits)
    if _YEAR.fullmatch(digits):
        return "year", int(digits)
    try:
        if iso := _ISO.fullmatch(digits):
            return "iso", date(*map(int, iso.groups()))
        if numeric := _NUMERIC.fullmatch(digits):
            day, _, month, year = numeric.groups()
            return "numeric", date(int(year), int(month), int(day))
    except ValueError:
        pass  # 31/2/2020
    return None, None


def _chunks(text: str, tokens: list[_Token]) -> Iterator[list[_Token]]:
    """Yield runs of tokens with nothing but a space between them, or a comma, which is a token."""
    chunk: list[_Token] = []
    for token in tokens:
        if chunk:
            end = chunk[-1].end
            if token.start < end:
                continue
            gap = text[end : min(token.start, end + 4)]
            if _COMMA_GAP.fullmatch(gap):
                chunk.append(_Token(end, token.start, end, COMMA, None))
            elif gap != " ":
                yield chunk
                chunk = []
        chunk.append(token)
    if chunk:
        yield chunk
