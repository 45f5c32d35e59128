"""Where incidents are kept, and where alerts are said: the index ``news-alerts`` and Kafka."""

import json
from collections.abc import Iterator
from importlib import resources
from typing import Any

import structlog
from elastic_transport import ObjectApiResponse
from elasticsearch import BadRequestError, Elasticsearch
from kafka import KafkaProducer

from services.alert.core.record import Recorded, document, read_document
from services.contract.alerts import Alert
from services.contract.topics import ALERTS, namespaced
from services.contract.wire import encode
from services.runtime.kafka import make_producer
from services.runtime.settings import Settings

MAPPING = "alerts-v1"
_CONFIRMED_WITHIN_S = 10.0
_MOST_WATCHES = 10_000

log = structlog.get_logger()


class AlertsIndex:
    """One document for each incident. Raises what elasticsearch raises."""

    def __init__(self, client: Elasticsearch, index: str) -> None:
        self._client = client
        self._index = index

    def ensure(self) -> None:
        """Make the index if it is not there."""
        file = resources.files("services.alert") / "mappings" / f"{MAPPING}.json"
        definition = json.loads(file.read_text("utf-8"))
        if self._client.indices.exists(index=self._index):
            return
        try:
            self._client.indices.create(index=self._index, **definition)
        except BadRequestError as error:
            if error.error != "resource_already_exists_exception":  # another process was quicker
                raise

    def last_incidents(self) -> dict[str, Recorded]:
        """Return the last incident of each watch, by the id of the watch."""
        self._client.indices.refresh(index=self._index)
        found = self._client.search(
            index=self._index,
            size=_MOST_WATCHES,
            collapse={"field": "watch.id"},
            sort=[{"began_at": "desc"}],
        )
        return {recorded.incident.watch_id: recorded for recorded in _readable(found)}

    def newest(self, size: int) -> list[Alert]:
        """Return the ``size`` incidents that began last, the newest first."""
        return self._find({"match_all": {}}, size)

    def going_on(self) -> list[Alert]:
        """Return the incidents that are not over, the newest first."""
        return self._find({"bool": {"must_not": {"exists": {"field": "ended_at"}}}}, _MOST_WATCHES)

    def beginning_with(self, alert_id: str) -> list[Alert]:
        """Return the incidents whose id begins so."""
        return self._find({"prefix": {"alert_id": alert_id}}, _MOST_WATCHES)

    def _find(self, query: dict[str, Any], size: int) -> list[Alert]:
        found = self._client.search(
            index=self._index,
            query=query,
            size=size,
            sort=[{"began_at": {"order": "desc", "unmapped_type": "date"}}],
            ignore_unavailable=True,  # the service has not run yet
        )
        return [recorded.alert for recorded in _readable(found)]

    def record(self, recorded: Recorded) -> None:
        """Keep an incident in place of what was kept of it."""
        self._client.index(index=self._index, id=recorded.incident.id, document=document(recorded))


def _readable(found: ObjectApiResponse[Any]) -> Iterator[Recorded]:
    """Yield the incidents that were found, without what others have written there."""
    for hit in found["hits"]["hits"]:
        try:
            yield read_document(hit["_source"])
        except ValueError as error:
            log.error("no incident", index=hit["_index"], id=hit["_id"], error=str(error))


class AlertTopic:
    """Kafka's topic of alerts."""

    def __init__(self, settings: Settings) -> None:
        """Connect. Raises KafkaError."""
        self._topic = namespaced(ALERTS.name, settings.namespace)
        self._producer: KafkaProducer = make_producer(settings)

    def publish(self, alert: Alert) -> None:
        """Return when Kafka has the alert; raise KafkaError if it does not say so in time."""
        key = alert.alert_id.encode()
        sent = self._producer.send(self._topic, key=key, value=encode(alert))
        sent.get(timeout=_CONFIRMED_WITHIN_S)

    def close(self) -> None:
        """Disconnect."""
        self._producer.close(timeout=1)
