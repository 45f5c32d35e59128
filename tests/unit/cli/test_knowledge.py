"""``rasid knowledge`` as an editor uses it."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from services.cli.app import build
from services.runtime.settings import ConfigurationError

ENTRY = "- id: place:{0}\n  type: LOC\n  name: {1}\n  name_en: {2}\n"


def knowledge(*arguments: str) -> str:
    result = CliRunner().invoke(build(["knowledge"]), ["knowledge", *arguments])
    if isinstance(result.exception, ConfigurationError):
        raise result.exception
    return f"{result.exit_code}\n{result.output}"


def test_a_name_is_found_and_told_where_it_comes_from() -> None:
    code, *lines = knowledge("find", "هفتر").splitlines()
    assert (code, lines[0].split()[0]) == ("0", "person:khalifa-haftar")
    assert lines[-1].strip().startswith("people.yaml:")


def test_what_nobody_is_called_is_told() -> None:
    assert knowledge("find", "قسطاسيوموس").startswith("1\nNothing of that name")


@pytest.mark.slow
def test_what_ships_has_no_faults() -> None:
    assert knowledge("check").startswith("0\n")


def test_forms_in_each_others_way_are_told_with_file_and_line(tmp_path: Path) -> None:
    (tmp_path / "new.yaml").write_text(
        ENTRY.format("one", "عينة", "Sampleton") + ENTRY.format("two", "عينة الكبرى", "Sample City")
        + "  short: [سرت]\n"
    )  # fmt: skip
    told = knowledge("check", "--folder", str(tmp_path))
    assert (
        "new.yaml:5: عينه الكبري of place:two contains and wins over place:one (new.yaml:1)" in told
    )
    assert "new.yaml:5: سرت of place:two is a name, too, of place:" in told


def test_a_fault_is_told_with_file_and_line(tmp_path: Path) -> None:
    (tmp_path / "new.yaml").write_text(ENTRY.format("One", "عينة", "Sampleton"))
    with pytest.raises(ConfigurationError, match=r"new\.yaml:1: id: "):
        knowledge("check", "--folder", str(tmp_path))
