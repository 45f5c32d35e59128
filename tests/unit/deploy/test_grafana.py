"""The dashboards: as they are made, every query valid, and of metrics that there are."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from deploy.grafana.__main__ import FOLDER, files
from services.cli.metrics_page import sample_names

ROOT = FOLDER.parents[2]
QUERIES = [
    target["expr"]
    for path in sorted(FOLDER.glob("*.json"))
    for panel in json.loads(path.read_text(encoding="utf-8"))["panels"]
    for target in panel["targets"]
]


def test_the_dashboards_are_those_that_are_made_and_no_others() -> None:
    assert {path: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.json")} == files()
    assert QUERIES


def test_every_query_is_valid(tmp_path: Path) -> None:
    program = shutil.which("promtool")
    if not program:
        pytest.skip("promtool is not installed (Debian package prometheus)")
    rules = [{"record": f"query:{n}", "expr": query} for n, query in enumerate(QUERIES)]
    file = tmp_path / "rules.yml"
    file.write_text(yaml.safe_dump({"groups": [{"name": "queries", "rules": rules}]}))
    command = [program, "check", "rules", str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_metric_of_a_query_is_exposed_or_recorded() -> None:
    rules = (ROOT / "deploy/prometheus/rules.yml").read_text(encoding="utf-8")
    recorded = set(re.findall(r"record: (\S+)", rules))
    asked = {name for query in QUERIES for name in re.findall(r"[\w:]*rasid_[\w:]+", query)}
    assert asked <= sample_names() | recorded


def test_the_dashboards_ask_the_data_source_that_is_provisioned() -> None:
    provisioned = yaml.safe_load((FOLDER.parent / "provisioning/datasource.yml").read_text())
    uids = {source["uid"] for source in provisioned["datasources"]}
    for path in FOLDER.glob("*.json"):
        for panel in json.loads(path.read_text(encoding="utf-8"))["panels"]:
            assert panel["datasource"]["uid"] in uids
