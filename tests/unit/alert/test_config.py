"""The settings of alert that do not fit together are refused before the service starts."""

import pytest

from services.alert.config import AlertSettings
from services.runtime.settings import ConfigurationError, load


def test_rounds_so_far_apart_that_the_service_would_end_itself_between_them_are_refused() -> None:
    with pytest.raises(ConfigurationError) as caught:
        load(AlertSettings, {"RASID_ALERT_EVERY_S": "61"})
    assert "RASID_ALERT_EVERY_S=61: at most half of RASID_ALERT_PROGRESS" in str(caught.value)
    longer = {"RASID_ALERT_EVERY_S": "600", "RASID_ALERT_PROGRESS_DEADLINE_S": "1200"}
    assert load(AlertSettings, longer).every_s == 600
