"""The connection to Elasticsearch, made one way for all who use it."""

from typing import Any

from elasticsearch import Elasticsearch

from services.runtime.settings import Settings


def make_client(settings: Settings, timeout_s: float = 30) -> Elasticsearch:
    """Return a client that tries once: who asks decides what a failure means."""
    return Elasticsearch(
        settings.elasticsearch_url,
        request_timeout=timeout_s,
        max_retries=0,
        retry_on_timeout=False,
        **_credentials(settings),
    )


def _credentials(settings: Settings) -> dict[str, Any]:
    options: dict[str, Any] = {}
    if settings.elasticsearch_ca_file:
        options["ca_certs"] = str(settings.elasticsearch_ca_file)
    if settings.elasticsearch_api_key:
        options["api_key"] = settings.elasticsearch_api_key.get_secret_value()
    elif settings.elasticsearch_username and settings.elasticsearch_password:
        password = settings.elasticsearch_password.get_secret_value()
        options["basic_auth"] = (settings.elasticsearch_username, password)
    return options
