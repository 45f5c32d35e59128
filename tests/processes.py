"""Rasid's real processes under test: started, looked at over HTTP, stopped or killed."""

import json
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from deploy.local.scrape import total
from tests.support import PATIENCE_S, eventually, free_port


class ServiceProcess:
    """``python -m services.<name>`` with a log file and a port of its own.

    Used as a context manager it is started, waited for until ready, and killed at the end.
    """

    def __init__(self, name: str, environ: Mapping[str, str], folder: Path) -> None:
        self.name = name
        self.port = free_port()
        self.log = folder / f"{name}-{self.port}.log"
        self.environ = {
            **_without_rasid(os.environ),
            **environ,
            f"RASID_{name.upper()}_HTTP_PORT": str(self.port),
            "RASID_LOG_FORMAT": "json",
        }
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        self.wait_ready()
        return self

    def __exit__(self, *exception: object) -> None:
        self.kill()

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", f"services.{self.name}"],
                env=self.environ,
                stdout=log,
                stderr=log,
            )

    @property
    def returncode(self) -> int | None:
        assert self.process is not None
        return self.process.poll()

    def wait_ready(self, timeout_s: float = PATIENCE_S) -> None:
        def ready() -> bool:
            if self.returncode is not None:
                raise AssertionError(f"{self.name} ended with {self.returncode}:\n{self.tail()}")
            return self.health("ready") == 200

        eventually(ready, timeout_s, what=f"{self.name} ready")

    def health(self, probe: str) -> int:
        """Return the HTTP status of ``/health/<probe>``, 0 if nobody answers."""
        try:
            with urllib.request.urlopen(self._url(f"health/{probe}"), timeout=2) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            return 0

    def metric(self, name: str, **labels: str) -> float:
        """Return the sum of the samples of ``name`` that carry ``labels``; 0 if there are none."""
        return total(self._url("metrics"), name, **labels)

    def kill(self) -> None:
        """SIGKILL, as a crash of the machine would."""
        self._end(signal.SIGKILL, timeout_s=10)

    def terminate(self, timeout_s: float = 10) -> int:
        """SIGTERM; return the exit code. Fails if it takes longer than ``timeout_s``."""
        return self._end(signal.SIGTERM, timeout_s)

    def _end(self, number: int, timeout_s: float) -> int:
        assert self.process is not None
        self.process.send_signal(number)
        return self.process.wait(timeout_s)

    def log_lines(self) -> list[dict[str, Any]]:
        """Return the structured lines of the log; other lines are left out."""
        lines = self.log.read_text(errors="replace").splitlines()
        return [json.loads(line) for line in lines if line.startswith("{")]

    def tail(self, lines: int = 30) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])

    def _url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}/{path}"


def rasid(
    *arguments: str,
    environ: Mapping[str, str],
    stdin: bytes | None = None,
    timeout_s: float = PATIENCE_S,
) -> subprocess.CompletedProcess[bytes]:
    """Run the ``rasid`` command and return what became of it."""
    return subprocess.run(
        [sys.executable, "-m", "services.cli", *arguments],
        env={**_without_rasid(os.environ), **environ},
        input=stdin,
        capture_output=True,
        timeout=timeout_s,
        check=False,
    )


def _without_rasid(environ: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environ.items() if not name.startswith("RASID_")}
