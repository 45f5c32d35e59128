"""How an account reaches the servers of a local stack: addresses, and what proves who it is."""

from collections.abc import Mapping

from deploy.local.config import StackConfig
from deploy.setup.elasticsearch import set_up_elasticsearch
from deploy.setup.kafka import set_up_kafka
from deploy.setup.secrets import ADMIN, Secrets
from services.contract.access import user_name
from services.runtime.settings import Settings, load

_WAYS = ("RASID_KAFKA_", "RASID_ELASTICSEARCH_")

SERVERS_ADMIN = "rasid-admin"
"""The administrator of both servers, who is in their configuration."""


def secrets_of(config: StackConfig) -> Secrets:
    """Return the secrets of a secured stack."""
    return Secrets(config.folder / "secrets", config.namespace)


def variables(config: StackConfig, account: str) -> dict[str, str]:
    """Return the environment variables with which ``account`` reaches the stack's servers.

    Who has no secret of a server, as all before the first start, is given its address only.
    """
    secrets = secrets_of(config)
    found = {
        "RASID_KAFKA_BOOTSTRAP": config.kafka_address,
        "RASID_ELASTICSEARCH_URL": config.elasticsearch_address,
    }
    if config.secures_kafka and secrets.kafka_password(account).exists():
        found |= _for_kafka(config, account)
    if config.secures_elasticsearch and secrets.ca(account).exists():
        found |= _for_elasticsearch(config, account)
    return found


def without_credentials(environ: Mapping[str, str]) -> dict[str, str]:
    """Return ``environ`` without what says how to reach Kafka and Elasticsearch."""
    return {name: value for name, value in environ.items() if not name.startswith(_WAYS)}


def settings_of(config: StackConfig, account: str = ADMIN) -> Settings:
    """Return the settings of ``account``; what the stack does not decide is as in ``config``."""
    own = load(Settings, variables(config, account))
    inherited = {name: getattr(config, name) for name in Settings.model_fields}
    decided = {name: getattr(own, name) for name in own.model_fields_set}
    return Settings.model_validate(inherited | decided)


def _for_kafka(config: StackConfig, account: str) -> dict[str, str]:
    secrets = secrets_of(config)
    return {
        "RASID_KAFKA_SECURITY_PROTOCOL": "SASL_SSL",
        "RASID_KAFKA_SASL_MECHANISM": "PLAIN" if account == ADMIN else "SCRAM-SHA-512",
        "RASID_KAFKA_USERNAME": _user(config, account),
        "RASID_KAFKA_PASSWORD_FILE": str(secrets.kafka_password(account)),
        "RASID_KAFKA_CA_FILE": str(secrets.ca(account)),
    }


def _user(config: StackConfig, account: str) -> str:
    return SERVERS_ADMIN if account == ADMIN else user_name(account, config.namespace)


def _for_elasticsearch(config: StackConfig, account: str) -> dict[str, str]:
    secrets = secrets_of(config)
    ca = {"RASID_ELASTICSEARCH_CA_FILE": str(secrets.ca(account))}
    if account == ADMIN:
        return ca | {
            "RASID_ELASTICSEARCH_USERNAME": SERVERS_ADMIN,
            "RASID_ELASTICSEARCH_PASSWORD_FILE": str(secrets.elasticsearch_password(ADMIN)),
        }
    key = secrets.elasticsearch_key(account)
    return ca | ({"RASID_ELASTICSEARCH_API_KEY_FILE": str(key)} if key.exists() else {})


def set_up(config: StackConfig) -> None:
    """Give each account of the installation its rights on the servers that are secured.

    Raises SetupError or ConfigurationError.
    """
    settings, secrets = settings_of(config), secrets_of(config)
    if config.secures_kafka:
        set_up_kafka(settings, secrets)
    if config.secures_elasticsearch:
        set_up_elasticsearch(settings, secrets)
