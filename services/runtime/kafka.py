"""Connections to Kafka, made one way for every service that uses kafka-python."""

import time
from collections.abc import Callable, Iterable
from typing import Any

import structlog
from kafka import ConsumerRebalanceListener, KafkaAdminClient, KafkaConsumer, KafkaProducer
from kafka.errors import KafkaError, TopicAlreadyExistsError, UnknownTopicOrPartitionError

from services.contract.topics import TOPICS, Topic, namespaced
from services.runtime.settings import Settings

MAX_REQUEST_BYTES = 10 * 1024 * 1024  # the broker's message.max.bytes in deploy/kafka
_RECONNECT_S = 1.0
_TOPIC_WITHIN_S = 10.0
_ASK_EVERY_S = 0.1

log = structlog.get_logger()


def connection(settings: Settings) -> dict[str, Any]:
    """Return the options that every kafka-python client needs to reach the cluster."""
    return {
        "bootstrap_servers": settings.kafka_bootstrap.split(","),
        "client_id": "rasid",
        "reconnect_backoff_max_ms": 2_000,  # a broker that is back is used again within seconds
        **_credentials(settings),
    }


def _credentials(settings: Settings) -> dict[str, Any]:
    options: dict[str, Any] = {"security_protocol": settings.kafka_security_protocol}
    if settings.kafka_ca_file:
        options["ssl_cafile"] = str(settings.kafka_ca_file)
    if settings.kafka_password:
        options["sasl_mechanism"] = settings.kafka_sasl_mechanism
        options["sasl_plain_username"] = settings.kafka_username
        options["sasl_plain_password"] = settings.kafka_password.get_secret_value()
    return options


def make_producer(settings: Settings, **options: Any) -> KafkaProducer:
    """Return a producer that confirms with all replicas and writes nothing twice (idempotent)."""
    defaults = {"linger_ms": 5, "batch_size": 256 * 1024, "max_request_size": MAX_REQUEST_BYTES}
    return KafkaProducer(**(connection(settings) | defaults | options))


def make_consumer(
    settings: Settings,
    group: str,
    topic: Topic,
    listener: ConsumerRebalanceListener | None = None,
    **options: Any,
) -> KafkaConsumer:
    """Return a consumer of ``topic`` that commits only when told to.

    Raises KafkaError, also if Kafka does not know ``topic`` for 10 s.
    """
    defaults = {
        "group_id": group_name(settings, group),
        "enable_auto_commit": False,
        "auto_offset_reset": "earliest",
        "max_partition_fetch_bytes": MAX_REQUEST_BYTES,
        # Nobody reads a killed process's partitions until its session has run out: 45 s by default.
        "session_timeout_ms": 10_000,
        "heartbeat_interval_ms": 3_000,
    }
    consumer = KafkaConsumer(**(connection(settings) | defaults | options))
    name = namespaced(topic.name, settings.namespace)
    consumer.subscribe([name], listener=listener)
    try:
        _wait_until_known(consumer, name)
    except KafkaError:
        consumer.close(autocommit=False, timeout_ms=1_000)
        raise
    return consumer


def _wait_until_known(consumer: KafkaConsumer, topic: str) -> None:
    """Return when the consumer knows the partitions of ``topic``, which may just have been made.

    A member that joins its group before it knows them gets none. It joins again when they appear,
    but not if they do while it is joining (KAFKA-3949): it would stay without any. It has to ask
    after it has subscribed, or it joins twice: the first time it does not know what it joined for.
    """
    deadline = time.monotonic() + _TOPIC_WITHIN_S
    while topic not in consumer.topics():
        if time.monotonic() > deadline:
            raise UnknownTopicOrPartitionError(f"Kafka has no topic {topic}.")
        time.sleep(_ASK_EVERY_S)


def group_name(settings: Settings, service: str) -> str:
    """Return the consumer group of ``service``."""
    return namespaced(f"rasid-{service}", settings.namespace)


def ensure_topics(
    settings: Settings,
    topics: Iterable[Topic] = TOPICS,
    give_up: Callable[[], bool] = lambda: False,
) -> bool:
    """Create the missing topics, waiting until Kafka answers, which is True, or ``give_up``.

    A service asks for its own only: of the others it may not even know whether they are there.
    """
    wanted = {namespaced(topic.name, settings.namespace): topic for topic in topics}
    while not give_up():
        try:
            _create_missing(settings, wanted)
        except KafkaError as error:
            # A broker that refuses a password or a certificate looks like one that is away.
            way = {"protocol": settings.kafka_security_protocol, "user": settings.kafka_username}
            known = {name: value for name, value in way.items() if value}
            log.warning(
                "waiting for kafka", bootstrap=settings.kafka_bootstrap, **known, error=str(error)
            )
            time.sleep(_RECONNECT_S)
        else:
            return True
    return False


def _create_missing(settings: Settings, wanted: dict[str, Topic]) -> None:
    admin = KafkaAdminClient(**connection(settings), bootstrap_timeout_ms=5_000)
    try:
        missing = wanted.keys() - set(admin.list_topics())
        if missing:
            options = {
                name: {
                    "num_partitions": wanted[name].partitions,
                    "replication_factor": -1,  # the broker's default
                    "configs": wanted[name].config(),
                }
                for name in missing
            }
            admin.create_topics(options, wait_for_metadata=True)
    except TopicAlreadyExistsError:
        pass  # another service was quicker
    finally:
        admin.close()
