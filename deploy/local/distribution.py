"""Fetches the servers once with Maven, into RASID_HOME/dist, which all stacks share."""

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from deploy.local.account import make_folder
from deploy.local.config import StackError

POM = Path(__file__).with_name("pom.xml")
UNPACKED_BYTES = 350 * 2**20  # 255 MB measured
DOWNLOAD_BYTES = 1100 * 2**20  # 985 MB measured, in Maven's own repository

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Distribution:
    """The unpacked servers."""

    folder: Path

    @property
    def kafka(self) -> Path:
        """Folder with the jars in ``libs``."""
        return self.folder / "kafka"

    @property
    def elasticsearch(self) -> Path:
        """``ES_HOME``."""
        return self.folder / "elasticsearch"


def fetch(home: Path, jdk: Path, progress: Progress) -> Distribution:
    """Return the servers, fetching them if this machine does not have them yet.

    They get their final name only when complete, so a folder of that name is complete. Calls at the
    same time wait for each other. Raises StackError (no Maven, no space, no network).
    """
    folder = home / "dist" / version_key()
    if not folder.exists():
        make_folder(folder.parent)
        with locked(folder.with_name(f"{folder.name}.lock")):
            if not folder.exists():
                _fetch_into(folder, jdk, progress)
    return Distribution(folder)


def version_key() -> str:
    """Return the name of what the pom fetches: the versions, and a digest of the pom's rules."""
    pom = re.sub(r"<!--.*?-->|\s", "", POM.read_text(encoding="utf-8"), flags=re.DOTALL)
    digest = hashlib.sha256(pom.encode()).hexdigest()[:8]
    versions = dict(re.findall(r"<(kafka|elasticsearch)\.version>([^<]+)<", pom))
    return f"kafka-{versions['kafka']}_elasticsearch-{versions['elasticsearch']}_{digest}"


def require_space(folder: Path, needed_bytes: int, purpose: str) -> None:
    """Raise StackError if less than ``needed_bytes`` are free where ``folder`` is or will be."""
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    free = shutil.disk_usage(existing).free
    if free < needed_bytes:
        raise StackError(
            f"Not enough disk space {purpose}: {needed_bytes / 2**20:.0f} MB are needed on the "
            f"disk of {folder}, {free / 2**20:.0f} MB are free."
        )


@contextmanager
def locked(file: Path) -> Iterator[None]:
    """Wait for, then hold, the lock ``file``; the system frees it if this process dies."""
    with file.open("a") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _fetch_into(folder: Path, jdk: Path, progress: Progress) -> None:
    maven = shutil.which("mvn")
    if maven is None:
        raise StackError(
            "Maven is needed once, to fetch Kafka and Elasticsearch, and there is no mvn on the "
            "PATH. Install it (Debian: apt install maven; macOS: brew install maven), or use "
            "Docker: docker compose up"
        )
    require_space(folder, UNPACKED_BYTES, "to unpack the servers")
    require_space(Path.home() / ".m2", DOWNLOAD_BYTES, "to download the servers")
    stage = folder.with_name(f"{folder.name}.partial")
    shutil.rmtree(stage, ignore_errors=True)
    make_folder(stage)
    progress("Fetching Kafka and Elasticsearch with Maven (about 930 MB, once)")
    _run_maven(
        [maven, "-B", "-f", str(POM), "process-resources", f"-Dstage={stage}"], jdk, progress
    )
    for part in (stage / "kafka" / "libs", stage / "elasticsearch" / "lib"):
        if not part.is_dir():
            raise StackError(f"Maven succeeded, but {part} is missing: {POM} is wrong")
    for leftover in (*stage.glob("sonarqube-*"), stage / "markers"):
        shutil.rmtree(leftover, ignore_errors=True)
    stage.rename(folder)


def _run_maven(command: list[str], jdk: Path, progress: Progress) -> None:
    errors: list[str] = []
    with subprocess.Popen(
        command,
        env={**os.environ, "JAVA_HOME": str(jdk)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        umask=0o022,  # the servers' account has to read what Maven unpacks
    ) as maven:
        assert maven.stdout is not None  # noqa: S101 - tells the type checker
        for line in maven.stdout:
            if line.startswith("Downloading from"):
                progress(f"Fetching {line.strip().rpartition('/')[2]}")
            elif "[ERROR]" in line and len(errors) < 5:
                errors.append(line.strip())
    if maven.returncode:
        reason = "\n".join(errors) or f"mvn ended with code {maven.returncode}"
        raise StackError(f"Maven could not fetch Kafka and Elasticsearch:\n{reason}")
