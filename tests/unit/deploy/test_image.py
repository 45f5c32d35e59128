"""The Dockerfile, read: what it copies is there, what it runs as is nobody in particular."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[3]
LINES = (ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines()
SOURCES = [
    source
    for line in LINES
    if line.startswith("COPY ") and "--from" not in line
    for source in line.split()[1:-1]
]


def values(instruction: str) -> list[str]:
    return [
        line.removeprefix(instruction).strip() for line in LINES if line.startswith(instruction)
    ]


def test_both_stages_start_from_the_same_pinned_python() -> None:
    versions = {re.match(r"python:(3\.\d+\.\d+)-", image) for image in values("FROM ")}
    assert {match and match[1] for match in versions} == {"3.13.11"}


def test_it_does_not_run_as_root() -> None:
    assert [int(user) for user in values("USER ")][-1] > 0


def test_everything_is_installed_by_its_hash_also_what_builds_the_wheel() -> None:
    installs = [line for line in LINES if re.search(r"\bpip (install|wheel) ", line)]
    locked = [line for line in installs if "--require-hashes -r requirements/" in line]
    ours = [line for line in installs if line not in locked]
    assert len(locked) == 2
    assert len(ours) == 2
    assert all("--no-deps" in line for line in ours)
    assert "--no-build-isolation" in next(line for line in ours if "wheel" in line)


@pytest.mark.parametrize("source", SOURCES)
def test_what_is_copied_exists_and_is_not_ignored(source: str) -> None:
    kept = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert (ROOT / source).exists()
    assert f"!{source}" in kept


def test_the_image_is_named_after_the_version_it_holds() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    services = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"].values()
    assert {service["image"] for service in services if "build" in service} == {f"rasid:{version}"}
