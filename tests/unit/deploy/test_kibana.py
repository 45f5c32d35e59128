"""The saved objects of Kibana: as they are made, in forms that it reads, of fields that there are.

The forms are those of its saved object types in the versions that the objects name.
"""

import json
import re
from collections import Counter
from importlib import resources
from itertools import combinations
from typing import Any, Literal

import pytest
import yaml
from pydantic import BaseModel, ConfigDict

from deploy.kibana.config import KibanaSettings
from deploy.kibana.objects import FILE, ndjson, saved_objects
from deploy.kibana.saved import WIDTH
from services.runtime.settings import Settings, variables_of
from tests.kibana_objects import NESTED, OBJECTS, Use, grid_of, nested, of_type, query_of, uses

VERSIONS = {
    "index-pattern": "8.0.0",
    "search": "10.5.0",
    "lens": "8.9.0",
    "map": "8.4.0",
    "dashboard": "10.2.0",
}
"""None of these is newer than Kibana 9.4, and none so old that a repair of it could fail."""


class Form(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class Everything(Form):
    """Only searches narrow down: theirs are the queries that the real Elasticsearch is asked."""

    query: Literal[""]
    language: Literal["kuery"]


class InString(Form):
    searchSourceJSON: str  # noqa: N815 - Kibana's names


class DataView(Form):
    title: str
    name: str
    timeFieldName: str  # noqa: N815
    fieldFormatMap: str  # noqa: N815


class Titled(Form):
    title: str
    description: str


class Search(Titled):
    columns: list[str]
    sort: list[tuple[str, Literal["asc", "desc"]]]
    grid: dict[str, Any]
    hideChart: bool  # noqa: N815
    isTextBasedQuery: Literal[False]  # noqa: N815
    kibanaSavedObjectMeta: InString  # noqa: N815


class FormBased(Form):
    class Layers(Form):
        class Layer(Form):
            columnOrder: list[str]  # noqa: N815
            columns: dict[str, dict[str, Any]]
            incompleteColumns: dict[str, Any]  # noqa: N815

        layers: dict[str, Layer]

    formBased: Layers  # noqa: N815


class LensState(Form):
    adHocDataViews: dict[str, Any]  # noqa: N815
    internalReferences: list[Any]  # noqa: N815
    filters: list[Any]
    query: Everything
    datasourceStates: FormBased  # noqa: N815
    visualization: dict[str, Any]


class Lens(Titled):
    visualizationType: Literal["lnsXY", "lnsMetric", "lnsDatatable"]  # noqa: N815
    state: LensState


class Map(Titled):
    mapStateJSON: str  # noqa: N815
    layerListJSON: str  # noqa: N815
    uiStateJSON: str  # noqa: N815


class Dashboard(Titled):
    timeRestore: Literal[True]  # noqa: N815
    timeFrom: str  # noqa: N815
    timeTo: str  # noqa: N815
    panelsJSON: str  # noqa: N815
    optionsJSON: str  # noqa: N815
    kibanaSavedObjectMeta: InString  # noqa: N815


FORMS: dict[str, type[Form]] = {
    "index-pattern": DataView,
    "search": Search,
    "lens": Lens,
    "map": Map,
    "dashboard": Dashboard,
}

every_object = pytest.mark.parametrize(
    "saved", OBJECTS, ids=lambda one: f"{one['type']}-{one['id']}"
)
every_dashboard = pytest.mark.parametrize("saved", of_type("dashboard"), ids=lambda one: one["id"])


def test_the_file_is_what_is_made() -> None:
    assert FILE.read_text(encoding="utf-8") == ndjson(Settings())


def test_an_installation_with_a_namespace_looks_at_its_own_indices() -> None:
    titles = {
        one["attributes"]["title"]
        for one in saved_objects(Settings(namespace="demo"))
        if one["type"] == "index-pattern"
    }
    assert titles == {"demo-news-articles", "demo-news-alerts"}


def test_there_are_the_searches_and_dashboards_that_are_promised() -> None:
    assert len(of_type("search")) >= 8
    titles = {one["attributes"]["title"] for one in of_type("dashboard")}
    assert titles == {"Libya coverage", "Alerts"}


@every_object
def test_an_object_has_the_form_of_its_type_and_version(saved: dict[str, Any]) -> None:
    FORMS[saved["type"]].model_validate_json(json.dumps(saved["attributes"]))
    assert saved["coreMigrationVersion"] == "8.8.0"
    assert saved["typeMigrationVersion"] == VERSIONS[saved["type"]]
    assert saved.keys() == {
        "id",
        "type",
        "attributes",
        "references",
        "coreMigrationVersion",
        "typeMigrationVersion",
    }


@every_object
def test_strings_of_json_parse(saved: dict[str, Any]) -> None:
    for path in NESTED[saved["type"]]:
        assert isinstance(nested(saved, path), dict | list)


def test_a_dashboard_and_a_map_leave_nothing_out() -> None:
    source = "kibanaSavedObjectMeta.searchSourceJSON"
    states = [nested(one, source) | {"filters": []} for one in of_type("dashboard")]
    states += [nested(one, "mapStateJSON") | {"filter": []} for one in of_type("map")]
    assert states
    for state in states:
        Everything.model_validate(state["query"])
        assert state["filter"] == state["filters"] == []


def test_every_id_is_there_once() -> None:
    assert max(Counter((one["type"], one["id"]) for one in OBJECTS).values()) == 1


@every_object
def test_every_reference_leads_to_an_object_before_it(saved: dict[str, Any]) -> None:
    before = OBJECTS[: OBJECTS.index(saved)]
    there = {(one["type"], one["id"]) for one in before}
    assert {(one["type"], one["id"]) for one in saved["references"]} <= there


@every_object
def test_the_references_are_those_that_are_used(saved: dict[str, Any]) -> None:
    assert sorted(one["name"] for one in saved["references"]) == sorted(names_used(saved))


def names_used(saved: dict[str, Any]) -> list[str]:
    match saved["type"]:
        case "search":
            return [nested(saved, "kibanaSavedObjectMeta.searchSourceJSON")["indexRefName"]]
        case "lens":
            layers = saved["attributes"]["state"]["datasourceStates"]["formBased"]["layers"]
            return [f"indexpattern-datasource-layer-{layer}" for layer in layers]
        case "map":
            assert nested(saved, "layerListJSON")[1]["sourceDescriptor"] == grid_of(saved)
            assert grid_of(saved)["indexPatternRefName"] == "layer_1_source_index_pattern"
            return [grid_of(saved)["indexPatternRefName"]]
        case "dashboard":
            panels = nested(saved, "panelsJSON")
            return [f"{panel['panelIndex']}:{panel['panelRefName']}" for panel in panels]
        case _:
            return []


@every_dashboard
def test_a_panel_shows_what_its_reference_leads_to(saved: dict[str, Any]) -> None:
    types = {one["name"]: one["type"] for one in saved["references"]}
    for panel in nested(saved, "panelsJSON"):
        assert panel["type"] == types[f"{panel['panelIndex']}:{panel['panelRefName']}"]
        assert panel["gridData"]["i"] == panel["panelIndex"]


@every_dashboard
def test_panels_lie_within_the_grid_and_not_over_each_other(saved: dict[str, Any]) -> None:
    places = [panel["gridData"] for panel in nested(saved, "panelsJSON")]
    assert all(place["w"] > 0 and place["h"] > 0 for place in places)
    assert all(place["x"] >= 0 and place["x"] + place["w"] <= WIDTH for place in places)
    for one, other in combinations(places, 2):
        beside = one["x"] + one["w"] <= other["x"] or other["x"] + other["w"] <= one["x"]
        below = one["y"] + one["h"] <= other["y"] or other["y"] + other["h"] <= one["y"]
        assert beside or below


def test_every_chart_is_on_a_dashboard() -> None:
    shown = {
        (one["type"], one["id"]) for saved in of_type("dashboard") for one in saved["references"]
    }
    assert {("lens", one["id"]) for one in of_type("lens")} <= shown
    assert {("map", one["id"]) for one in of_type("map")} <= shown


@pytest.mark.parametrize("saved", of_type("lens"), ids=lambda one: one["id"])
def test_what_a_chart_draws_are_its_columns(saved: dict[str, Any]) -> None:
    state = saved["attributes"]["state"]
    ((layer_id, layer),) = state["datasourceStates"]["formBased"]["layers"].items()
    assert set(layer["columnOrder"]) == set(layer["columns"])
    (drawn,) = state["visualization"].get("layers", [state["visualization"]])
    assert drawn["layerId"] == layer_id
    axes = {drawn[name] for name in drawn if name.endswith("Accessor")}
    listed = {one["columnId"] for one in drawn.get("columns", ())} | set(drawn.get("accessors", ()))
    assert axes | listed == set(layer["columns"])


def fields(properties: dict[str, Any], before: str = "") -> dict[str, dict[str, Any]]:
    """Return the fields of a mapping by their whole names."""
    found = {}
    for name, field in properties.items():
        if "properties" in field:
            found |= fields(field["properties"], f"{before}{name}.")
        found[before + name] = field
    return found


MAPPINGS = {
    index: fields(
        json.loads((resources.files(package) / "mappings" / file).read_text())["mappings"][
            "properties"
        ]
    )
    for index, package, file in (
        ("news-articles", "services.index", "articles-v2.json"),
        ("news-alerts", "services.alert", "alerts-v1.json"),
    )
}


@pytest.mark.parametrize("use", sorted(set(uses())), ids=lambda use: f"{use.how}-{use.field}")
def test_every_field_is_in_the_mapping_and_can_be_used_so(use: Use) -> None:
    field = MAPPINGS[use.index][use.field]
    can_be_counted = field["type"] != "text" and field.get("doc_values", True)
    assert {
        "shown": True,
        "searched": field.get("index", True),
        "sorted": can_be_counted,
        "counted": can_be_counted and field["type"] in ("keyword", "integer", "boolean"),
        "date": field["type"] == "date",
        "place": field["type"] == "geo_point",
    }[use.how]


def test_every_entity_of_a_query_is_in_the_knowledge() -> None:
    folder = resources.files("services.enrich") / "knowledge" / "curated"
    known = {entry["id"] for file in folder.iterdir() for entry in yaml.safe_load(file.read_text())}
    named = {
        name
        for saved in of_type("search")
        for name in re.findall(r'"(\w+:[\w-]+)"', query_of(saved))
    }
    assert named
    assert named <= known


def test_no_host_and_no_space_is_in_the_file() -> None:
    text = FILE.read_text(encoding="utf-8")
    assert not re.search(r"https?:|localhost|/s/|\d+\.\d+\.\d+\.\d+", text)


def test_the_readme_says_what_may_be_set() -> None:
    readme = FILE.with_name("README.md").read_text(encoding="utf-8")
    for variable, (_, field) in variables_of(KibanaSettings).items():
        if variable.startswith("RASID_KIBANA_"):
            default = "none" if field.default is None else field.default
            assert f"| {default} |" in next(
                line for line in readme.splitlines() if f"`{variable}`" in line
            )
