"""An incident as it is kept in the index: its last alert, and what the next round has to know.

``published`` is false until Kafka has the alert: what a killed service had decided and not yet said
is said by the next one, in the same words.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.alert.core.incidents import Incident
from services.contract.alerts import Alert

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Recorded:
    """What is known of a watch's last incident."""

    alert: Alert
    incident: Incident
    published: bool


def document(recorded: Recorded) -> Document:
    """Return the document of an incident."""
    incident = recorded.incident
    return {
        **recorded.alert.model_dump(mode="json", by_alias=True, exclude_none=True),
        "state": {
            "told": incident.told,
            "told_at": incident.told_at.isoformat() if incident.told_at else None,
            "published": recorded.published,
        },
    }


def read_document(found: Mapping[str, Any]) -> Recorded:
    """Return what ``document`` made a document of. Raises ValueError if it did not."""
    state = found.get("state", {})
    told = {name: found[name] for name in found if name != "state"}
    alert = Alert.model_validate_json(json.dumps(told))
    told_at = state.get("told_at")
    return Recorded(
        alert=alert,
        incident=Incident(
            watch_id=alert.watch.id,
            began_at=alert.began_at,
            peak=alert.peak,
            told=state.get("told"),
            told_at=datetime.fromisoformat(told_at) if told_at else None,
            ended_at=alert.ended_at,
        ),
        published=bool(state.get("published")),
    )
