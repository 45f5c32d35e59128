"""Loads what Kibana shows of Rasid into it, once: ``python -m deploy.kibana``."""

import os
import sys

import httpx
import structlog

from deploy.kibana.config import KibanaSettings
from deploy.kibana.loading import (
    RefusedError,
    UnavailableError,
    import_objects,
    wait_until_available,
)
from deploy.kibana.objects import ndjson
from services.runtime.logs import configure_logs
from services.runtime.service import EXIT_CONFIGURATION, EXIT_NO_PROGRESS, EXIT_STOPPED
from services.runtime.settings import ConfigurationError, load

EXIT_REFUSED = 1

log = structlog.get_logger()


def main() -> int:
    """Load the objects of the installation that the environment describes; return the exit code."""
    try:
        settings = load(KibanaSettings, os.environ)
    except ConfigurationError as error:
        print(error, file=sys.stderr)  # noqa: T201 - read before there are logs
        return EXIT_CONFIGURATION
    configure_logs(settings.log_level, settings.log_format)
    objects = ndjson(settings).encode()
    try:
        with make_client(settings) as client:
            wait_until_available(client, settings.wait_s)
            import_objects(client, objects)
    except ConfigurationError as error:
        print(error, file=sys.stderr)  # noqa: T201 - the same words as for a bad environment
        return EXIT_CONFIGURATION
    except UnavailableError as error:
        log.error("Kibana is not available", why=str(error))
        return EXIT_NO_PROGRESS
    except RefusedError as error:
        log.error("Kibana refused", why=str(error))
        return EXIT_REFUSED
    log.info("loaded", objects=len(objects.splitlines()), kibana=settings.url)
    return EXIT_STOPPED


def make_client(settings: KibanaSettings) -> httpx.Client:
    """Return a client that says who it is in each request."""
    headers, auth = {}, None
    if settings.api_key:
        headers["Authorization"] = f"ApiKey {settings.api_key.get_secret_value()}"
    if settings.username and settings.password:
        auth = httpx.BasicAuth(settings.username, settings.password.get_secret_value())
    return httpx.Client(base_url=settings.url, headers=headers, auth=auth)


if __name__ == "__main__":
    sys.exit(main())
