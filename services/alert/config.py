"""What alert may be told, and what its index is called."""

from pathlib import Path
from typing import ClassVar, Self

from pydantic import Field, model_validator

import deploy
from services.runtime.settings import Port, ServiceSettings, Settings

PACKAGED_WATCHES = Path(deploy.__path__[0]) / "watches.yaml"
PACKAGED_CHANNELS = Path(deploy.__path__[0]) / "channels.yaml"


class AlertSettings(ServiceSettings):
    """Settings of the alert service, read from ``RASID_ALERT_*``."""

    PREFIX: ClassVar[str] = "ALERT"

    http_port: Port = Field(9104, description="port of /metrics and /health, 0 for any free one")
    watches: Path = Field(PACKAGED_WATCHES, description="file of the watches")
    channels: Path = Field(
        PACKAGED_CHANNELS, description="file of the channels, read once at the start"
    )
    every_s: float = Field(
        15, ge=1, le=600, description="seconds from one round to the next, 1 to 600"
    )
    false_alerts_per_month: float = Field(
        5,
        ge=0.01,
        le=10_000,
        description="how many alerts a month mere chance may raise, all watches together",
    )
    emerging_false_alerts_per_month: float = Field(
        5,
        ge=0,
        le=100,
        description="the same for what rises without a watch; 0: it is not looked for",
    )

    @model_validator(mode="after")
    def _rounds_are_progress(self) -> Self:
        if self.every_s > self.progress_deadline_s / 2:  # between two rounds, which take time too
            raise ValueError(
                f"RASID_ALERT_EVERY_S={self.every_s:g}: at most half of "
                f"RASID_ALERT_PROGRESS_DEADLINE_S, which is {self.progress_deadline_s:g}"
            )
        return self


def articles_alias(settings: Settings) -> str:
    """Return the name that articles are searched under: what index calls its alias."""
    return _namespaced("news-articles", settings)


def alerts_index(settings: Settings) -> str:
    """Return the name of the index of alerts."""
    return _namespaced("news-alerts", settings)


def _namespaced(name: str, settings: Settings) -> str:
    return f"{settings.namespace}-{name}" if settings.namespace else name
