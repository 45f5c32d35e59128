"""Find the dates a text names, and the days they mean."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from services.contract.articles import DateMention
from services.enrich.core.date_grammar import COMMA, GAP, Grammar, Word
from services.enrich.core.date_values import grain_of, kind_of, resolve
from services.enrich.core.matching import word_before
from services.enrich.core.normalise import Normalised

_NUMBER_LIKE = re.compile(r"[0-9][0-9.,:/٫٬%-]*")
_NUMBER = re.compile(r"[0-9]{1,2}")
_YEAR = re.compile(r"1[89][0-9]{2}|20[0-9]{2}|2100")
_ISO = re.compile(r"([12][0-9]{3})-([01]?[0-9])-([0-3]?[0-9])")
_NUMERIC = re.compile(r"([0-3]?[0-9])([/.-])([01]?[0-9])\2([12][0-9]{3})")  # the day comes first
_SUFFIX = re.compile(r"(?:م|st|nd|rd|th)(?!\w)")  # 2020م, 21st
_COMMA_GAP = re.compile(r"\s?[،,]\s?")


@dataclass(frozen=True, slots=True)
class _Token:
    """A word or number that may be part of a date, with what it may be: letter -> value."""

    start: int
    end: int
    word_start: int
    readings: dict[str, Any]


def find_dates(
    original: str, text: Normalised, grammar: Grammar, today: date | None
) -> tuple[DateMention, ...]:
    """Return the dates in ``text``, the normalised ``original``, in order, none overlapping.

    ``today`` is the day the article came out, where it came out; without it what depends on it
    keeps ``value`` None.
    """
    mentions: list[DateMention] = []
    for chunk in _chunks(text.text, _tokens(text.text, grammar)):
        for letters, tokens in _spellings(chunk):
            mentions += _mentions(original, text, grammar, today, letters, tokens)
    return tuple(mentions)


def _tokens(text: str, grammar: Grammar) -> list[_Token]:
    tokens = [
        _Token(hit.start, hit.end, hit.word_start, {word.letter: word.value for word in hit.values})
        for hit in grammar.words.find(text)
    ]
    tokens += _numbers(text, grammar)
    tokens.sort(key=lambda token: token.start)
    return tokens
