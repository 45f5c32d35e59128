"""A service of the tests: does nothing, in the way its first argument says."""

import os
import sys
import threading
import time
from collections.abc import Callable
from typing import ClassVar

from pydantic import Field

import services.runtime.service
from services.runtime.service import Service, run_service
from services.runtime.settings import ConfigurationError, ServiceSettings


class LighthouseSettings(ServiceSettings):
    """Settings read from ``RASID_INGEST_*``, since only real prefixes are known."""

    PREFIX: ClassVar[str] = "INGEST"

    progress_deadline_s: float = Field(120, gt=0, description="shorter than a real service's")


def shine(service: Service[LighthouseSettings]) -> None:
    """Work until told to stop."""
    told = threading.Event()
    service.stop.subscribe(told.set)
    service.health.available("service")
    while not service.stop.wait(0):  # asks without pause: the hardest case for the signal handler
        service.health.progress()
    told.wait()


def get_stuck(service: Service[LighthouseSettings]) -> None:
    """Get nowhere."""
    service.health.available("service")
    time.sleep(60)


def crash(service: Service[LighthouseSettings]) -> None:
    """Have a bug."""
    raise RuntimeError("the lamp is broken")


def leave(service: Service[LighthouseSettings]) -> None:
    """End without having been asked to."""


def misread(service: Service[LighthouseSettings]) -> None:
    """Find a configuration file wrong."""
    raise ConfigurationError("lamps.yaml:3: no such colour; red, white or green")


BEHAVIOURS: dict[str, Callable[[Service[LighthouseSettings]], None]] = {
    behaviour.__name__: behaviour for behaviour in (shine, get_stuck, crash, leave, misread)
}

if __name__ == "__main__":
    if shorter := os.environ.get("LIGHTHOUSE_STOP_DEADLINE_S"):
        services.runtime.service.STOP_DEADLINE_S = float(shorter)
    sys.exit(run_service("lighthouse", LighthouseSettings, BEHAVIOURS[sys.argv[1]]))
