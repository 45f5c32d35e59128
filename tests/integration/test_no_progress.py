"""A service whose Kafka is not there ends by itself, so that somebody starts it anew or notices."""

from pathlib import Path

import pytest

from deploy.local.services import SERVICES
from services.runtime.service import EXIT_NO_PROGRESS
from tests.processes import ServiceProcess
from tests.support import eventually, free_port


@pytest.mark.parametrize("name", SERVICES)
def test_without_a_broker_it_exits_after_its_deadline(name: str, tmp_path: Path) -> None:
    environ = {
        "RASID_KAFKA_BOOTSTRAP": f"127.0.0.1:{free_port()}",
        "RASID_ELASTICSEARCH_URL": f"http://127.0.0.1:{free_port()}",
        f"RASID_{name.upper()}_PROGRESS_DEADLINE_S": "10",
        "RASID_INGEST_FETCH_TIMEOUT_S": "5",
        "RASID_ALERT_EVERY_S": "5",
    }
    service = ServiceProcess(name, environ, tmp_path)
    service.start()
    eventually(lambda: service.returncode is not None, 60, what=f"{name} ends")
    assert service.returncode == EXIT_NO_PROGRESS, service.tail()
    assert any(line["event"] == "no progress" for line in service.log_lines())
