"""What rules may say before the colon: the names of the functions that understand dates."""

from collections.abc import Callable, Mapping
from typing import Any

from services.enrich.core.dates import days, hijri, ranges, spans, unfixed
from services.enrich.core.dates.meaning import Parts, Reference

MEANINGS: Mapping[str, Callable[[Parts, Reference], Any]] = {
    "date": days.calendar_date, "day_of_period": days.day_of_period,
    "relative_day": days.relative_day, "dialect_day": days.dialect_day,
    "weekday": days.weekday, "nth_weekday": days.nth_weekday,
    "holiday": days.holiday, "moving_holiday": days.moving_holiday, "either": days.either,
    "period": spans.period, "run": spans.run, "distance": spans.distance, "within": spans.within,
    "part": spans.part, "nth": spans.nth, "season": spans.season,
    "edge": spans.edge, "same": spans.same,
    "half_distance": spans.half_distance, "decade": spans.decade, "decade_of": spans.decade_of,
    "century": spans.century, "year": spans.year, "bare_year": spans.bare_year, "iso": spans.iso,
    "opening": spans.opening,
    "years": ranges.years, "days": ranges.days, "range": ranges.date_range,
    "hijri": hijri.hijri, "hijri_holiday": hijri.hijri_holiday,
    "recurring": unfixed.recurring, "duration": unfixed.duration, "event": unfixed.event,
    "during": unfixed.during,
}  # fmt: skip
