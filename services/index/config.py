"""What index may be told, and what its index is called."""

from typing import ClassVar

from pydantic import Field

from services.runtime.settings import Port, ServiceSettings, Settings


class IndexSettings(ServiceSettings):
    """Settings of the index service, read from ``RASID_INDEX_*``."""

    PREFIX: ClassVar[str] = "INDEX"

    http_port: Port = Field(9103, description="port of /metrics and /health, 0 for any free one")
    connections: int = Field(
        3, ge=1, le=10, description="bulk requests in flight at a time, 1 to 10"
    )
    batch_documents: int = Field(
        300, ge=1, le=10_000, description="documents in one bulk request, about, 1 to 10000"
    )
    batch_bytes: int = Field(
        4 * 1024 * 1024,
        ge=1024,
        le=90 * 1024 * 1024,  # Elasticsearch itself refuses more than 100 MB
        description="bytes in one bulk request, 1024 to 94371840; one document may be larger",
    )
    linger_s: float = Field(
        0.2,
        ge=0,
        le=2,  # a stop waits for it
        description="seconds to wait for a batch to fill, 0 to 2",
    )


def alias(settings: Settings) -> str:
    """Return the name that articles are written to and searched under."""
    name = "news-articles"
    return f"{settings.namespace}-{name}" if settings.namespace else name
