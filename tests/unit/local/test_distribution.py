import threading
from pathlib import Path

import pytest

from deploy.local import distribution
from deploy.local.config import StackError
from deploy.local.distribution import fetch, require_space, version_key

FAKE_MAVEN = """#!/bin/sh
for argument in "$@"; do case $argument in -Dstage=*) stage=${argument#-Dstage=};; esac; done
echo run >> "$RUNS"
mkdir -p "$stage/kafka/libs" "$stage/markers" "$stage/sonarqube-1/bin"
[ -n "$FAIL" ] && { echo "[ERROR] repo unreachable"; exit 1; }
echo "Downloading from central: https://repo.example/kafka_2.13-4.3.1.jar"
mkdir -p "$stage/elasticsearch/lib"
"""


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A maven that makes the folders the real one makes; returns the file that counts its runs."""
    maven = tmp_path / "bin" / "mvn"
    maven.parent.mkdir()
    maven.write_text(FAKE_MAVEN)
    maven.chmod(0o755)
    runs = tmp_path / "runs"
    monkeypatch.setenv("PATH", f"{maven.parent}:/usr/bin:/bin")
    monkeypatch.setenv("RUNS", str(runs))
    return runs


def test_the_servers_are_fetched_once(tmp_path: Path, runs: Path) -> None:
    said: list[str] = []
    servers = fetch(tmp_path / "home", tmp_path, said.append)
    assert servers == fetch(tmp_path / "home", tmp_path, said.append)
    assert runs.read_text() == "run\n"
    assert sorted(path.name for path in servers.folder.iterdir()) == ["elasticsearch", "kafka"]
    assert "Fetching kafka_2.13-4.3.1.jar" in said


def test_calls_at_the_same_time_fetch_once(tmp_path: Path, runs: Path) -> None:
    threads = [
        threading.Thread(target=fetch, args=(tmp_path / "home", tmp_path, lambda _: None))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert runs.read_text() == "run\n"


def test_a_half_fetched_folder_is_never_taken_as_complete(
    tmp_path: Path, runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAIL", "yes")
    with pytest.raises(StackError, match="repo unreachable"):
        fetch(tmp_path / "home", tmp_path, lambda _: None)
    monkeypatch.setenv("FAIL", "")
    servers = fetch(tmp_path / "home", tmp_path, lambda _: None)
    assert servers.elasticsearch.is_dir()
    assert runs.read_text() == "run\nrun\n"


def test_without_maven_the_message_says_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(StackError, match="apt install maven"):
        fetch(tmp_path / "home", tmp_path, lambda _: None)


def test_a_full_disk_is_said_before_anything_is_fetched(
    tmp_path: Path, runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(distribution, "UNPACKED_BYTES", 2**60)
    with pytest.raises(StackError, match=r"Not enough disk space.*are needed.*are free"):
        fetch(tmp_path / "home", tmp_path, lambda _: None)
    assert not runs.exists()


def test_space_is_looked_at_where_the_folder_will_be(tmp_path: Path) -> None:
    require_space(tmp_path / "not" / "yet", 1, "to test")


def test_the_version_changes_with_what_the_pom_does_and_not_with_its_comments(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = version_key()
    assert before.startswith("kafka-4.3.1_elasticsearch-9.4.3_")
    pom = distribution.POM.read_text()
    changed = tmp_path / "pom.xml"
    monkeypatch.setattr(distribution, "POM", changed)
    changed.write_text(pom.replace("<!-- ", "<!-- another comment "))
    assert version_key() == before
    changed.write_text(pom.replace("**/elasticsearch/**", "**/elasticsearch/lib/**"))
    assert version_key() != before
