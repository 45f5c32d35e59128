"""The saved objects of Kibana as it reads them, and the requests that it makes of them."""

import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from deploy.kibana.objects import FILE
from services.alert.config import alerts_index
from services.index.config import alias
from services.runtime.settings import Settings

OBJECTS: list[dict[str, Any]] = [
    json.loads(line) for line in FILE.read_text(encoding="utf-8").splitlines()
]
NESTED = {
    "index-pattern": ("fieldFormatMap",),
    "search": ("kibanaSavedObjectMeta.searchSourceJSON",),
    "lens": (),
    "map": ("mapStateJSON", "layerListJSON", "uiStateJSON"),
    "dashboard": ("panelsJSON", "optionsJSON", "kibanaSavedObjectMeta.searchSourceJSON"),
}
"""Where an object has JSON in a string."""


class Use(NamedTuple):
    """A field and what it has to be for that: ``shown``, ``searched``, ``counted``, ``date``..."""

    index: str
    field: str
    how: str


def of_type(kind: str) -> list[dict[str, Any]]:
    return [one for one in OBJECTS if one["type"] == kind]


def nested(saved: dict[str, Any], path: str) -> Any:
    """Return what the string of JSON at ``path`` holds."""
    value = saved["attributes"]
    for name in path.split("."):
        value = value[name]
    return json.loads(value)


def view_of(saved: dict[str, Any]) -> dict[str, Any]:
    """Return the attributes of the data view that a search, a chart or a map is of."""
    (reference,) = saved["references"]
    (view,) = (one for one in of_type("index-pattern") if one["id"] == reference["id"])
    return dict(view["attributes"])


def query_of(search: dict[str, Any]) -> str:
    source = nested(search, "kibanaSavedObjectMeta.searchSourceJSON")
    assert source["query"]["language"] == "lucene"
    return str(source["query"]["query"])


def columns_of(lens: dict[str, Any]) -> dict[str, Any]:
    (layer,) = lens["attributes"]["state"]["datasourceStates"]["formBased"]["layers"].values()
    return {name: layer["columns"][name] for name in layer["columnOrder"]}


def grid_of(map_: dict[str, Any]) -> dict[str, Any]:
    layers = nested(map_, "layerListJSON")
    (source,) = (
        layer["sourceDescriptor"]
        for layer in layers
        if layer["sourceDescriptor"]["type"] == "ES_GEO_GRID"
    )
    return dict(source)


def uses() -> Iterator[Use]:
    """Yield every use of a field of an index."""
    for saved in of_type("index-pattern"):
        index = saved["attributes"]["title"]
        yield Use(index, saved["attributes"]["timeFieldName"], "date")
        for field in nested(saved, "fieldFormatMap"):
            yield Use(index, field, "shown")
    for saved in of_type("search"):
        index = view_of(saved)["title"]
        query = re.sub(r'"[^"]*"', "", query_of(saved))
        for field in re.findall(r"_exists_:(\S+)|([\w.]+):(?!\w)", query):
            yield Use(index, "".join(field), "searched")
        yield from (Use(index, field, "shown") for field in saved["attributes"]["columns"])
        yield from (Use(index, field, "sorted") for field, _ in saved["attributes"]["sort"])
    for saved in of_type("lens"):
        index = view_of(saved)["title"]
        for column in columns_of(saved).values():
            yield from _uses_of_a_column(index, column)
    for saved in of_type("map"):
        yield Use(view_of(saved)["title"], grid_of(saved)["geoField"], "place")


def _uses_of_a_column(index: str, column: dict[str, Any]) -> Iterator[Use]:
    field = column["sourceField"]
    match column["operationType"]:
        case "terms" | "unique_count":
            yield Use(index, field, "counted")
        case "date_histogram":
            yield Use(index, field, "date")
        case "last_value":
            yield Use(index, field, "shown")
            yield Use(index, column["params"]["sortField"], "date")
        case "count":
            assert field == "___records___"
        case other:
            raise AssertionError(f"nobody has checked what {other} needs")


def request_of(saved: dict[str, Any], settings: Settings) -> dict[str, Any]:
    """Return what Kibana asks Elasticsearch for a search, a chart or a map, of the last 30 days."""
    view = view_of(saved)
    indices = {
        alias(Settings()): alias(settings),
        alerts_index(Settings()): alerts_index(settings),
    }
    time = {"range": {view["timeFieldName"]: {"gte": "now-30d", "lte": "now"}}}
    request: dict[str, Any] = {"index": indices[view["title"]], "query": {"bool": {"filter": time}}}
    match saved["type"]:
        case "search":
            if query := query_of(saved):
                wanted = {"query_string": {"query": query, "analyze_wildcard": True}}
                request["query"] = {"bool": {"filter": [time, wanted]}}
            fields = saved["attributes"]["columns"]
            return request | {"sort": dict(saved["attributes"]["sort"]), "fields": fields}
        case "lens":
            return request | {"size": 0, "aggs": _aggregations(list(columns_of(saved).items()))}
        case "map":
            return request | {"size": 0, "aggs": _grid(grid_of(saved)["geoField"])}
        case other:
            raise AssertionError(f"{other} asks for nothing")


def _aggregations(columns: list[tuple[str, dict[str, Any]]]) -> dict[str, Any]:
    """Return buckets within buckets in the order of the columns, metrics within the last ones."""
    buckets = [(name, column) for name, column in columns if column["isBucketed"]]
    if not buckets:
        return {
            name: _metric(column) for name, column in columns if column["operationType"] != "count"
        }
    (name, column), rest = buckets[0], [one for one in columns if one[0] != buckets[0][0]]
    return {name: _bucket(column, dict(columns)) | {"aggs": _aggregations(rest)}}


def _bucket(column: dict[str, Any], columns: dict[str, Any]) -> dict[str, Any]:
    field, params = column["sourceField"], column["params"]
    if column["operationType"] == "date_histogram":
        return {"date_histogram": {"field": field, "fixed_interval": "12h", "min_doc_count": 0}}
    by = params["orderBy"]["columnId"]
    assert columns[by]["operationType"] == "count"
    terms = {"field": field, "size": params["size"], "order": {"_count": params["orderDirection"]}}
    if params["include"]:
        assert params["includeIsRegex"]
        (terms["include"],) = params["include"]
    return {"terms": terms}


def _metric(column: dict[str, Any]) -> dict[str, Any]:
    field = column["sourceField"]
    if column["operationType"] == "unique_count":
        return {"cardinality": {"field": field}}
    assert column["operationType"] == "last_value"
    sort = {column["params"]["sortField"]: {"order": "desc"}}
    return {"top_hits": {"size": 1, "_source": False, "fields": [{"field": field}], "sort": sort}}


def _grid(field: str) -> dict[str, Any]:
    bounds = {"top_left": {"lat": 40, "lon": 0}, "bottom_right": {"lat": 15, "lon": 35}}
    tiles = {"field": field, "precision": 7, "bounds": bounds, "size": 65535, "shard_size": 65535}
    return {
        "gridSplit": {
            "geotile_grid": tiles,
            "aggs": {"gridCentroid": {"geo_centroid": {"field": field}}},
        }
    }
