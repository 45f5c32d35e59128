"""The scrape configuration: valid, and pointed at where the services listen."""

import re
import shutil
import subprocess
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client import REGISTRY

from services.alert.config import AlertSettings
from services.enrich.config import EnrichSettings
from services.index.config import IndexSettings
from services.ingest.config import IngestSettings
from services.runtime.settings import load

FOLDER = Path(__file__).parents[3] / "deploy/prometheus"
PORTS = {
    "ingest": load(IngestSettings, {}).http_port,
    "enrich": load(EnrichSettings, {}).http_port,
    "index": load(IndexSettings, {}).http_port,
    "alert": load(AlertSettings, {}).http_port,
}


def targets(file: str) -> dict[str, str]:
    """Return the one address of each service that ``file`` names."""
    groups: list[dict[str, Any]] = yaml.safe_load((FOLDER / file).read_text(encoding="utf-8"))
    return {group["labels"]["service"]: address for group in groups for address in group["targets"]}


def test_on_one_machine_the_services_are_found_on_their_default_ports() -> None:
    expected = {service: f"127.0.0.1:{port}" for service, port in PORTS.items()}
    assert targets("targets.yml") == expected


def test_in_compose_the_services_are_found_by_name() -> None:
    expected = {service: f"{service}:{port}" for service, port in PORTS.items()}
    assert targets("targets.compose.yml") == expected


def test_the_configuration_reads_the_targets_beside_it() -> None:
    config = yaml.safe_load((FOLDER / "prometheus.yml").read_text(encoding="utf-8"))
    assert [job["file_sd_configs"] for job in config["scrape_configs"]] == [
        [{"files": ["targets.yml"]}]
    ]


def promtool(*arguments: str) -> None:
    """Run promtool, which has to succeed."""
    program = shutil.which("promtool")
    if not program:
        pytest.skip("promtool is not installed (Debian package prometheus)")
    done = subprocess.run([program, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("file", ["targets.yml", "targets.compose.yml"])
def test_promtool_accepts_it(tmp_path: Path, file: str) -> None:
    for copied in ("prometheus.yml", "rules.yml"):
        shutil.copy(FOLDER / copied, tmp_path)
    shutil.copy(FOLDER / file, tmp_path / "targets.yml")
    promtool("check", "config", str(tmp_path / "prometheus.yml"))


def test_the_rules_fire_when_they_should_and_only_then() -> None:
    promtool("test", "rules", str(FOLDER / "rules_test.yml"))


def test_the_rules_ask_for_what_the_services_expose() -> None:
    for metrics in ("services.ingest.metrics", "services.alert.channel_metrics"):
        import_module(metrics)
    asked = set(re.findall(r"rasid_\w+", (FOLDER / "rules.yml").read_text(encoding="utf-8")))
    exposed = {metric.name for metric in REGISTRY.collect()}
    assert {name.removesuffix("_total") for name in asked} <= exposed
