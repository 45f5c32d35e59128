"""The language of searches: what a person types, as a tree of what is asked for.

    طرابلس "مجلس النواب" -كرة (هدنة OR اشتباكات) entity:حفتر place:سرت source:bbc lang:ar
    after:7d before:2020-11 about:2019-04

Whatever is typed means something. Only a value that a field cannot have is refused, and what is so
long or so nested that no person wrote it.
"""

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

MAX_QUERY_CHARS = 500
"""Longer input is refused: it would be a text, not a search."""

MAX_DEPTH = 5
"""Parentheses within parentheses: each is up to 4 of the 30 queries within queries that
Elasticsearch takes."""


class InvalidSearchError(ValueError):
    """The search cannot be asked; the message says what is allowed."""


@dataclass(frozen=True, slots=True)
class Words:
    """Words in any order, in any of their forms."""

    text: str


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words in this order, as they are written."""

    text: str


@dataclass(frozen=True, slots=True)
class Named:
    """``entity:``, ``place:`` or ``source:`` and the name or id of one."""

    field: str
    name: str


@dataclass(frozen=True, slots=True)
class InLanguage:
    """``lang:`` and the tag of a language."""

    tag: str


@dataclass(frozen=True, slots=True)
class Published:
    """``after:`` (from this moment on) or ``before:`` (until then)."""

    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class About:
    """``about:`` the days from ``first`` to ``last``, both included, which the text mentions."""

    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Not:
    """Everything but ``part``."""

    part: "Part"


@dataclass(frozen=True, slots=True)
class AllOf:
    """What fits every one of ``parts``; everything if there are none."""

    parts: tuple["Part", ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """What fits at least one of ``parts``."""

    parts: tuple["Part", ...]


Part = Words | Phrase | Named | InLanguage | Published | About | Not | AllOf | AnyOf

_QUOTES = '"“”„«»'
_VALUE = rf"[{_QUOTES}](?P<quoted>[^{_QUOTES}]*)[{_QUOTES}] | (?P<value>[^\s(){_QUOTES}]*)"
_NAMED = ("entity", "place", "source")
_TOKEN = re.compile(
    rf"""
    (?P<no>      (?<![^\s(]) (?: -(?=[^\s-]) | NOT(?=\s+\S) ) )
  | (?P<open>    \( )
  | (?P<close>   \) )
  | (?P<field>   (?<![^\s(-]) (?i:{"|".join(_NAMED)}|lang|after|before|about) : )
                 (?: {_VALUE} )
  | ["“”„«]      (?P<phrase>[^{_QUOTES}]*) ["“”„»]
  | (?P<word>    [^\s(){_QUOTES}]+ | [{_QUOTES}] )
    """,
    re.VERBOSE,
)
_INVISIBLE = dict.fromkeys(
    [0xAD, 0x61C, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2066, 0x206A), 0xFEFF]
)
_DIGITS = {ord(digit): str(n % 10) for n, digit in enumerate("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹")}
_AGO = re.compile(r"(\d{1,5})([hdw])")
_UNITS = {"h": "hours", "d": "days", "w": "weeks"}
_PERIOD = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?")
_TAG = re.compile(r"[a-z]{2,3}(?:-[a-z]{2,8})?")


def parse(text: str, now: datetime) -> Part:
    """Return what ``text`` asks for; ``now`` is what ``after:24h`` counts from.

    Raises InvalidSearchError.
    """
    if len(text) > MAX_QUERY_CHARS:
        raise InvalidSearchError(f"A search is at most {MAX_QUERY_CHARS} characters long.")
    tokens = list(_TOKEN.finditer(text.translate(_INVISIBLE)))
    return _Parser(tokens, now).alternatives(0)


class _Parser:
    """Reads tokens from left to right; ``OR`` binds less than standing side by side."""

    def __init__(self, tokens: list[re.Match[str]], now: datetime) -> None:
        self._tokens = tokens
        self._at = 0
        self._now = now

    def alternatives(self, depth: int) -> Part:
        if depth > MAX_DEPTH:
            raise InvalidSearchError(f"Parentheses may be {MAX_DEPTH} deep at most.")
        found = [self._side_by_side(depth)]
        while self._next_is("word", "OR"):
            self._at += 1
            found.append(self._side_by_side(depth))
        found = [part for part in found if part != AllOf(())]
        return found[0] if len(found) == 1 else AnyOf(tuple(found)) if found else AllOf(())

    def _side_by_side(self, depth: int) -> Part:
        words: list[str] = []
        parts: list[Part] = []
        while self._at < len(self._tokens):
            if self._next_is("word", "OR") or (depth and self._next_is("close")):
                break
            part = self._one(depth)
            if isinstance(part, Words):
                words.append(part.text)
            elif part != AllOf(()):
                parts.append(part)
        if words:
            parts.insert(0, Words(" ".join(words)))
        return parts[0] if len(parts) == 1 else AllOf(tuple(parts))

    def _one(self, depth: int) -> Part:
        token = self._tokens[self._at]
        self._at += 1
        match token.lastgroup:
            case "no" if self._at < len(self._tokens):
                part = self._one(depth)
                if isinstance(part, Not):
                    return part.part
                return part if part == AllOf(()) else Not(part)
            case "open":
                part = self.alternatives(depth + 1)
                self._at += self._next_is("close")
                return part
            case "quoted" | "value":
                return _field(
                    token["field"][:-1].lower(), token[token.lastgroup].strip(), self._now
                )
            case "phrase":
                phrase = token["phrase"].strip()
                return Phrase(phrase) if phrase else AllOf(())
            case "word" if token["word"] != "AND":
                return Words(token["word"])
        return AllOf(())

    def _next_is(self, kind: str, text: str = "") -> bool:
        if self._at == len(self._tokens):
            return False
        token = self._tokens[self._at]
        return token.lastgroup == kind and text in (token[0], "")


def _field(name: str, value: str, now: datetime) -> Part:
    if not value:
        raise InvalidSearchError(f"{name}: stands alone: write what it is, without a blank.")
    if name in _NAMED:
        return Named(name, value)
    match name:
        case "lang":
            tag = value.lower()
            if not _TAG.fullmatch(tag):
                raise InvalidSearchError(f"lang:{value} is no language: write lang:ar, lang:en …")
            return InLanguage(tag)
        case "after":
            return Published(since=parse_moment(value, now))
        case "before":
            return Published(until=parse_moment(value, now))
    return About(*_period(value))


def parse_moment(text: str, now: datetime) -> datetime:
    """Return the moment that ``24h``, ``7d``, ``2w`` (ago) or an ISO date or time (UTC) means.

    A year, a month or a day means its beginning. Raises InvalidSearchError.
    """
    written = text.strip().translate(_DIGITS)
    ago = _AGO.fullmatch(written)
    try:
        if ago:
            return now - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
        if _PERIOD.fullmatch(written):
            first, _ = _days(written)
            return datetime(first.year, first.month, first.day, tzinfo=UTC)
        moment = datetime.fromisoformat(written)
        return moment.replace(tzinfo=moment.tzinfo or UTC)
    except (ValueError, OverflowError) as error:
        raise InvalidSearchError(
            f"{text!r} is not a time: write 24h, 7d, 2w, or a date such as 2020-11-25 or 2020-11."
        ) from error


def _period(text: str) -> tuple[date, date]:
    first, _, last = text.translate(_DIGITS).partition("..")
    try:
        period = _days(first)[0], _days(last or first)[1]
    except ValueError as error:
        raise InvalidSearchError(
            f"about:{text} is no time: write a day, a month, a year or two of them:"
            " about:2019-04-04, about:2019-04, about:2019, about:2019-04..2020."
        ) from error
    if period[0] > period[1]:
        raise InvalidSearchError(f"about:{text} ends before it begins.")
    return period


def _days(text: str) -> tuple[date, date]:
    """Return the first and the last day of a year, a month or a day."""
    written = _PERIOD.fullmatch(text)
    if not written:
        raise ValueError(text)
    year, month, day = (int(number or 0) for number in written.groups())
    if written[3]:
        return date(year, month, day), date(year, month, day)
    if written[2]:
        return date(year, month, 1), date(year, month, monthrange(year, month)[1])
    return date(year, 1, 1), date(year, 12, 31)


def words_of(part: Part) -> Iterator[str]:
    """Return the words that ``part`` asks for one by one, in their order; not those it excludes."""
    match part:
        case Words(text):
            yield from text.split()
        case AllOf(parts) | AnyOf(parts):
            for inner in parts:
                yield from words_of(inner)


def names_in(part: Part) -> Iterator[str]:
    """Return the names of the entities and places that ``part`` speaks of."""
    match part:
        case Named("entity" | "place", name):
            yield name
        case AllOf(parts) | AnyOf(parts):
            for inner in parts:
                yield from names_in(inner)
        case Not(inner):
            yield from names_in(inner)
