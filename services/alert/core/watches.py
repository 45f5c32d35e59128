"""The watches: what is counted, and what of it is worth an alert. Read from YAML as a whole."""

import re
from datetime import UTC, datetime, time, timedelta
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationInfo,
    field_validator,
)

from services.contract.catalogues import Catalogue, load_catalogue, read_catalogue
from services.contract.search_language import AllOf, parse

Kind = Literal["spike", "drop"]
Severity = Literal["info", "warning", "critical"]

MAX_QUERY_CHARS = 500

_ANY_TIME = datetime(2020, 1, 1, tzinfo=UTC)  # what 24h counts from: not asked here
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}
_SPAN = re.compile(r"(\d{1,4})([mhd])")
_HOURS = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)")


def _span(written: object) -> object:
    """Return the time that ``10m``, ``1h`` or ``1d`` says."""
    if not isinstance(written, str):
        return written
    said = _SPAN.fullmatch(written)
    if not said:
        raise ValueError("no time such as 90m, 6h, 1d")
    return timedelta(**{_UNITS[said[2]]: int(said[1])})


def _window(span: timedelta) -> timedelta:
    if not timedelta(minutes=10) <= span <= timedelta(hours=24):
        raise ValueError("too short or too long")
    return span


def _cooldown(span: timedelta) -> timedelta:
    if span > timedelta(days=7):
        raise ValueError("too long")
    return span


class QuietHours(BaseModel):
    """From ``start`` to ``end`` by the clock, past midnight where ``end`` is the earlier."""

    model_config = ConfigDict(frozen=True)

    start: time
    end: time

    def contain(self, clock: time) -> bool:
        """Return whether ``clock`` is in them: ``start`` is, ``end`` is not."""
        if self.start <= self.end:
            return self.start <= clock < self.end
        return clock >= self.start or clock < self.end


def _quiet_hours(written: object) -> object:
    if not isinstance(written, str):
        return written
    said = _HOURS.fullmatch(written)
    if not said or written[:5] == written[6:]:
        raise ValueError("no two different times")
    from_hour, from_minute, to_hour, to_minute = map(int, said.groups())
    return QuietHours(start=time(from_hour, from_minute), end=time(to_hour, to_minute))


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ValueError("no such time zone") from error
    return name


def _readable_query(query: str) -> str:
    """Return ``query`` as it is. A search makes the best of a slip; a file is to be mended."""
    if query.count('"') % 2:
        raise ValueError("a quotation that is not closed")
    if query.count("(") != query.count(")"):
        raise ValueError("a parenthesis without its other half")
    if not re.search(r"\w", query) or parse(query, _ANY_TIME) == AllOf(()):
        raise ValueError("no word in it")
    return query


def _all_different(names: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(names)) < len(names):
        raise ValueError("one is named twice")
    return names


Id = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]
Title = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Span = Annotated[timedelta, BeforeValidator(_span)]
LabelName = Annotated[str, StringConstraints(pattern=r"^[a-zA-Z_][a-zA-Z0-9_]{0,62}$")]
Label = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class Watch(BaseModel):
    """One subject that is watched. The descriptions are what an error says is allowed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Id = Field(
        description="lower-case letters, digits and hyphens, at most 63, unique in the file"
    )
    title: Title = Field(description="what an alert is headed with in Arabic, 1 to 200 characters")
    title_en: Title = Field(description="the same in English, 1 to 200 characters")
    query: Annotated[
        str, StringConstraints(max_length=MAX_QUERY_CHARS), AfterValidator(_readable_query)
    ] = Field(
        description='words, "phrases", entity:, place:, source:, lang:, (this OR that), - before'
        f" what is left out; at most {MAX_QUERY_CHARS} characters"
    )
    kind: Kind = Field(
        "spike", description="spike (far more than expected) or drop (far less than expected)"
    )
    window: Annotated[Span, AfterValidator(_window)] = Field(
        timedelta(hours=1), description="10m to 24h: the time that is counted over"
    )
    min_articles: Annotated[int, Field(ge=1, le=10_000)] = Field(
        3, description="1 to 10000: the stories that a spike has at least, copies not counted"
    )
    min_sources: Annotated[int, Field(ge=1, le=1_000)] = Field(
        2, description="1 to 1000: the sources that a spike is seen in at least"
    )
    min_ratio: Annotated[float, Field(ge=1, le=1_000)] = Field(
        2.0,
        description="1 to 1000: how many times the expected count a spike is at least,"
        " and a drop at most by the inverse",
    )
    false_alerts_per_month: Annotated[float, Field(ge=0.001, le=100)] = Field(
        0.1,
        description="0.001 to 100: how many alerts a month mere chance may raise;"
        " more is more sensitive",
    )
    cooldown: Annotated[Span, AfterValidator(_cooldown)] = Field(
        timedelta(hours=6),
        description="0m to 7d: after an alert no other for so long, unless it is twice as high",
    )
    severity: Severity = Field("warning", description="info, warning or critical")
    channels: Annotated[tuple[Id, ...], AfterValidator(_all_different)] = Field(
        (), description="a list of channels, each once; all that there are if it is empty"
    )
    quiet_hours: Annotated[QuietHours, BeforeValidator(_quiet_hours)] | None = Field(
        None, description="such as 22:00-06:30: alerts wait for its end, critical ones do not"
    )
    timezone: Annotated[str, AfterValidator(_known_zone)] = Field(
        "Africa/Tripoli", description="a zone of the IANA database such as Africa/Tripoli"
    )
    labels: dict[LabelName, Label] = Field(
        default_factory=dict, description="a mapping of names as Prometheus has them to words"
    )
    enabled: bool = Field(True, description="true or false")

    @field_validator("labels")
    @classmethod
    def _are_not_our_own(cls, labels: dict[str, str]) -> dict[str, str]:
        if taken := sorted({"alertname", "watch", "kind", "severity"} & labels.keys()):
            raise ValueError(f"{taken[0]} is set by Rasid")
        return labels

    @field_validator("channels")
    @classmethod
    def _are_there(cls, channels: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        known = info.context
        if known is not None and (missing := sorted(set(channels) - known)):
            raise ValueError(f"there is no channel {missing[0]}")
        return channels

    @property
    def zone(self) -> ZoneInfo:
        """The zone of its quiet hours."""
        return ZoneInfo(self.timezone)


def read_watches(
    content: bytes, filename: str, channels: frozenset[str] | None = None
) -> tuple[Watch, ...]:
    """Return the watches of a file as it is on disk; raise CatalogueError as load_watches."""
    return read_catalogue(content, filename, _WATCHES, channels)


def load_watches(
    text: str, filename: str, channels: frozenset[str] | None = None
) -> tuple[Watch, ...]:
    """Return all watches, disabled ones too; None of ``channels``: which there are is not known.

    Raises CatalogueError with every mistake in the file at once.
    """
    return load_catalogue(text, filename, _WATCHES, channels)


_WATCHES = Catalogue(key="watches", entry="a watch", kind=Watch, unique=("id",))
