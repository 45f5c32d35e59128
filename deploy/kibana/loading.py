"""Saved objects into a running Kibana, over its import API. Loading them again changes nothing."""

import time
from typing import Any

import httpx
import structlog

from services.runtime.settings import ConfigurationError

_TIMEOUT_S = 30.0
_AGAIN_S = 1.0
_MAX_SHOWN_CHARS = 300

log = structlog.get_logger()


class UnavailableError(Exception):
    """Kibana does not answer, or not yet; the message says what it did."""


class RefusedError(Exception):
    """Kibana did not take all objects; the message says which, and why."""


def wait_until_available(client: httpx.Client, wait_s: float) -> None:
    """Return when Kibana says that it can work. Raises UnavailableError after ``wait_s``.

    While it starts it answers everything with 503.
    """
    deadline = time.monotonic() + wait_s
    said = ""
    while True:
        try:
            _checked(client, "GET", "/api/status")
        except UnavailableError as error:
            if time.monotonic() + _AGAIN_S > deadline:
                raise
            if str(error) != said:
                said = str(error)
                log.info("waiting for Kibana", why=said)
            time.sleep(_AGAIN_S)
        else:
            return


def import_objects(client: httpx.Client, ndjson: bytes) -> None:
    """Write the objects, a line each, over those of the same ids. Raises RefusedError."""
    answer = _checked(
        client,
        "POST",
        "/api/saved_objects/_import",
        params={"overwrite": "true"},
        headers={"kbn-xsrf": "true"},
        files={"file": ("rasid.ndjson", ndjson, "application/ndjson")},
    )
    try:
        reply = answer.json()
        complete = reply["success"] and reply["successCount"] == len(ndjson.splitlines())
    except (ValueError, KeyError, TypeError) as error:
        raise RefusedError(f"not an answer of Kibana: {_shown(answer)}") from error
    if not complete:
        raise RefusedError("\n".join(_problems(reply)))


def _problems(reply: dict[str, Any]) -> list[str]:
    taken = f"only {reply['successCount']} objects were taken"
    return [
        taken,
        *(f"{one['type']} {one['id']}: {one['error']}" for one in reply.get("errors", ())),
    ]


def _checked(client: httpx.Client, method: str, path: str, **request: Any) -> httpx.Response:
    """Return the answer 200. Raises ConfigurationError where trying again will not help."""
    try:
        answer = client.request(method, path, timeout=_TIMEOUT_S, **request)
    except httpx.TransportError as error:
        raise UnavailableError(f"{client.base_url}: {error!r}") from error
    what = f"{client.base_url}: {method} {path} was answered with {answer.status_code}"
    match answer.status_code:
        case 200:
            return answer
        case 429 | 500 | 502 | 503 | 504:
            raise UnavailableError(f"{what}: {_shown(answer)}")
        case 401 | 403:
            raise ConfigurationError(
                f"{what}. RASID_KIBANA_USERNAME and ..._PASSWORD, or RASID_KIBANA_API_KEY, must be"
                " those of somebody who may manage saved objects."
            )
        case _ if method == "GET":
            raise ConfigurationError(f"{what}. RASID_KIBANA_URL must be the address of a Kibana.")
        case _:
            raise RefusedError(f"{what}: {_shown(answer)}")


def _shown(answer: httpx.Response) -> str:
    return " ".join(answer.text.split())[:_MAX_SHOWN_CHARS]
