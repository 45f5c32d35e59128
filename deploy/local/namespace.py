"""Forgets one installation on a shared cluster: the topics and indices of a namespace."""

from elasticsearch import Elasticsearch
from kafka import KafkaAdminClient

from services.runtime.kafka import connection
from services.runtime.settings import ConfigurationError, Settings


def forget_namespace(settings: Settings) -> None:
    """Delete the topics, with their groups' offsets, and the indices of the settings' namespace.

    Raises ConfigurationError for the empty namespace: that is the installation people rely on.
    """
    if not settings.namespace:
        raise ConfigurationError("Only a named namespace can be forgotten: set RASID_NAMESPACE.")
    admin = KafkaAdminClient(**connection(settings))
    try:
        prefix = f"{settings.namespace}."
        topics = [name for name in admin.list_topics() if name.startswith(prefix)]
        if topics:
            admin.delete_topics(topics)
    finally:
        admin.close()
    with Elasticsearch(settings.elasticsearch_url) as client:
        indices = client.indices.get(index=f"{settings.namespace}-*", ignore_unavailable=True)
        for name in indices:
            client.indices.delete(index=name)
