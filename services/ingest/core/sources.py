"""The catalogue of sources: read from YAML as a whole, every mistake named with its line."""

from typing import Annotated, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cssselect import SelectorError
from lxml.cssselect import CSSSelector
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationInfo,
    field_validator,
)

from services.contract.catalogues import Catalogue, load_catalogue, read_catalogue
from services.ingest.core.politeness import MAX_CONCURRENCY, Manners

Kind = Literal["feed", "sitemap", "listing"]
Scope = Literal["libya", "world"]

DEFAULT_ZONE = ZoneInfo("Africa/Tripoli")


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ValueError("no such time zone") from error
    return name


def _known_encoding(name: str) -> str:
    try:
        b"a".decode(name)
    except (LookupError, ValueError) as error:
        raise ValueError("no such encoding") from error
    return name


def _whole_address(url: str) -> str:
    parts = urlsplit(url)  # ValueError for a bracket that is not closed
    if not parts.hostname or parts.username is not None:
        raise ValueError("no host, or a user's name before it")
    if parts.port == 0:  # ValueError for more than 65535
        raise ValueError("no such port")
    return url


def _known_selector(selector: str) -> str:
    try:
        CSSSelector(selector, translator="html")
    except SelectorError as error:
        raise ValueError(f"no CSS selector: {error}") from error
    return selector


Interval = Annotated[float, Field(ge=1, le=86_400)]


LANGUAGE_TAG = r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*"


class Source(BaseModel):
    """One place to poll. The descriptions are what an error says is allowed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")] = Field(
        description="lower-case letters, digits and hyphens, at most 63, unique in the file"
    )
    name: Annotated[str, StringConstraints(min_length=1, max_length=200)] = Field(
        description="the name as readers know it, 1 to 200 characters"
    )
    kind: Kind = Field(
        "feed",
        description="feed (RSS, Atom or JSON Feed), sitemap (of news or not, or an index of them),"
        " listing (a page that links to the articles)",
    )
    url: Annotated[
        str, StringConstraints(pattern=r"^https?://[^/\s]+\S*$"), AfterValidator(_whole_address)
    ] = Field(description="http://... or https://..., of no other source in the file")
    selector: Annotated[str, AfterValidator(_known_selector)] | None = Field(
        None,
        validate_default=True,
        description="with kind: listing, and only then, a CSS selector of the links to articles"
        " (or of what contains them) such as article h2 a",
    )
    scope: Scope = Field(
        "libya",
        description="libya (every article is kept) or world (only those that concern Libya)",
    )
    language: Annotated[str, StringConstraints(pattern=rf"^{LANGUAGE_TAG}$")] = Field(
        description="a language tag such as ar, en or fr"
    )
    country: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")] | None = Field(
        None, description="two capital letters (ISO 3166-1) such as LY"
    )
    timezone: Annotated[str, AfterValidator(_known_zone)] = Field(
        DEFAULT_ZONE.key, description="a zone of the IANA database such as Africa/Tripoli"
    )
    encoding: Annotated[str, AfterValidator(_known_encoding)] | None = Field(
        None, description="an encoding such as windows-1256, where pages name a wrong one"
    )
    poll_min_s: Interval = Field(
        300, description="1 to 86400: the seconds between polls while there is much news"
    )
    poll_max_s: Interval = Field(
        3_600,
        validate_default=True,
        description="1 to 86400, poll_min_s or more: the seconds between polls of a quiet source",
    )
    min_gap_s: Annotated[float, Field(ge=0, le=600)] | None = Field(
        None, description="0 to 600: the seconds between two requests to the host"
    )
    max_concurrency: Annotated[int, Field(ge=1, le=4)] | None = Field(
        None, description="1 to 4: the requests at once to the host"
    )
    enabled: bool = Field(True, description="true or false")

    @field_validator("selector")
    @classmethod
    def _goes_with_its_kind(cls, selector: str | None, info: ValidationInfo) -> str | None:
        if info.data.get("kind") == "listing" and selector is None:
            raise ValueError("required with kind: listing")
        if info.data.get("kind") in ("feed", "sitemap") and selector is not None:
            raise ValueError("only a listing has one")
        return selector

    @field_validator("poll_max_s")
    @classmethod
    def _is_not_below_the_minimum(cls, poll_max_s: float, info: ValidationInfo) -> float:
        if poll_max_s < info.data.get("poll_min_s", 0):
            raise ValueError("less than poll_min_s")
        return poll_max_s

    @property
    def zone(self) -> ZoneInfo:
        """The zone that dates of this source are in where they name none."""
        return ZoneInfo(self.timezone)

    @property
    def manners(self) -> Manners:
        """How its hosts want to be asked."""
        return Manners(self.min_gap_s, self.max_concurrency or MAX_CONCURRENCY)


def read_sources(content: bytes, filename: str) -> tuple[Source, ...]:
    """Return the sources of a catalogue as it is on disk; raise CatalogueError as load_sources."""
    return read_catalogue(content, filename, _SOURCES)


def load_sources(text: str, filename: str) -> tuple[Source, ...]:
    """Return the sources of a catalogue, disabled ones too.

    Raises CatalogueError with every mistake in the file at once.
    """
    return load_catalogue(text, filename, _SOURCES)


_SOURCES = Catalogue(key="sources", entry="a source", kind=Source, unique=("id", "url"))
