"""The README of alert is complete."""

from pathlib import Path

import services.alert
from services.alert.config import AlertSettings
from services.runtime.settings import variables_of

README = Path(services.alert.__file__).with_name("README.md").read_text(encoding="utf-8")


def test_every_setting_is_documented_with_its_default() -> None:
    for variable, (name, field) in variables_of(AlertSettings).items():
        assert f"`{variable}`" in README, variable
        if variable.startswith("RASID_ALERT_") and name not in ("watches", "channels"):
            assert f"| `{variable}` | {field.default} |" in README, name
