"""The README of ingest names every setting and every metric."""

from pathlib import Path

import pytest

import services.ingest
from services.ingest.config import IngestSettings
from services.runtime.settings import Settings, variables_of

README = (Path(services.ingest.__path__[0]) / "README.md").read_text(encoding="utf-8")
OWN = sorted(set(variables_of(IngestSettings)) - set(variables_of(Settings)))


@pytest.mark.parametrize("variable", OWN)
def test_every_setting_is_in_the_readme(variable: str) -> None:
    assert f"`{variable}`" in README


def test_the_readme_names_no_setting_that_is_gone() -> None:
    named = {word.strip("`|.,;:()") for word in README.split() if "RASID_INGEST_" in word}
    assert named == set(OWN)
