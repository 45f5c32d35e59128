"""A map of Kibana's: circles over Elastic's base map, which the reader's browser fetches."""

from typing import Any

from deploy.kibana.saved import EVERYTHING, SavedObject, as_string, reference, titled

_LIBYA = {"zoom": 4.4, "center": {"lon": 17.5, "lat": 28.5}}
_ALL_ZOOMS = {"minZoom": 0, "maxZoom": 24, "visible": True}

_BASE = {
    "id": "base",
    "type": "EMS_VECTOR_TILE",
    **_ALL_ZOOMS,
    "alpha": 1,
    "locale": "autoselect",
    "sourceDescriptor": {
        "type": "EMS_TMS",
        "isAutoSelect": True,
        "lightModeDefault": "road_map_desaturated",
    },
    "style": {"type": "EMS_VECTOR_TILE", "color": ""},
}


def places_map(title: str, about: str, view: str, field: str, counted: str) -> SavedObject:
    """Return a map of Libya with a circle for each group of places, as large as their documents."""
    refers = reference("layer_1_source_index_pattern", "index-pattern", view)
    state = {
        **_LIBYA,
        "timeFilters": {"from": "now-7d", "to": "now"},
        "refreshConfig": {"isPaused": True, "interval": 0},
        "query": EVERYTHING,
        "filters": [],
        "settings": {"autoFitToDataBounds": False},
    }
    details = {
        "mapStateJSON": as_string(state),
        "layerListJSON": as_string([_BASE, _circles(field, counted, refers["name"])]),
        "uiStateJSON": as_string({"isLayerTOCOpen": False, "openTOCDetails": []}),
    }
    return titled("map", title, about, details, [refers])


def _circles(field: str, counted: str, view_name: str) -> dict[str, Any]:
    """Return the layer: documents counted in each tile, drawn in the middle of their places."""
    source = {
        "id": "grid",
        "type": "ES_GEO_GRID",
        "geoField": field,
        "requestType": "point",
        "resolution": "FINE",
        "metrics": [{"type": "count", "label": counted}],
        "applyGlobalQuery": True,
        "applyGlobalTime": True,
        "applyForceRefresh": True,
        "indexPatternRefName": view_name,
    }
    properties = {
        "fillColor": _by_count(color="Blues"),
        "iconSize": _by_count(minSize=7, maxSize=28),
        "labelText": _by_count(),
    }
    return {
        "id": "circles",
        "label": counted,
        "type": "GEOJSON_VECTOR",
        **_ALL_ZOOMS,
        "alpha": 0.75,
        "joins": [],
        "sourceDescriptor": source,
        "style": {"type": "VECTOR", "isTimeAware": True, "properties": properties},
    }


def _by_count(**options: Any) -> dict[str, Any]:
    field = {"name": "doc_count", "origin": "source"}
    limits = {"isEnabled": True, "sigma": 3}
    return {
        "type": "DYNAMIC",
        "options": {"field": field, "fieldMetaOptions": limits, **options},
    }
