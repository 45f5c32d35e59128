"""`rasid status` on a real Elasticsearch: which alerts go on."""

import json
from collections.abc import Iterator
from datetime import timedelta

import pytest
from elasticsearch import Elasticsearch

from services.alert.config import alerts_index
from services.alert.core.incidents import Incident
from services.alert.core.record import Recorded
from services.alert.edges.alerts import AlertsIndex
from services.index.config import alias
from services.index.edges.indices import ensure_index
from services.runtime.elasticsearch import make_client
from services.runtime.settings import Settings
from tests.alerts import MOMENT, alert
from tests.processes import rasid


@pytest.fixture
def client(settings: Settings) -> Iterator[Elasticsearch]:
    with make_client(settings) as client:
        ensure_index(client, alias(settings))
        yield client


def keep(kept: AlertsIndex, number: int, *, is_over: bool) -> None:
    """Keep an incident that began ``number`` hours after the first one."""
    began = MOMENT + timedelta(hours=number)
    ended = began + timedelta(minutes=5) if is_over else None
    told = alert(number, began_at=began, ended_at=ended)
    incident = Incident(told.watch.id, began, peak=31, told=31, told_at=began, ended_at=ended)
    kept.record(Recorded(told, incident, published=True))


def test_an_alert_that_goes_on_is_shown_whatever_has_begun_and_ended_since(
    client: Elasticsearch, settings: Settings, settings_environ: dict[str, str]
) -> None:
    kept = AlertsIndex(client, alerts_index(settings))
    kept.ensure()
    keep(kept, 0, is_over=False)
    for number in range(1, 8):
        keep(kept, number, is_over=True)
    client.index(index=alerts_index(settings), document={"alert_id": "of somebody else"})
    client.indices.refresh(index=alerts_index(settings))
    said = rasid("status", "--json", environ=settings_environ)
    assert json.loads(said.stdout)["alerts"] == [alert(0).text]
    assert b"of somebody else" not in said.stdout
