"""``python -m services.index``: puts the service together and runs it."""

import random
import sys

import structlog
from elasticsearch import ApiError, Elasticsearch, TransportError

from services.contract.access import ACCESS
from services.contract.topics import dead_letters
from services.index.config import IndexSettings, alias
from services.index.edges.elasticsearch import send_bulk
from services.index.edges.indices import ensure_index, write_alias
from services.index.edges.kafka import EnrichedArticles, connect
from services.index.pipeline import Index
from services.index.stories import stories_of
from services.index.write import Writer
from services.runtime.dead_letters import DeadLetterProducer
from services.runtime.elasticsearch import make_client
from services.runtime.kafka import ensure_topics
from services.runtime.service import Service, run_service

_RETRY_S = 1.0

log = structlog.get_logger()


def run(service: Service[IndexSettings]) -> None:
    """Wait for Elasticsearch and Kafka, index articles until asked to stop, leave tidily."""
    settings, stop = service.settings, service.stop
    name = alias(settings)
    with make_client(settings) as client:
        wait_for_index(service, client, name)
        ensure_topics(settings, ACCESS["index"].topics, give_up=stop.is_set)
        topic = dead_letters("index")
        letters = connect(lambda: DeadLetterProducer(settings, topic), stop.wait)
        source = connect(lambda: EnrichedArticles(settings), stop.wait)
        if letters is None or source is None:
            return  # asked to stop before there was anything to leave tidily
        writer = Writer(
            send=lambda body: send_bulk(client, write_alias(name), body),
            health=service.health,
            stop=stop,
            random=random.random,
            max_bytes=settings.batch_bytes,
        )
        service.health.available("service")
        try:
            Index(
                source,
                writer,
                letters,
                service.health,
                stop,
                settings.connections,
                stories_of(client, name).join,
            ).run()
        finally:
            source.close()
            letters.close()


def wait_for_index(service: Service[IndexSettings], client: Elasticsearch, name: str) -> None:
    """Return when the index is there, made if need be; raises ConfigurationError if it is wrong."""
    while not service.stop.is_set():
        try:
            ensure_index(client, name)
        except (ApiError, TransportError) as error:
            log.warning("waiting for elasticsearch", error=str(error))
            service.health.unavailable("elasticsearch", str(error))
            service.stop.wait(_RETRY_S)
        else:
            service.health.available("elasticsearch")
            return


if __name__ == "__main__":
    sys.exit(run_service("index", IndexSettings, run))
