"""The README of index is complete."""

from pathlib import Path

import services.index
from services.index.config import IndexSettings
from services.runtime.settings import variables_of

README = Path(services.index.__file__).with_name("README.md").read_text(encoding="utf-8")


def test_every_setting_of_its_own_is_documented_with_its_default() -> None:
    for variable, (name, field) in variables_of(IndexSettings).items():
        if variable.startswith("RASID_INDEX_"):
            assert f"| `{variable}` | {field.default} |" in README, name
