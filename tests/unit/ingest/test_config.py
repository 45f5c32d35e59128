"""What ingest refuses to be told."""

import pytest

from services.ingest.config import IngestSettings
from services.runtime.settings import ConfigurationError, load


def test_a_fetch_may_not_take_longer_than_the_deadline_for_progress() -> None:
    environ = {
        "RASID_INGEST_FETCH_TIMEOUT_S": "30",
        "RASID_INGEST_PROGRESS_DEADLINE_S": "30",
    }
    with pytest.raises(ConfigurationError, match="FETCH_TIMEOUT_S=30 must be less than RASID_"):
        load(IngestSettings, environ)
