"""The lock files: every package pinned to one version and its hashes, the same in all of them."""

import re
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[3] / "requirements"
LOCKS = sorted(FOLDER.glob("*.lock"))


def pinned(lock: Path) -> dict[str, set[str]]:
    """Return the versions of each package, more than one where a marker chooses."""
    versions: dict[str, set[str]] = {}
    for requirement in requirements(lock):
        match = re.match(r"([a-z0-9.-]+)(?:\[[a-z0-9,-]+\])?==([^ ;]+)", requirement)
        assert match, requirement
        versions.setdefault(match[1], set()).add(match[2])
    return versions


def requirements(lock: Path) -> list[str]:
    return lock.read_text(encoding="utf-8").replace("\\\n", "").splitlines()


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_every_package_is_pinned_with_hashes_and_from_the_index_alone(lock: Path) -> None:
    assert pinned(lock)
    for requirement in requirements(lock):
        name, *hashes = requirement.split("--hash=")
        assert hashes, requirement
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", one.strip()) for one in hashes)
        assert not re.search(r"://|@|^-", name)


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_what_is_tested_is_what_the_image_holds(lock: Path) -> None:
    tested = pinned(FOLDER / "dev.lock")
    assert all(tested[name] >= versions for name, versions in pinned(lock).items())


def test_every_lock_is_made_of_what_is_written_down() -> None:
    made = (FOLDER.parent / "Makefile").read_text(encoding="utf-8")
    assert [lock.name for lock in LOCKS] == sorted(re.findall(r"-o (\w+\.lock)", made))
