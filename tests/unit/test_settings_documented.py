"""What every service and command may be told is in the README."""

from pathlib import Path

import pytest

from deploy.local.config import StackConfig
from services.runtime.settings import variables_of

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("variable", variables_of(StackConfig))
def test_a_shared_variable_or_one_of_the_local_stack_is_in_the_readme(variable: str) -> None:
    assert f"`{variable}`" in README
