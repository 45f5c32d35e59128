"""Elasticsearch: bulk requests as facts, and the definition of the index."""

import hashlib
import json
from importlib import resources
from typing import Any

from elasticsearch import ApiError, Elasticsearch, TransportError

from services.index.core.settle import (
    Answered,
    BulkAnswer,
    ItemAnswer,
    Refused,
    Unreachable,
)

MAPPING = "articles-v2"
"""The mapping this build writes and searches: ``mappings/<MAPPING>.json``."""

VERSION = MAPPING.rpartition("-")[2]
"""Names the index of this mapping, and the consumer group that fills it."""

_ONLY_WHAT_IS_USED = "errors,items.*.status,items.*.error"


def send_bulk(client: Elasticsearch, alias: str, body: bytes) -> BulkAnswer:
    """Send the lines of a bulk request to ``alias`` and return what came back. Never raises."""
    try:
        response = client.perform_request(
            "POST",
            f"/{alias}/_bulk",
            # Without the alias Elasticsearch would make an index of its own, without the mapping.
            params={"require_alias": "true", "filter_path": _ONLY_WHAT_IS_USED},
            headers={"accept": "application/json", "content-type": "application/x-ndjson"},
            body=body,
        )
        return Answered([_item(item) for item in response.body["items"]])
    except ApiError as error:
        return Refused(_refusal(error))
    except TransportError as error:  # also answers that are not from Elasticsearch, or not JSON
        return Unreachable(str(error))
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        return Unreachable(f"an answer that is not a bulk response: {error!r}")


def _item(item: dict[str, Any]) -> ItemAnswer:
    (result,) = item.values()
    error = result.get("error")
    return _problem(result["status"], error) if error else ItemAnswer(result["status"])


def _refusal(error: ApiError) -> ItemAnswer:
    body = error.body.get("error") if isinstance(error.body, dict) else None
    if isinstance(body, dict):
        return _problem(error.meta.status, body)
    return ItemAnswer(error.meta.status, error=str(error.body)[:500])


def _problem(status: int, error: dict[str, Any]) -> ItemAnswer:
    reasons = [str(error.get("reason", ""))]
    cause = error.get("caused_by")
    while isinstance(cause, dict) and len(reasons) < 4:
        reasons.append(str(cause.get("reason", "")))
        cause = cause.get("caused_by")
    return ItemAnswer(status, str(error.get("type", "")), "; ".join(filter(None, reasons)))


def load_definition() -> dict[str, Any]:
    """Return the settings and the mapping of the index, the mapping with its name and digest."""
    text = (resources.files("services.index") / "mappings" / f"{MAPPING}.json").read_text("utf-8")
    definition: dict[str, Any] = json.loads(text)
    digest = hashlib.sha256(json.dumps(definition, sort_keys=True).encode()).hexdigest()[:16]
    definition["mappings"]["_meta"] = {"rasid_mapping": MAPPING, "digest": digest}
    return definition


def client_url(client: Elasticsearch) -> str:
    """Return where ``client`` connects to."""
    return next(iter(client.transport.node_pool.all())).base_url
