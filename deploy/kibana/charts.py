"""Charts of Kibana's Lens: what is counted, in which buckets, and how it is drawn."""

from typing import Any

from deploy.kibana.saved import EVERYTHING, SavedObject, reference, titled

Column = dict[str, Any]
Columns = dict[str, Column]
"""The columns of a chart by their names, buckets first; ``count`` is what orders the buckets."""

_LAYER = {"layerId": "layer", "layerType": "data"}
_SCALES = {"number": "ratio", "string": "ordinal", "date": "interval"}


def count(label: str) -> Column:
    """Return how many documents there are."""
    return _column("count", "___records___", label, "number", {"emptyAsNull": False})


def distinct(field: str, label: str) -> Column:
    """Return how many values ``field`` has."""
    return _column("unique_count", field, label, "number", {"emptyAsNull": False})


def newest(field: str, label: str, by: str) -> Column:
    """Return what ``field`` is in the last document by the date ``by``; it may be a text."""
    params = {"sortField": by, "showArrayValues": True}
    return _column("last_value", field, label, "string", params)


def top(
    field: str, label: str, size: int, *, only: str | None = None, other: bool = False
) -> Column:
    """Return the values of ``field`` with most documents; ``only`` is a regular expression."""
    params = {
        "size": size,
        "orderBy": {"type": "column", "columnId": "count"},
        "orderDirection": "desc",
        "otherBucket": other,
        "missingBucket": False,
        "parentFormat": {"id": "terms"},
        "include": [only] if only else [],
        "exclude": [],
        "includeIsRegex": only is not None,
        "excludeIsRegex": False,
    }
    return _column("terms", field, label, "string", params)


def over_time(field: str, label: str) -> Column:
    """Return periods of time, as long as the dashboard's time makes sensible."""
    params = {"interval": "auto", "includeEmptyRows": True, "dropPartials": False}
    return _column("date_histogram", field, label, "date", params)


def _column(
    operation: str, field: str, label: str, data_type: str, params: dict[str, Any]
) -> Column:
    return {
        "operationType": operation,
        "sourceField": field,
        "label": label,
        "customLabel": True,
        "dataType": data_type,
        "scale": _SCALES[data_type],
        "isBucketed": operation in ("terms", "date_histogram"),
        "params": params,
    }


def number(title: str, about: str, view: str, counted: Column) -> SavedObject:
    """Return a chart that is one number."""
    shown = {**_LAYER, "metricAccessor": "count"}
    return _lens("lnsMetric", title, about, view, {"count": counted}, shown)


def bars(title: str, about: str, view: str, by: Column, counted: Column) -> SavedObject:
    """Return a bar for each of the values ``by``, the longest first."""
    columns = {"by": by, "count": counted}
    return _xy("bar_horizontal", title, about, view, columns, {"xAccessor": "by"})


def timeline(
    title: str, about: str, view: str, by: Column, when: Column, counted: Column
) -> SavedObject:
    """Return stacked bars over time, a colour for each of the values ``by``."""
    columns = {"by": by, "when": when, "count": counted}
    axes = {"xAccessor": "when", "splitAccessor": "by"}
    return _xy("bar_stacked", title, about, view, columns, axes)


def table(title: str, about: str, view: str, columns: Columns) -> SavedObject:
    """Return a table of ``columns``."""
    shown = [{"columnId": name, "isTransposed": False} for name in columns]
    return _lens("lnsDatatable", title, about, view, columns, {**_LAYER, "columns": shown})


def _xy(
    series: str, title: str, about: str, view: str, columns: Columns, axes: dict[str, str]
) -> SavedObject:
    shown = {
        "preferredSeriesType": series,
        "legend": {"isVisible": "splitAccessor" in axes, "position": "right"},
        "valueLabels": "hide",
        "layers": [{**_LAYER, "seriesType": series, "accessors": ["count"], **axes}],
    }
    return _lens("lnsXY", title, about, view, columns, shown)


def _lens(
    kind: str, title: str, about: str, view: str, columns: Columns, shown: dict[str, Any]
) -> SavedObject:
    layer = {"columnOrder": list(columns), "columns": columns, "incompleteColumns": {}}
    details = {
        "visualizationType": kind,
        "state": {
            "adHocDataViews": {},
            "internalReferences": [],
            "filters": [],
            "query": EVERYTHING,
            "datasourceStates": {"formBased": {"layers": {_LAYER["layerId"]: layer}}},
            "visualization": shown,
        },
    }
    name = f"indexpattern-datasource-layer-{_LAYER['layerId']}"
    return titled("lens", title, about, details, [reference(name, "index-pattern", view)])
