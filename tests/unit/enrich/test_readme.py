"""The README of enrich says what the code has."""

from pathlib import Path

import pytest

from services.enrich.config import EnrichSettings
from services.runtime.settings import variables_of

README = (Path(__file__).parents[3] / "services/enrich/README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("variable", variables_of(EnrichSettings))
def test_every_setting_is_documented(variable: str) -> None:
    assert f"`{variable}`" in README


def test_every_file_of_the_flow_is_named() -> None:
    folder = Path(__file__).parents[3] / "services/enrich"
    files = [path for path in folder.rglob("*.py") if path.name != "__init__.py"]
    assert [path.name for path in files if f"`{path.relative_to(folder)}`" not in README] == []
