from pathlib import Path

import pytest

from deploy.local.config import StackError
from deploy.local.java import Java, choose, find_jdk, inspect, parse_modules

FULL = frozenset({"java.base", "jdk.attach"})
RUNTIME_ONLY = frozenset({"java.base"})


@pytest.mark.parametrize(
    ("listing", "version"),
    [
        ("java.base@25.0.3\njdk.attach@25.0.3\n", 25),
        ("java.base@21\njdk.attach@21\n", 21),
        ("java.base@17.0.15-internal\n", 17),
        ("java.base@9.0.4\n", 9),
        ("Unrecognized option: --list-modules\n", None),
        ("", None),
    ],
)
def test_version_is_read_from_the_list_of_modules(listing: str, version: int | None) -> None:
    assert parse_modules(listing)[0] == version


def test_modules_lose_their_version() -> None:
    assert parse_modules("java.base@25.0.3\njdk.attach@25.0.3\n")[1] == FULL


def test_the_first_full_jdk_new_enough_is_chosen() -> None:
    found = [
        Java(Path("/old"), 17, FULL),
        Java(Path("/runtime"), 25, RUNTIME_ONLY),
        Java(Path("/first"), 21, FULL),
        Java(Path("/second"), 25, FULL),
    ]
    assert choose(found, decided=False) == Path("/first")


def test_the_message_lists_what_was_found_and_what_to_do() -> None:
    found = [
        Java(Path("/jdk17"), 17, FULL),
        Java(Path("/jre21"), 21, RUNTIME_ONLY),
        Java(Path("/eight"), None, frozenset()),
    ]
    with pytest.raises(StackError) as error:
        choose(found, decided=False)
    message = str(error.value)
    for part in ("/jdk17 (version 17, JDK)", "/jre21 (version 21, JRE", "/eight (not a Java 9"):
        assert part in message
    for part in ("JDK 21 or newer", "apt install", "RASID_JAVA_HOME", "docker compose up"):
        assert part in message


def test_a_java_home_that_was_decided_is_not_replaced_by_another(tmp_path: Path) -> None:
    with pytest.raises(StackError, match="RASID_JAVA_HOME must name such a JDK"):
        find_jdk(tmp_path, {})


def test_a_java_home_without_a_java_is_looked_past(tmp_path: Path) -> None:
    java = tmp_path / "fit" / "bin" / "java"
    java.parent.mkdir(parents=True)
    java.write_text("#!/bin/sh\necho java.base@23.0.1\necho jdk.attach@23.0.1\n")
    java.chmod(0o755)
    environ = {"JAVA_HOME": str(tmp_path / "gone"), "PATH": str(java.parent)}
    assert find_jdk(None, environ) == tmp_path / "fit"


def test_a_java_that_fails_has_no_version(tmp_path: Path) -> None:
    assert inspect(tmp_path) == Java(tmp_path, None, frozenset())
