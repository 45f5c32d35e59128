"""The README of alert is complete."""

from pathlib import Path

import services.alert
from services.alert.config import AlertSettings
from services.runtime.settings import variables_of

PACKAGED = ("watches", "channels")
README = Path(services.alert.__file__).with_name("README.md").read_text(encoding="utf-8")


def test_every_setting_of_its_own_is_documented_with_its_default() -> None:
    for variable, (name, field) in variables_of(AlertSettings).items():
        if variable.startswith("RASID_ALERT_"):
            default = "the file in the package" if name in PACKAGED else field.default
            assert f"| `{variable}` | {default} |" in README, name
