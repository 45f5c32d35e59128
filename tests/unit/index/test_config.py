"""What index may be told leaves it able to stop in time."""

import pytest

from services.index.config import IndexSettings
from services.index.pipeline import STOP_BUDGET_S
from services.runtime.service import STOP_DEADLINE_S
from services.runtime.settings import ConfigurationError, load


def test_the_longest_batch_and_the_batch_in_flight_fit_in_a_stop() -> None:
    longest = load(IndexSettings, {"RASID_INDEX_LINGER_S": "2"}).linger_s
    assert longest + STOP_BUDGET_S < STOP_DEADLINE_S
    with pytest.raises(ConfigurationError, match="seconds to wait for a batch to fill, 0 to 2"):
        load(IndexSettings, {"RASID_INDEX_LINGER_S": "2.1"})
