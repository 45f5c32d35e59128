"""The threat model claims no control whose test is not there."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/threat-model.md").read_text(encoding="utf-8")
NAMED = re.findall(r"`(tests/[\w/]+\.py)(?:: (\w+))?`", PAGE)
ROWS = [line for line in PAGE.splitlines() if line.startswith("| ") and "the test |" not in line]


def names_in(file: Path) -> set[str]:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    names = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    names |= {node.name for node in ast.walk(tree) if isinstance(node, ast.AsyncFunctionDef)}
    return {name for name in names if name.startswith("test_")}


@pytest.mark.parametrize(("file", "test"), sorted(set(NAMED)))
def test_a_test_that_is_named_exists(file: str, test: str) -> None:
    there = names_in(ROOT / file)
    assert test in there if test else there


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.split("|")[1].strip()[:40])
def test_every_threat_names_its_control_and_a_test(row: str) -> None:
    *_, control, tests, end = row.split("|")
    assert (bool(control.strip()), end) == (True, "")
    assert re.search(r"`tests/", tests)
