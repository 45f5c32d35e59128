"""The channels: where alerts go, and which of them. Read from YAML as a whole.

The file holds no secret. It says where one is: in a variable of the environment or in a file.
"""

from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationInfo,
    field_validator,
    model_validator,
)

from services.alert.core.watches import Id, Severity
from services.contract.alerts import AlertedWatch
from services.contract.catalogues import Catalogue, load_catalogue, read_catalogue

Kind = Literal["alertmanager", "webhook", "apprise"]


def _address(written: str) -> str:
    """Return the URL without a slash at its end."""
    url = urlsplit(written)
    if url.scheme not in ("http", "https") or not url.hostname or url.port == 0 or url.fragment:
        raise ValueError("not an address")
    if url.username or url.password:
        raise ValueError("a user or a password in it")
    return written.rstrip("/")


def _not_ours(variable: str) -> str:
    if variable.startswith("RASID_"):  # the settings would not know it
        raise ValueError("the name of a setting")
    return variable


Variable = Annotated[
    str, StringConstraints(pattern=r"^[A-Z_][A-Z0-9_]{0,99}$"), AfterValidator(_not_ours)
]


class Channel(BaseModel):
    """One place that alerts go to. The descriptions are what an error says is allowed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Id = Field(
        description="lower-case letters, digits and hyphens, at most 63, unique in the file"
    )
    kind: Kind = Field(
        description="alertmanager, webhook (signed), or apprise (Slack, Telegram, e-mail, ...)"
    )
    url: Annotated[str, AfterValidator(_address)] | None = Field(
        None,
        repr=False,
        description="http(s)://host[:port][/path] without user and password;"
        " none for apprise, whose secret is its URL",
    )
    secret_env: Variable | None = Field(
        None,
        repr=False,
        description="the name of a variable of the environment that holds the secret,"
        " in capitals, not beginning with RASID_",
    )
    secret_file: Annotated[str, StringConstraints(min_length=1)] | None = Field(
        None, description="the path of a file that holds the secret"
    )
    severities: frozenset[Severity] = Field(
        frozenset(), description="a list of info, warning and critical; all of them if it is empty"
    )
    watches: frozenset[Id] = Field(
        frozenset(), description="a list of ids of watches; all that there are if it is empty"
    )

    @field_validator("watches")
    @classmethod
    def _are_there(cls, watches: frozenset[str], info: ValidationInfo) -> frozenset[str]:
        known = info.context
        if known is not None and (missing := sorted(watches - known)):
            raise ValueError(f"there is no watch {missing[0]}")
        return watches

    @model_validator(mode="after")
    def _fits_its_kind(self) -> "Channel":
        if self.secret_env and self.secret_file:
            raise ValueError("secret_env and secret_file: give one of them, not both")
        if not (self.secret_env or self.secret_file) and self.kind != "alertmanager":
            raise ValueError(f"kind {self.kind} needs secret_env or secret_file")
        if (self.url is None) != (self.kind == "apprise"):
            what = "has no url: its secret is its URL" if self.url else "needs a url"
            raise ValueError(f"kind {self.kind} {what}")
        return self

    def takes(self, watch: AlertedWatch) -> bool:
        """Return whether alerts of ``watch`` go to this channel: both have to want it."""
        return (
            (not watch.channels or self.id in watch.channels)
            and (not self.watches or watch.id in self.watches)
            and (not self.severities or watch.severity in self.severities)
        )


def read_channels(
    content: bytes, filename: str, watches: frozenset[str] | None = None
) -> tuple[Channel, ...]:
    """Return the channels of a file as it is on disk; raise CatalogueError as load_channels."""
    return read_catalogue(content, filename, _CHANNELS, watches)


def load_channels(
    text: str, filename: str, watches: frozenset[str] | None = None
) -> tuple[Channel, ...]:
    """Return all channels; None of ``watches``: which there are is not known.

    Raises CatalogueError with every mistake in the file at once.
    """
    return load_catalogue(text, filename, _CHANNELS, watches)


_CHANNELS = Catalogue(
    key="channels", entry="a channel", kind=Channel, unique=("id",), may_be_empty=True
)
