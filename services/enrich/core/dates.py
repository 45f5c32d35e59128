"""Find the dates a text names, and the days they mean."""

import re
from collections.abc import Callable
from datetime import date

from services.contract.articles import DateMention
from services.enrich.core.date_grammar import Expression, Grammar
from services.enrich.core.date_periods import Period
from services.enrich.core.date_unfixed import Unfixed, describe, is_unfixed
from services.enrich.core.date_values import Meaning, Reference, kind_of, resolve
from services.enrich.core.normalise import Normalised

# Without a publication day, a day to ask the grain of an expression with; its value is not told.
_ANY_DAY = date(2000, 6, 15)
_SENTENCE_END = re.compile(r"[.!؟?؛;\n]")
_CHARS_THAT_SAY_FUTURE = 100
_CHARS_OF_A_WORD = 20


def find_dates(
    original: str, text: Normalised, grammar: Grammar, today: date | None
) -> tuple[DateMention, ...]:
    """Return the dates in ``text``, the normalised ``original``, in order, none overlapping.

    ``today`` is the day the article came out, where it came out; without it what depends on it
    keeps ``value`` None.
    """
    found = grammar.expressions(text.text)
    return mention_dates(original, text, grammar, found, today)


def mention_dates(
    original: str,
    text: Normalised,
    grammar: Grammar,
    expressions: list[Expression],
    today: date | None,
) -> tuple[DateMention, ...]:
    """Return what the ``expressions`` found in ``text`` mean on ``today``."""
    mentions = []
    for start, end, meaning in expressions:
        begin, finish = text.origin(start), text.origin(end)
        reference = Reference(today or _ANY_DAY, _future(grammar, text.text, start, end))
        mention = _mention(begin, finish, original[begin:finish], meaning, reference, today)
        if mention is not None:
            mentions.append(mention)
    return tuple(mentions)


def stated_days(text: Normalised, grammar: Grammar, expressions: list[Expression]) -> list[date]:
    """Return the days that ``expressions`` name in full and that are not spoken of as to come."""
    days = []
    for start, end, meaning in expressions:
        if meaning.name != "date":
            continue
        reference = Reference(_ANY_DAY)
        try:
            period = resolve(meaning, reference)
        except (ValueError, OverflowError):
            continue
        fixed = period.grain == "day" and not reference.asked
        if fixed and not _future(grammar, text.text, start, end)():
            days.append(period.first)
    return days


def _mention(
    start: int, end: int, text: str, meaning: Meaning, reference: Reference, today: date | None
) -> DateMention | None:
    """Return what the expression means; None for a day that no calendar has."""
    try:
        if is_unfixed(meaning.name):
            found: Period | Unfixed = describe(meaning, reference)
        else:
            found = resolve(meaning, reference)
    except (ValueError, OverflowError):
        return None
    told = today is not None or not reference.asked
    if isinstance(found, Unfixed):
        return DateMention(
            start=start, end=end, text=text, value=found.value if told else None,
            from_=found.day, to=found.day, grain=found.grain, kind=found.kind,
        )  # fmt: skip
    return DateMention(
        start=start, end=end, text=text, value=found.value if told else None,
        from_=found.first if told else None, to=found.last if told else None,
        grain=found.grain, kind=kind_of(meaning, reference), approximate=found.approximate,
    )  # fmt: skip


def _future(grammar: Grammar, text: str, start: int, end: int) -> Callable[[], bool]:
    """Return the question whether the words around an expression speak of what is to come."""

    def spoken() -> bool:
        before = text[max(start - _CHARS_THAT_SAY_FUTURE, 0) : start]
        if start > _CHARS_THAT_SAY_FUTURE:
            before = before.partition(" ")[2]  # the first word may be cut
        sentence = _SENTENCE_END.split(before)[-1]
        words = [*sentence.split(), *text[end : end + _CHARS_OF_A_WORD].split()[:1]]
        return any(map(grammar.future.speaks, words))

    return spoken
