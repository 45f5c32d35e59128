"""``python -m services.alert``: puts the service together and runs it."""

import os
import sys
import time
from datetime import UTC, datetime

import structlog
from elasticsearch import ApiError, Elasticsearch, TransportError
from kafka.errors import KafkaError

from services.alert.catalogue import WatchFile, channels_of
from services.alert.config import AlertSettings, alerts_index, articles_alias
from services.alert.deliveries import Deliveries
from services.alert.edges.alerts import AlertsIndex, AlertTopic
from services.alert.edges.counts import Counter, CountError
from services.alert.emerging import Emerging
from services.alert.judging import Judging
from services.alert.watching import Watching
from services.contract.access import ACCESS
from services.runtime.elasticsearch import make_client
from services.runtime.kafka import ensure_topics
from services.runtime.service import Service, run_service

_STOP_S = 3.0
"""For what is just being delivered; the rest is delivered after the next start."""

log = structlog.get_logger()


def run(service: Service[AlertSettings]) -> None:
    """Look at the watches again and again, and deliver alerts beside it, until asked to stop."""
    settings, stop = service.settings, service.stop
    channels = channels_of(settings.channels)
    watches = WatchFile(settings.watches, frozenset(channel.id for channel in channels))
    if not ensure_topics(settings, ACCESS["alert"].topics, give_up=stop.is_set):
        return
    deliveries = Deliveries(settings, channels, os.environ, stop)
    service.health.available("service")
    with make_client(settings) as client:
        topic = AlertTopic(settings)
        watching: Watching | None = None
        while not stop.is_set():
            deliveries.check()
            try:
                watching = watching or _begin(settings, client, topic)
                watching.look(watches.look(), _now(settings.every_s))
            except (ApiError, TransportError, CountError) as error:
                _wait_for(service, "elasticsearch", error)
            except KafkaError as error:
                _wait_for(service, "kafka", error)
            else:
                service.health.available("elasticsearch")
                service.health.available("kafka")
                service.health.progress()
            stop.wait(settings.every_s - time.time() % settings.every_s)
        topic.close()
    deliveries.wait(_STOP_S)


def _begin(settings: AlertSettings, client: Elasticsearch, topic: AlertTopic) -> Watching:
    """Go on from the incidents that are in the index."""
    incidents = AlertsIndex(client, alerts_index(settings))
    incidents.ensure()
    counter = Counter(client, articles_alias(settings))
    judging = Judging(counter, settings.false_alerts_per_month)
    budget = settings.emerging_false_alerts_per_month
    emerging = Emerging(counter, Judging(counter, budget)) if budget else None
    return Watching(judging, incidents, topic.publish, emerging)


def _now(every_s: float) -> datetime:
    """Return the time of this round: the same for two services that look at about the same time."""
    return datetime.fromtimestamp(time.time() // every_s * every_s, UTC)


def _wait_for(service: Service[AlertSettings], component: str, error: Exception) -> None:
    service.health.unavailable(component, str(error))
    log.warning("waiting", component=component, error=str(error))


if __name__ == "__main__":
    sys.exit(run_service("alert", AlertSettings, run))
