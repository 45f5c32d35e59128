"""The JSON Schemas of the messages, for review and for readers not written in Python.

``python -m services.contract.schemas`` (``make schemas``) writes them anew beside this file.
"""

import json
from collections.abc import Mapping
from pathlib import Path

from services.contract.alerts import Alert
from services.contract.articles import (
    EnrichedArticle,
    Message,
    RawArticle,
    RetryRequest,
    SourceState,
)

FOLDER = Path(__file__).parent

MESSAGES: Mapping[str, type[Message]] = {
    "raw-article": RawArticle,
    "enriched-article": EnrichedArticle,
    "source-state": SourceState,
    "retry-request": RetryRequest,
    "alert": Alert,
}
"""What travels on the topics, by the name its schema and its golden messages go under."""


def schema_files() -> dict[Path, str]:
    """Return the content that each schema file should have."""
    return {
        FOLDER / f"{name}.json": json.dumps(kind.model_json_schema(), indent=2) + "\n"
        for name, kind in MESSAGES.items()
    }
