"""The connection to Elasticsearch."""

from elasticsearch import Elasticsearch

from services.runtime.settings import Settings

_TIMEOUT_S = 30


def make_client(settings: Settings) -> Elasticsearch:
    """Return a client that tries once: the next round tries again."""
    key = settings.elasticsearch_api_key
    return Elasticsearch(
        settings.elasticsearch_url,
        api_key=key.get_secret_value() if key else None,
        request_timeout=_TIMEOUT_S,
        max_retries=0,
        retry_on_timeout=False,
    )
