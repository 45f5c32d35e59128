"""The commands that a page shows, run where the test's own services and servers listen."""

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.processes import ServiceProcess

ROOT = Path(__file__).parents[1]


def blocks(page: Path) -> list[str]:
    """Return the shell blocks of a page."""
    return re.findall(r"^```sh\n(.*?)^```", page.read_text(encoding="utf-8"), re.S | re.M)


def commands(page: Path) -> list[str]:
    """Return the commands of a page, one a line."""
    return [line for block in blocks(page) for line in block.splitlines() if line]


def with_ports(environ: Mapping[str, str], services: list[ServiceProcess]) -> dict[str, str]:
    """Return ``environ`` with where the services listen, as ``rasid status`` has to know."""
    return {**environ, **{f"RASID_{s.name.upper()}_HTTP_PORT": str(s.port) for s in services}}


def run(
    command: str, environ: Mapping[str, str], addresses: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    """Run a command, with the test's own ``addresses`` in place of those on the page."""
    for shown, own in addresses.items():
        command = re.sub(rf"\b{shown}\b", own, command)
    others = {name: value for name, value in os.environ.items() if not name.startswith("RASID_")}
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    return subprocess.run(
        ["bash", "-uo", "pipefail", "-c", command],
        cwd=ROOT,
        env={**others, **environ, "PATH": path},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
