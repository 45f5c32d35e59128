"""The real Alertmanager of Debian, started for a test."""

import shutil
import subprocess
from pathlib import Path
from typing import Any, Self

import httpx
import pytest

from tests.support import eventually, free_port

CONFIG = "route: {receiver: nobody}\nreceivers: [{name: nobody}]\n"


class RunningAlertmanager:
    """Runs from ``__enter__``, which returns when it is ready, to the end; forgets all then."""

    def __init__(self, folder: Path, port: int | None = None, config: str = CONFIG) -> None:
        self._folder = folder
        self._config = config
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        program = shutil.which("prometheus-alertmanager")
        if program is None:
            pytest.skip("Alertmanager is not installed (Debian package prometheus-alertmanager)")
        config = self._folder / "alertmanager.yml"
        config.write_text(self._config)
        self._process = subprocess.Popen(
            [
                program,
                f"--config.file={config}",
                f"--storage.path={self._folder / 'data'}",
                f"--web.listen-address=127.0.0.1:{self.port}",
                "--cluster.listen-address=",
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        eventually(self._is_ready, what="Alertmanager ready")
        return self

    def __exit__(self, *exception: object) -> None:
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def alerts(self) -> list[dict[str, Any]]:
        """Return the alerts that go on, as its API tells them."""
        found: list[dict[str, Any]] = httpx.get(f"{self.url}/api/v2/alerts").json()
        return found

    def _is_ready(self) -> bool:
        try:
            return httpx.get(f"{self.url}/-/ready").status_code == 200
        except httpx.TransportError:
            return False
