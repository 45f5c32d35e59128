"""A date expression as the rules found it, and the day it is understood from."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from services.enrich.core.dates.cues import Surroundings
from services.enrich.core.dates.periods import Period, around, moved

Parts = Mapping[str, Any]

_YEAR_OF_TWO_DIGITS = 40  # 39 is 2039, 40 is 1940


@dataclass(slots=True)
class Reference:
    """The day that an article speaks from, and how it speaks of dates that name no year.

    ``asked`` remembers whether a meaning depended on the day; ``around`` is asked only for dates
    that leave something open, and None within an expression. ``said`` is the first day of the date
    before in the text.
    """

    day: date
    around: Surroundings | None = None
    said: date | None = None
    asked: bool = field(default=False, init=False)

    @property
    def today(self) -> date:
        """The day of reference."""
        self.asked = True
        return self.day

    @property
    def future(self) -> bool:
        """Whether the words speak of what is to come."""
        return self.around is not None and self.around.future

    @property
    def coming(self) -> bool:
        """Whether the words speak of what is to come, be it in the present tense."""
        return self.around is not None and self.around.coming

    @property
    def until(self) -> bool:
        """Whether the words say when something has or has not ended."""
        return self.around is not None and self.around.until and not self.future


@dataclass(frozen=True, slots=True)
class Meaning:
    """A function of the parts and the day of reference, with its parts.

    ``parts`` are values of words, or meanings again.
    """

    understand: Callable[[Parts, Reference], Any]
    parts: Parts

    def but(self, **parts: Any) -> "Meaning":
        """Return the same with some parts changed."""
        return replace(self, parts={**self.parts, **parts})


def resolve(meaning: Meaning | int, reference: Reference) -> Period:
    """Return the period meant by a part of an expression; a bare number is a year.

    Raises ValueError or OverflowError for days that no calendar has.
    """
    if isinstance(meaning, int):
        return around(date(meaning, 1, 1), "year")
    found = meaning.understand(meaning.parts, reference)
    if not isinstance(found, Period):
        raise ValueError("no run of days")
    return found


def direction_of(parts: Parts, reference: Reference) -> int | None:
    """Return how many steps on or back the words point; None for the nearest past or present."""
    given: int | None = parts.get("direction")
    return 1 if given is None and reference.future else given


def fits(period: Period, direction: int | None, today: date) -> bool:
    """Return whether ``period`` lies on the side of ``today`` that the words point to."""
    if direction is None or direction == 0:
        return period.first <= today
    return period.first > today if direction > 0 else period.last < today


def nearest(periods: list[Period], direction: int | None, today: date) -> Period:
    """Return the nearest to come, or the nearest past. Raises ValueError if there is none."""
    fitting = [period for period in periods if fits(period, direction, today)]
    if not fitting:
        raise ValueError("no such period near the day of reference")
    return fitting[0] if direction is not None and direction > 0 else fitting[-1]


def this(unit: str, parts: Parts, reference: Reference) -> Period:
    """Return the ``unit`` that is now, or so many steps from now as the words point."""
    return around(moved(reference.today, unit, parts.get("direction", 0)), unit)


def year_of(year: Any, reference: Reference) -> int:
    """Return the year that a number, of two digits perhaps, or a meaning (this year) names."""
    if isinstance(year, Meaning):
        return resolve(year, reference).first.year
    number = int(year)
    if number < 10:
        raise ValueError("a year of one digit")
    if number < 100:
        return number + (2000 if number < _YEAR_OF_TWO_DIGITS else 1900)
    return number
