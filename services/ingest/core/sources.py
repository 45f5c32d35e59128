"""The catalogue of sources: read from YAML as a whole, every mistake named with its line."""

import difflib
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml
from cssselect import SelectorError
from lxml.cssselect import CSSSelector
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    ValidationInfo,
    field_validator,
)

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


class SourcesError(ValueError):
    """The catalogue is wrong. The message has a line ``file:line: what, and what is allowed``."""


def read_sources(content: bytes, filename: str) -> tuple[Source, ...]:
    """Return the sources of a catalogue as it is on disk; raise SourcesError as load_sources."""
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise SourcesError(f"{filename}:{line}: not UTF-8 text") from error
    return load_sources(text, filename)


def load_sources(text: str, filename: str) -> tuple[Source, ...]:
    """Return the sources of a catalogue, disabled ones too.

    Raises SourcesError with every mistake in the file at once.
    """
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        hint = "; is it indented like its neighbours?" if "block" in (error.problem or "") else ""
        raise SourcesError(f"{filename}:{line}: not YAML: {error.problem}{hint}") from error
    except yaml.YAMLError as error:
        raise SourcesError(f"{filename}:1: not YAML: {error}") from error
    except RecursionError as error:
        raise SourcesError(f"{filename}:1: nested too deeply for a list of sources") from error
    listed = _value(root, "sources")
    if not isinstance(listed, yaml.SequenceNode) or not listed.value:
        where = _line(listed or root)
        raise SourcesError(f"{filename}:{where}: expected 'sources:' with a list of sources")
    problems: list[str] = [
        f"{filename}:{_line(key)}: {key.value}: no such key. Allowed: sources"
        for key, _ in _pairs(root)
        if key.value != "sources"
    ]
    problems += [f"{filename}:{fault}" for fault in _repeated_keys(root)]
    sources: list[Source] = []
    lines: dict[str, int] = {}
    for node in listed.value:
        problems += [f"{filename}:{fault}" for fault in _repeated_keys(node)]
        try:
            source = Source.model_validate(_fields(node))
        except ValidationError as error:
            problems += [f"{filename}:{fault}" for fault in _explain(error, node)]
            continue
        for field, value in (("id", source.id), ("url", source.url)):
            line = _line(_value(node, field))
            taken = lines.setdefault(f"{field} {value}", line)
            if taken != line:
                problems.append(f"{filename}:{line}: {field}: {value} is taken by line {taken}")
        sources.append(source)
    if problems:
        raise SourcesError("\n".join(problems))
    return tuple(sources)


def _fields(node: yaml.Node) -> dict[str, Any] | None:
    """Return what ``node`` says, as written: the model knows which words are numbers or true.

    YAML itself would take the country NO for false.
    """
    if not isinstance(node, yaml.MappingNode):
        return None
    return {
        str(key.value): None if value.tag.endswith(":null") else _written(value)
        for key, value in node.value
    }


def _written(value: yaml.Node) -> Any:
    return value.value if isinstance(value, yaml.ScalarNode) else []


def _repeated_keys(node: yaml.Node | None) -> list[str]:
    """Return a line ``number: key: what is wrong`` for each key that is given twice."""
    first: dict[str, int] = {}
    return [
        f"{_line(key)}: {key.value}: given twice, first in line {line}"
        for key, _ in _pairs(node)
        if (line := first.setdefault(str(key.value), _line(key))) != _line(key)
    ]


def _explain(error: ValidationError, node: yaml.Node) -> list[str]:
    """Return a line ``number: field: what is wrong. Allowed: ...`` for each fault."""
    explained = []
    for fault in error.errors(include_url=False):
        field = str(fault["loc"][0]) if fault["loc"] else ""
        if fault["type"] == "extra_forbidden":
            line = _line(_key(node, field))
            close = difflib.get_close_matches(field, Source.model_fields, n=1)
            hint = (
                f"did you mean {close[0]}?"
                if close
                else f"Allowed: {', '.join(Source.model_fields)}"
            )
            explained.append(f"{line}: {field}: no such key; {hint}")
        elif field not in Source.model_fields:
            explained.append(
                f"{_line(node)}: a source is a mapping with {', '.join(Source.model_fields)}"
            )
        else:
            line = _line(_value(node, field) or node)
            allowed = Source.model_fields[field].description
            unsaid = fault["type"] == "missing" or fault["input"] is None
            given = "" if unsaid else f"{fault['input']!r}: "
            wrong = fault["msg"].removeprefix("Value error, ")
            explained.append(f"{line}: {field}: {given}{wrong}. Allowed: {allowed}")
    return explained


def _key(node: yaml.Node | None, name: str) -> yaml.Node | None:
    return next((key for key, _ in _pairs(node) if key.value == name), None)


def _value(node: yaml.Node | None, name: str) -> yaml.Node | None:
    return next((value for key, value in _pairs(node) if key.value == name), None)


def _pairs(node: yaml.Node | None) -> list[tuple[yaml.Node, yaml.Node]]:
    return node.value if isinstance(node, yaml.MappingNode) else []


def _line(node: yaml.Node | None) -> int:
    return node.start_mark.line + 1 if node is not None else 1
