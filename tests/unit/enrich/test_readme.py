"""The README of enrich says what the code has."""

from pathlib import Path

from services.enrich.config import EnrichSettings
from services.runtime.settings import variables_of

README = (Path(__file__).parents[3] / "services/enrich/README.md").read_text(encoding="utf-8")


def test_every_setting_of_its_own_is_documented() -> None:
    own = [name for name in variables_of(EnrichSettings) if name.startswith("RASID_ENRICH_")]
    assert [name for name in own if f"`{name}`" not in README] == []


def test_every_file_of_the_flow_is_named() -> None:
    folder = Path(__file__).parents[3] / "services/enrich"
    files = [path for path in folder.rglob("*.py") if path.name != "__init__.py"]
    assert [path.name for path in files if f"`{path.relative_to(folder)}`" not in README] == []
