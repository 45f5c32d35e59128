"""The services as processes of this machine, beside the local stack."""

import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path

from deploy.local.config import StackConfig
from deploy.local.credentials import variables, without_credentials
from deploy.local.ports import require_free
from deploy.local.supervisor import ProcessSpec
from services.alert.config import AlertSettings
from services.enrich.config import EnrichSettings
from services.index.config import IndexSettings
from services.ingest.config import IngestSettings
from services.runtime.settings import ServiceSettings, load

SERVICES: Mapping[str, type[ServiceSettings]] = {
    "index": IndexSettings,
    "alert": AlertSettings,
    "enrich": EnrichSettings,
    "ingest": IngestSettings,
}
"""Consumers first, so that what is ingested finds them waiting; stopped in reverse order."""


def service_environ(
    config: StackConfig, environ: Mapping[str, str], **variables: str
) -> dict[str, str]:
    """Return ``environ`` with the addresses of the stack and ``variables`` put in."""
    addresses = {
        "RASID_KAFKA_BOOTSTRAP": config.kafka_address,
        "RASID_ELASTICSEARCH_URL": config.elasticsearch_address,
    }
    return {**environ, **addresses, **variables}


def service_specs(
    config: StackConfig, environ: Mapping[str, str], logs: Path
) -> dict[str, ProcessSpec]:
    """Return how to run each service, by name; on a secured stack each with its own account.

    Raises ConfigurationError if a service's own settings in ``environ`` are wrong, and StackError
    if its port is taken: better before the first is started than one after the other.
    """
    namespaced = config.model_copy(update={"namespace": environ.get("RASID_NAMESPACE", "")})
    plain = without_credentials(environ) if config.secure else environ
    environs = {name: {**plain, **variables(namespaced, name)} for name in SERVICES}
    every = {name: load(kind, environs[name]) for name, kind in SERVICES.items()}
    require_free({f"RASID_{name.upper()}_HTTP_PORT": s.http_port for name, s in every.items()})
    specs = {}
    for name, settings in every.items():
        specs[name] = ProcessSpec(
            name=name,
            argv=(sys.executable, "-m", f"services.{name}"),
            env={**environs[name], "RASID_LOG_FORMAT": environ.get("RASID_LOG_FORMAT", "json")},
            cwd=Path.cwd(),
            log_file=logs / f"{name}.log",
            is_ready=_probe(service_url(settings, "health/ready")),
        )
    return specs


def service_url(settings: ServiceSettings, path: str) -> str:
    """Return where a service of this machine answers ``path``."""
    return f"http://{settings.http_host}:{settings.http_port}/{path}"


def _probe(url: str) -> Callable[[], bool]:
    def is_ready() -> bool:
        try:
            with urllib.request.urlopen(url, timeout=1) as answer:  # noqa: S310 - our own URL
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    return is_ready


def make_logs_folder(config: StackConfig) -> Path:
    """Return the folder of the services' logs, made if it is not there."""
    folder = config.logs / "services"
    folder.mkdir(parents=True, exist_ok=True)
    return folder
