"""A document of one index as an operation on the index of another mapping."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from services.index.core.bulk import operation
from services.index.core.document import Document, in_its_language
from services.index.core.prepare import Ready
from services.index.core.stories import Signed

Properties = Mapping[str, Mapping[str, Any]]


def copied(article_id: str, version: int, document: Document, properties: Properties) -> Ready:
    """Return the operation that writes ``document`` unless the same fetch is there, or a newer one.

    Fields that are not among the mapping's ``properties`` are left out: it takes no others. What a
    document holds twice for the sake of searching is made of what it holds. If it has no story, the
    operation carries what that is told by.
    """
    tag, title, text = document["language"]["tag"], document["title"], document["text"]
    known: Document = {"story_id": article_id} | _known(document, properties)
    known["in"] = in_its_language(tag, title, text)
    lines = operation(article_id, version, known, version_type="external")
    signed = None if "story_id" in document else _signed(article_id, document)
    return Ready(article_id, lines, awaited_since=None, signed=signed)


def _signed(article_id: str, document: Document) -> Signed:
    signature = document["signature"]
    return Signed(
        article_id,
        datetime.fromisoformat(document["first_seen_at"]),
        frozenset(signature["paragraphs"]),
        frozenset(signature["bands"]),
    )


def _known(document: Document, properties: Properties) -> Document:
    return {
        name: _value(value, properties[name])
        for name, value in document.items()
        if name in properties
    }


def _value(value: Any, field: Mapping[str, Any]) -> Any:
    properties = field.get("properties")
    if properties is None:
        return value
    if isinstance(value, list):
        return [_value(one, field) for one in value]
    return _known(value, properties) if isinstance(value, dict) else value
