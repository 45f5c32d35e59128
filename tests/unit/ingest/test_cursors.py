"""Reading the cursors back ends, also if the broker does not last that long."""

from typing import Any

import pytest
from kafka.errors import KafkaTimeoutError

from services.ingest.edges import cursors
from services.runtime.settings import Settings


class DyingKafka:
    """Says that there are cursors, and then nothing more."""

    def __init__(self, **options: Any) -> None:
        """Takes what a consumer takes."""

    def assign(self, partitions: list[Any]) -> None: ...

    def seek_to_beginning(self, *partitions: Any) -> None: ...

    def end_offsets(self, partitions: list[Any], timeout_ms: int) -> dict[Any, int]:
        return dict.fromkeys(partitions, 7)

    def position(self, partition: Any, timeout_ms: int) -> None:
        return None

    def poll(self, timeout_ms: int) -> dict[Any, Any]:
        return {}

    def close(self, timeout_ms: int) -> None: ...


@pytest.mark.timeout(10)
def test_a_broker_that_dies_on_the_way_is_an_error_and_no_endless_wait(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(cursors, "KafkaConsumer", DyingKafka)
    monkeypatch.setattr(cursors, "PROGRESS_TIMEOUT_S", 0.1)
    with pytest.raises(KafkaTimeoutError):
        cursors.read_states(Settings())
