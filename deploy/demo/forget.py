"""Forgets one installation: its topics with their groups' offsets, and its indices."""

from kafka import KafkaAdminClient

from services.alert.config import alerts_index
from services.contract.topics import TOPICS, namespaced
from services.index.config import alias
from services.runtime.elasticsearch import make_client
from services.runtime.kafka import connection
from services.runtime.settings import ConfigurationError, Settings


def forget_namespace(settings: Settings) -> None:
    """Delete the topics and the indices that Rasid made in the settings' namespace, nothing else.

    Raises ConfigurationError for the empty namespace: that is the installation people rely on.
    """
    if not settings.namespace:
        raise ConfigurationError("Only a named namespace can be forgotten: set RASID_NAMESPACE.")
    _forget_topics(settings)
    _forget_indices(settings)


def _forget_topics(settings: Settings) -> None:
    ours = {namespaced(topic.name, settings.namespace) for topic in TOPICS}
    admin = KafkaAdminClient(**connection(settings))
    try:
        there = ours & set(admin.list_topics())
        if there:
            admin.delete_topics(sorted(there))
    finally:
        admin.close()


def _forget_indices(settings: Settings) -> None:
    articles, alerts = alias(settings), alerts_index(settings)
    ours = [articles, f"{articles}-v*", alerts]
    with make_client(settings) as client:
        found = client.indices.get(index=ours, ignore_unavailable=True)
        for index, facts in found.items():
            if "rasid_mapping" in facts["mappings"].get("_meta", {}):
                client.indices.delete(index=index)
