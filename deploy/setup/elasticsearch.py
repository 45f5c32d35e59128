"""Elasticsearch: the indices, a key for each account, and Kibana's password."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from elasticsearch import (
    ApiError,
    AuthenticationException,
    Elasticsearch,
    NotFoundError,
    TransportError,
)
from pydantic import SecretStr

from deploy.setup import SetupError
from deploy.setup.secrets import KIBANA, SEARCH, Secrets, write_secret
from services.alert.config import alerts_index
from services.alert.edges.alerts import AlertsIndex
from services.contract.access import user_name
from services.index.config import alias
from services.index.edges.indices import create_index, find_indices
from services.runtime.elasticsearch import make_client
from services.runtime.settings import Settings

KIBANA_USER = "kibana_system"

_SEARCH = ("read", "view_index_metadata")
_WRITE = (*_SEARCH, "index")
_MIGRATE = (*_WRITE, "manage")


def set_up_elasticsearch(settings: Settings, secrets: Secrets) -> None:
    """Make indices and keys as ``make_keys`` does, and let Kibana in. Raises as it does."""
    make_keys(settings, secrets)
    with _asked(settings) as client:
        client.security.change_password(
            username=KIBANA_USER,
            password=secrets.elasticsearch_password(KIBANA).read_text("utf-8"),
        )


def make_keys(settings: Settings, secrets: Secrets) -> None:
    """Make indices where there are none, and a key for each account that has none that works.

    An index of an earlier mapping is left to ``rasid index migrate``.
    Raises SetupError if Elasticsearch does not let the administrator of ``settings`` do so, and
    ConfigurationError if there are indices that this build cannot use.
    """
    if settings.elasticsearch_api_key:
        raise SetupError(
            "A key of Elasticsearch cannot make others: give the administrator's "
            "RASID_ELASTICSEARCH_USERNAME and RASID_ELASTICSEARCH_PASSWORD."
        )
    with _asked(settings) as client:
        if not find_indices(client, alias(settings)):  # else `rasid index migrate` makes it
            create_index(client, alias(settings), searched=True)
        AlertsIndex(client, alerts_index(settings)).ensure()
        for account, rights in rights_of(settings).items():
            _ensure_key(client, settings, secrets, account, rights)


@contextmanager
def _asked(settings: Settings) -> Iterator[Elasticsearch]:
    """Give a client of the administrator, whose errors become SetupError."""
    try:
        with make_client(settings) as client:
            yield client
    except (ApiError, TransportError) as error:
        raise SetupError(f"Elasticsearch at {settings.elasticsearch_url}: {error}") from error


def rights_of(settings: Settings) -> Mapping[str, Mapping[str, Any]]:
    """Return by account what its key may do: a role descriptor. Everything else is refused."""
    articles, alerts = f"{alias(settings)}*", f"{alerts_index(settings)}*"
    return {
        "index": _may((articles, _WRITE)),
        "alert": _may((articles, _SEARCH), (alerts, (*_WRITE, "maintenance"))),
        "operator": _may((articles, _MIGRATE), (alerts, _SEARCH), cluster=("monitor",)),
        SEARCH: _may((articles, _SEARCH), (alerts, _SEARCH)),
    }


def _may(*indices: tuple[str, tuple[str, ...]], cluster: tuple[str, ...] = ()) -> dict[str, Any]:
    return {
        "cluster": list(cluster),
        "indices": [{"names": [name], "privileges": list(given)} for name, given in indices],
    }


def _ensure_key(
    client: Elasticsearch,
    settings: Settings,
    secrets: Secrets,
    account: str,
    rights: Mapping[str, Any],
) -> None:
    """Let the account's key have ``rights``; make one if there is none, or it is refused."""
    file, name = secrets.elasticsearch_key(account), user_name(account, settings.namespace)
    descriptors = {name: rights}
    key_id = _id_of_working_key(settings, file.read_text("utf-8")) if file.exists() else None
    if key_id:
        try:
            client.security.update_api_key(id=key_id, role_descriptors=descriptors)
        except NotFoundError:
            pass  # another administrator's, who alone could change it
        else:
            return
    client.options(ignore_status=404).security.invalidate_api_key(name=name)
    made = client.security.create_api_key(name=name, role_descriptors=descriptors)
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_secret(file, made["encoded"].encode())


def _id_of_working_key(settings: Settings, key: str) -> str | None:
    own = settings.model_copy(
        update={
            "elasticsearch_api_key": SecretStr(key),
            "elasticsearch_username": None,
            "elasticsearch_password": None,
        }
    )
    with make_client(own) as client:
        try:
            return str(client.security.authenticate()["api_key"]["id"])
        except AuthenticationException:
            return None
