"""Kibana's saved objects in the forms that 9.4 reads: values in, one object out.

Each type is written in the oldest version of it that needs no repair: Kibana brings it up to date
when it is loaded, and an older Kibana refuses what is newer than itself. What Kibana keeps as a
string of JSON is a string here; what an object names of another is among its references.
"""

import json
import re
from collections.abc import Sequence
from typing import Any

SavedObject = dict[str, Any]
Reference = dict[str, str]

EVERYTHING = {"query": "", "language": "kuery"}
WIDTH = 48
"""Columns of a dashboard's grid."""

_CORE_VERSION = "8.8.0"
_TYPE_VERSIONS = {
    "index-pattern": "8.0.0",
    "search": "10.5.0",
    "lens": "8.9.0",
    "map": "8.4.0",
    "dashboard": "10.2.0",
}


def data_view(
    object_id: str, name: str, index: str, time_field: str, links: Sequence[str] = ()
) -> SavedObject:
    """Return a view of ``index`` in which the fields ``links`` can be clicked."""
    formats = {field: {"id": "url", "params": {}} for field in links}
    attributes = {
        "title": index,
        "name": name,
        "timeFieldName": time_field,
        "fieldFormatMap": as_string(formats),
    }
    return _saved("index-pattern", object_id, attributes, [])


def search(
    title: str, about: str, view: str, query: str, columns: Sequence[str], newest_by: str
) -> SavedObject:
    """Return a saved search by a ``query`` that Elasticsearch parses itself (query_string)."""
    refers = reference("kibanaSavedObjectMeta.searchSourceJSON.index", "index-pattern", view)
    source = {
        "query": {"query": query, "language": "lucene"},
        "filter": [],
        "indexRefName": refers["name"],
    }
    details = {
        "columns": list(columns),
        "sort": [[newest_by, "desc"]],
        "grid": {},
        "hideChart": False,
        "isTextBasedQuery": False,
        "kibanaSavedObjectMeta": {"searchSourceJSON": as_string(source)},
    }
    return titled("search", title, about, details, [refers])


def dashboard(
    title: str, about: str, days: int, rows: Sequence[tuple[int, Sequence[SavedObject]]]
) -> SavedObject:
    """Return a dashboard of ``rows``: a height, and the objects that share the row evenly."""
    panels: list[dict[str, Any]] = []
    references = []
    y = 0
    for height, shown in rows:
        width = WIDTH // len(shown)
        for column, one in enumerate(shown):
            key = f"p{len(panels) + 1}"
            panels.append(_panel(one["type"], key, x=column * width, y=y, w=width, h=height))
            references.append(reference(f"{key}:panel_{key}", one["type"], one["id"]))
        y += height
    source = {"query": EVERYTHING, "filter": []}
    details = {
        "timeRestore": True,
        "timeFrom": f"now-{days}d",
        "timeTo": "now",
        "panelsJSON": as_string(panels),
        "optionsJSON": as_string({"useMargins": True, "hidePanelTitles": False}),
        "kibanaSavedObjectMeta": {"searchSourceJSON": as_string(source)},
    }
    return titled("dashboard", title, about, details, references)


def _panel(kind: str, key: str, **place: int) -> dict[str, Any]:
    return {
        "type": kind,
        "panelIndex": key,
        "panelRefName": f"panel_{key}",
        "gridData": {**place, "i": key},
        "embeddableConfig": {"enhancements": {}},
    }


def titled(
    kind: str, title: str, about: str, details: dict[str, Any], references: list[Reference]
) -> SavedObject:
    """Return the object whose id is made of its ``title``: who renames it, makes another."""
    slug = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")
    return _saved(
        kind, f"rasid-{slug}", {"title": title, "description": about, **details}, references
    )


def _saved(
    kind: str, object_id: str, attributes: dict[str, Any], references: list[Reference]
) -> SavedObject:
    return {
        "id": object_id,
        "type": kind,
        "attributes": attributes,
        "references": references,
        "coreMigrationVersion": _CORE_VERSION,
        "typeMigrationVersion": _TYPE_VERSIONS[kind],
    }


def reference(name: str, kind: str, object_id: str) -> Reference:
    """Return what stands for another object under ``name``."""
    return {"name": name, "type": kind, "id": object_id}


def as_string(value: Any) -> str:
    """Return JSON as Kibana nests it."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
