"""Configuration from the environment: read once, validated whole, wrong names refused.

A field of ``Settings`` is shared and read from ``RASID_<FIELD>``; a field that a subclass adds is
the service's own and read from ``RASID_<PREFIX>_<FIELD>``. A ``SecretStr`` field can also come from
the file that ``..._FILE`` names.
"""

import difflib
import os
import re
from collections.abc import Mapping
from ipaddress import IPv6Address
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, Self, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    StringConstraints,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic.fields import FieldInfo

_CREDENTIALS = re.compile(r"//[^/\s]*@")  # user:password in a URL
_SERVICE_PREFIXES = ("INGEST", "ENRICH", "INDEX", "ALERT", "STACK", "KIBANA")

Port = Annotated[int, Field(ge=0, le=65535)]
Namespace = Annotated[str, StringConstraints(pattern=r"^([a-z0-9][a-z0-9-]{0,40})?$")]

_HOST_AND_PORT = r"(?P<host>[^\s/:@,?#\[\]]+|\[(?P<ipv6>[^\]]*)\])(?::(?P<port>[0-9]{1,5}))?"
_ADDRESS = re.compile(_HOST_AND_PORT)
_URL = re.compile(rf"(?P<scheme>https?)://(?P<user>[^/\s]*@)?{_HOST_AND_PORT}/?")
_USUAL_PORTS = {"http": "9200", "https": "443"}
_THIS_MACHINE = {"localhost", "127.0.0.1", "[::1]"}


def _addresses(text: str) -> str:
    """Return ``host:port[,host:port...]`` without spaces."""
    addresses = [address.strip() for address in text.split(",")]
    for address in addresses:
        if not _parse(_ADDRESS, address)["port"]:
            raise ValueError("a port is missing")
    return ",".join(addresses)


def _server_url(text: str) -> str:
    """Return the URL with a port, without which Elasticsearch's client takes none."""
    url = _parse(_URL, text.strip())
    port = url["port"] or _USUAL_PORTS[url["scheme"]]
    return f"{url['scheme']}://{url['user'] or ''}{url['host']}:{port}"


def _parse(pattern: re.Pattern[str], text: str) -> re.Match[str]:
    found = pattern.fullmatch(text)
    if found is None:
        raise ValueError("not an address")
    if found["ipv6"] is not None:
        IPv6Address(found["ipv6"])  # raises ValueError too
    if found["port"] and not 1 <= int(found["port"]) <= 65535:
        raise ValueError("there is no such port")
    return found


Addresses = Annotated[str, AfterValidator(_addresses)]
ServerUrl = Annotated[str, AfterValidator(_server_url)]


def default_home() -> Path:
    """Return where local data lives if ``RASID_HOME`` does not say: the user's cache folder."""
    if os.geteuid() == 0:
        return Path("/var/lib/rasid")
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "rasid"


class Settings(BaseModel):
    """What every command and service may be told."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)
    PREFIX: ClassVar[str] = ""

    kafka_bootstrap: Addresses = Field(
        "localhost:9092", description="host:port[,host:port...] of Kafka"
    )
    elasticsearch_url: ServerUrl = Field(
        "http://localhost:9200",
        description="http(s)://host[:port] of Elasticsearch; port 9200, or 443 for https, if none",
    )
    elasticsearch_api_key: SecretStr | None = Field(
        None, description="API key for Elasticsearch; none by default"
    )
    elasticsearch_username: str | None = Field(
        None, description="user of Elasticsearch, where there is no API key"
    )
    elasticsearch_password: SecretStr | None = Field(None, description="the user's password")
    elasticsearch_ca_file: Path | None = Field(
        None, description="PEM file of who certifies Elasticsearch; the system's by default"
    )
    kafka_security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = Field(
        "PLAINTEXT", description="PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL"
    )
    kafka_sasl_mechanism: Literal["SCRAM-SHA-512", "SCRAM-SHA-256", "PLAIN"] = Field(
        "SCRAM-SHA-512", description="SCRAM-SHA-512, SCRAM-SHA-256 or PLAIN, with SASL"
    )
    kafka_username: str | None = Field(None, description="user of Kafka, with SASL")
    kafka_password: SecretStr | None = Field(None, description="the user's password")
    kafka_ca_file: Path | None = Field(
        None, description="PEM file of who certifies Kafka, with SSL; the system's by default"
    )
    namespace: Namespace = Field(
        "",
        description="lower-case letters, digits and hyphens, put before the names of topics, "
        "consumer groups and indices, so that installations can share a cluster",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="debug, info, warning or error"
    )
    log_format: Literal["auto", "json", "console"] = Field(
        "auto", description="json, console, or auto: console in a terminal, else json"
    )
    home: Path = Field(
        default_factory=default_home,
        description="folder of the local stack's data and of what imports remember",
    )
    java_home: Path | None = Field(None, description="JDK 21 or newer for the local stack")

    @field_validator("elasticsearch_ca_file", "kafka_ca_file")
    @classmethod
    def _can_be_read(cls, path: Path | None) -> Path | None:
        if path:
            try:
                path.open("rb").close()
            except OSError as error:
                raise ValueError(f"cannot be read: {error.strerror}") from error
        return path

    @model_validator(mode="after")
    def _credentials_fit(self) -> Self:
        with_name = self.kafka_username is not None
        if with_name != (self.kafka_password is not None):
            raise ValueError("RASID_KAFKA_USERNAME, RASID_KAFKA_PASSWORD: give both or none")
        if with_name != self.kafka_security_protocol.startswith("SASL"):
            raise ValueError(
                f"RASID_KAFKA_SECURITY_PROTOCOL={self.kafka_security_protocol}: SASL_SSL and "
                "SASL_PLAINTEXT need RASID_KAFKA_USERNAME and _PASSWORD, the others take none"
            )
        if self.kafka_ca_file and not self.kafka_security_protocol.endswith("SSL"):
            raise ValueError(
                f"RASID_KAFKA_CA_FILE={self.kafka_ca_file}: only with SSL or SASL_SSL in "
                "RASID_KAFKA_SECURITY_PROTOCOL"
            )
        named = (self.elasticsearch_username, self.elasticsearch_password)
        if _CREDENTIALS.search(self.elasticsearch_url) and (
            any(named) or self.elasticsearch_api_key
        ):
            raise ValueError(
                "RASID_ELASTICSEARCH_URL names a user, and so does RASID_ELASTICSEARCH_API_KEY or "
                "_USERNAME: give one of them"
            )
        if any(named) and (not all(named) or self.elasticsearch_api_key):
            raise ValueError(
                "RASID_ELASTICSEARCH_API_KEY, _USERNAME, _PASSWORD: give the key, or both others"
            )
        if self.elasticsearch_ca_file and not self.elasticsearch_url.startswith("https:"):
            raise ValueError(
                f"RASID_ELASTICSEARCH_CA_FILE={self.elasticsearch_ca_file}: "
                "RASID_ELASTICSEARCH_URL does not begin with https"
            )
        return self

    def secrets_in_the_clear(self) -> list[str]:
        """Return the variables of secrets that go to another machine for all between to read."""
        url = _parse(_URL, self.elasticsearch_url)
        readable = url["scheme"] == "http" and url["host"] not in _THIS_MACHINE
        key, password = self.elasticsearch_api_key, self.elasticsearch_password
        exposed = {
            "RASID_ELASTICSEARCH_URL": readable and url["user"],
            "RASID_ELASTICSEARCH_API_KEY": readable and key,
            "RASID_ELASTICSEARCH_PASSWORD": readable and password,
            "RASID_KAFKA_PASSWORD": self._kafka_password_is_readable(),
        }
        return [variable for variable, is_exposed in exposed.items() if is_exposed]

    def _kafka_password_is_readable(self) -> bool:
        """SCRAM proves that the password is known and does not send it; PLAIN does."""
        brokers = {_parse(_ADDRESS, one)["host"] for one in self.kafka_bootstrap.split(",")}
        how = (self.kafka_security_protocol, self.kafka_sasl_mechanism)
        return how == ("SASL_PLAINTEXT", "PLAIN") and not brokers <= _THIS_MACHINE


class ServiceSettings(Settings):
    """What every long-running service may be told, under its own prefix."""

    http_host: str = Field("127.0.0.1", description="address of /metrics and /health")
    http_port: Port = Field(0, description="port of /metrics and /health, 0 for any free one")
    progress_deadline_s: float = Field(
        120,
        ge=10,  # less than two looks at an idle Kafka would end a healthy service
        description="seconds without progress after which the service exits with 75, from 10",
    )


class ConfigurationError(Exception):
    """The environment or a configuration file is wrong; the message says what is allowed."""


S = TypeVar("S", bound=Settings)


def load(kind: type[S], environ: Mapping[str, str]) -> S:
    """Return the settings of ``kind`` that ``environ`` holds.

    Raises ConfigurationError with every problem in one message: a bad value, an unknown
    ``RASID_*`` variable, an unreadable secret. Variables of other services are theirs to judge.
    """
    variables = variables_of(kind)
    problems = _unknown_variables(environ, variables, kind.PREFIX)
    values: dict[str, Any] = {}
    for variable, (name, field) in variables.items():
        try:
            value = _read(variable, field, environ)
        except ConfigurationError as error:
            problems.append(str(error))
            continue
        if value is not None:
            values[name] = value
    try:
        settings = kind.model_validate(values)
    except ValidationError as error:
        names = {name: (variable, field) for variable, (name, field) in variables.items()}
        problems += [_explain(fault, names) for fault in error.errors(include_url=False)]
    if problems:
        raise ConfigurationError("\n".join(["The configuration is wrong:", *problems]))
    return settings


def variables_of(kind: type[Settings]) -> dict[str, tuple[str, FieldInfo]]:
    """Return the environment variables that ``kind`` reads: variable -> (field name, field)."""
    return {
        f"RASID_{name.upper()}"
        if name in Settings.model_fields
        else f"RASID_{kind.PREFIX}_{name.upper()}": (name, field)
        for name, field in kind.model_fields.items()
    }


def _is_secret(field: FieldInfo) -> bool:
    return "SecretStr" in str(field.annotation)


def _read(variable: str, field: FieldInfo, environ: Mapping[str, str]) -> str | None:
    direct, file = environ.get(variable), environ.get(f"{variable}_FILE")
    if not _is_secret(field) or not file:
        return direct or None
    if direct:
        raise ConfigurationError(f"  {variable}, {variable}_FILE: give one of them, not both")
    try:
        secret = Path(file).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ConfigurationError(f"  {variable}_FILE={file}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"  {variable}_FILE={file}: not a text in UTF-8") from error
    if not secret:
        raise ConfigurationError(f"  {variable}_FILE={file}: the file is empty")
    return secret


def _unknown_variables(
    environ: Mapping[str, str], variables: Mapping[str, tuple[str, FieldInfo]], prefix: str
) -> list[str]:
    files = {f"{variable}_FILE" for variable, (_, field) in variables.items() if _is_secret(field)}
    known = files | set(variables)
    foreign = tuple(f"RASID_{other}_" for other in _SERVICE_PREFIXES if other != prefix)
    problems = []
    for name in sorted(environ):
        if not name.startswith("RASID_") or name in known or name.startswith(foreign):
            continue
        close = difflib.get_close_matches(name, known, n=1)
        hint = f"; did you mean {close[0]}?" if close else f"; known: {', '.join(sorted(known))}"
        problems.append(f"  {name}: no such variable{hint}")
    return problems


def _explain(fault: Any, names: Mapping[str, tuple[str, FieldInfo]]) -> str:
    if not fault["loc"]:
        # Several variables that do not fit together: a validator of the whole names them.
        return f"  {fault['msg'].removeprefix('Value error, ')}"
    variable, field = names[str(fault["loc"][0])]
    given = "***" if _is_secret(field) else _CREDENTIALS.sub("//***@", str(fault["input"]))
    return f"  {variable}={given}: {fault['msg']}. Allowed: {field.description}"
