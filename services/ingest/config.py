"""What ingest may be told. Every variable is described in README.md."""

from pathlib import Path
from typing import Annotated, ClassVar, Self

from pydantic import BeforeValidator, Field, model_validator

import deploy
from services.ingest.core.addresses import Network, parse_networks
from services.runtime.settings import Port, ServiceSettings

PACKAGED_SOURCES = Path(deploy.__path__[0]) / "sources.yaml"


def _networks(given: object) -> object:
    return parse_networks(given) if isinstance(given, str) else given


Networks = Annotated[tuple[Network, ...], BeforeValidator(_networks)]


class IngestSettings(ServiceSettings):
    """Settings of ingest, read from ``RASID_INGEST_*``."""

    PREFIX: ClassVar[str] = "INGEST"

    http_port: Port = Field(
        9101, description="port of /metrics and /health, 0 to 65535; 0 for any free one"
    )
    sources: Path = Field(PACKAGED_SOURCES, description="path of the catalogue of sources (YAML)")
    archive: Path | None = Field(
        None, description="folder for WARC files of all that is fetched; none without it"
    )
    contact: str | None = Field(
        None,
        pattern=r"^[\x20-\x7e]+$",
        description="a web or mail address for the User-Agent, so that sites can reach you; ASCII",
    )
    concurrency: int = Field(
        32,
        ge=1,
        le=1_000,
        description="sources polled and requests sent at the same time, 1 to 1000",
    )
    fetch_timeout_s: float = Field(
        20,
        gt=0,
        le=100,
        description="seconds for one fetch, redirects and body included, up to 100",
    )
    max_body_bytes: int = Field(
        10_000_000,
        ge=1_000,
        description="largest feed or page after decompression, from 1000 bytes",
    )

    host_gap_s: float = Field(
        0.5,
        ge=0,
        le=60,
        description="seconds from one request to the next at one host, 0 to 60",
    )
    allow_addresses: Networks = Field(
        (),
        description="networks, separated by commas, that may be fetched from though they are not "
        "public, such as 127.0.0.1/32, ::1/128",
    )

    @model_validator(mode="after")
    def _a_slow_page_is_not_a_stall(self) -> Self:
        if self.fetch_timeout_s >= self.progress_deadline_s:
            raise ValueError(
                f"RASID_INGEST_FETCH_TIMEOUT_S={self.fetch_timeout_s:g} must be less than "
                f"RASID_INGEST_PROGRESS_DEADLINE_S={self.progress_deadline_s:g}"
            )
        return self
