"""Last step: what the expressions of a text mean on the day its article came out."""

from datetime import date

from services.contract.articles import DateMention
from services.enrich.core.dates.cues import Surroundings
from services.enrich.core.dates.grammar import Expression, Grammar
from services.enrich.core.dates.meaning import Meaning, Reference
from services.enrich.core.dates.periods import Period, Unfixed
from services.enrich.core.normalise import Normalised

# Without a publication day, a day to ask the grain of an expression with; its value is not told.
_ANY_DAY = date(2000, 6, 15)


def mention_dates(
    original: str,
    text: Normalised,
    grammar: Grammar,
    expressions: list[Expression],
    today: date | None,
) -> tuple[DateMention, ...]:
    """Return what the ``expressions`` found in ``text`` mean on ``today``."""
    mentions: list[DateMention] = []
    said = None
    for start, end, meaning in expressions:
        begin, finish = text.origin(start), text.origin(end)
        around = Surroundings(grammar.cues, text.text, start, end)
        reference = Reference(today or _ANY_DAY, around, said)
        mention = _mention(begin, finish, original[begin:finish], meaning, reference, today)
        if mention is not None:
            mentions.append(mention)
            said = mention.from_ or said
    return tuple(mentions)


def stated_days(text: Normalised, grammar: Grammar, expressions: list[Expression]) -> list[date]:
    """Return the days that ``expressions`` name in full and that are not spoken of as to come."""
    days = []
    for start, end, meaning in expressions:
        reference = Reference(_ANY_DAY)
        found = _understood(meaning, reference)
        if not isinstance(found, Period) or reference.asked or found.kind is not None:
            continue
        if (
            found.first == found.last
            and not Surroundings(grammar.cues, text.text, start, end).future
        ):
            days.append(found.first)
    return days


def _mention(
    start: int, end: int, text: str, meaning: Meaning, reference: Reference, today: date | None
) -> DateMention | None:
    """Return what the expression means; None for a day that no calendar has."""
    found = _understood(meaning, reference)
    if found is None:
        return None
    told = today is not None or not reference.asked
    value = found.value if told else None
    if isinstance(found, Unfixed):
        return DateMention(
            start=start, end=end, text=text, value=value,
            from_=found.day, to=found.day, grain=found.grain, kind=found.kind,
        )  # fmt: skip
    kind = found.kind or ("relative" if reference.asked else "absolute")
    return DateMention(
        start=start, end=end, text=text, value=value,
        from_=found.first if told else None, to=found.last if told else None,
        grain=found.grain, kind=kind, approximate=found.approximate,
    )  # fmt: skip


def _understood(meaning: Meaning, reference: Reference) -> Period | Unfixed | None:
    try:
        found: Period | Unfixed = meaning.understand(meaning.parts, reference)
    except (ValueError, OverflowError):
        return None
    return found
