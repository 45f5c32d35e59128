"""What enrich may be told."""

from typing import ClassVar

from pydantic import Field

from services.runtime.settings import Port, ServiceSettings


class EnrichSettings(ServiceSettings):
    """Settings of the enrich service: ``RASID_ENRICH_...`` and the shared ones."""

    PREFIX: ClassVar[str] = "ENRICH"

    http_port: Port = Field(9102, description="port of /metrics and /health, 0 for any free one")
    max_in_flight: int = Field(
        500, ge=1, le=100_000, description="messages read but not yet confirmed, 1 to 100000"
    )
