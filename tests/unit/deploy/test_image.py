"""The Dockerfile, read: what it copies is there, what it runs as is nobody in particular."""

import json
import re
import subprocess
import sys
import tomllib
from importlib.metadata import version
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
    bases = dict(argument.split("=") for argument in values("ARG "))
    assert {image.partition(" AS ")[0] for image in values("FROM ")} == {
        f"${{{name}}}" for name in bases
    }
    versions = [re.fullmatch(r"python:(3\.\d+\.\d+)-(?:slim-)?\w+", one) for one in bases.values()]
    assert {match and match[1] for match in versions} == {"3.13.11"}


def test_it_does_not_run_as_root() -> None:
    assert [int(user) for user in values("USER ")][-1] > 0


def test_everything_is_installed_by_its_hash_also_what_builds_the_wheel() -> None:
    installs = [line for line in LINES if re.search(r"\bpip (install|wheel) ", line)]
    locked = [line for line in installs if "--require-hashes -r requirements/" in line]
    ours = [line for line in installs if line not in locked]
    assert len(locked) == 3
    assert len(ours) == 2
    assert all("--no-deps" in line for line in ours)
    assert "--no-build-isolation" in next(line for line in ours if "wheel" in line)


def test_no_secret_is_in_the_image() -> None:
    given = [*values("ARG "), *values("ENV "), *(line for line in LINES if "=" in line)]
    assert not [line for line in given if re.search(r"PASSWORD|SECRET|TOKEN|_KEY", line)]


@pytest.mark.slow
def test_the_list_of_packages_is_made_of_what_is_installed_in_the_image() -> None:
    """The command that makes it, here of the packages of this environment: the same each time."""
    (line,) = (line for line in LINES if "cyclonedx_py" in line)
    arguments = line.partition("-m ")[2].split()
    where, of = (
        arguments.index("/opt/rasid/sbom.cdx.json"),
        arguments.index("/opt/rasid/bin/python"),
    )
    assert of == len(arguments) - 1
    arguments[where], arguments[of] = "-", sys.executable
    arguments.append("--no-validate")  # by the schema, as the image's is: it takes half a minute
    first, again = (
        subprocess.run([sys.executable, "-m", *arguments], capture_output=True, check=True).stdout
        for _ in range(2)
    )
    assert first == again
    listed = {one["name"]: one for one in json.loads(first)["components"]}
    assert json.loads(first)["bomFormat"] == "CycloneDX"
    assert {"crc32c", "elasticsearch", "faust-streaming", "kafka-python", "pydantic"} <= set(listed)
    assert listed["kafka-python"]["version"] == version("kafka-python")
    assert listed["kafka-python"]["licenses"]


@pytest.mark.parametrize("source", SOURCES)
def test_what_is_copied_exists_and_is_not_ignored(source: str) -> None:
    kept = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert (ROOT / source).exists()
    assert f"!{source}" in kept


def test_the_image_is_named_after_the_version_it_holds() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    services = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"].values()
    assert {service["image"] for service in services if "build" in service} == {f"rasid:{version}"}
