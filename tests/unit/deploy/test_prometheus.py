"""Scraping, rules and routes: valid, tested, explained, and pointed at where services listen."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from services.alert.config import AlertSettings
from services.cli.metrics_page import sample_names
from services.enrich.config import EnrichSettings
from services.index.config import IndexSettings
from services.ingest.config import IngestSettings
from services.runtime.settings import load

FOLDER = Path(__file__).parents[3] / "deploy/prometheus"
ALERTMANAGER = FOLDER.parent / "alertmanager/alertmanager.yml"
TESTS = ("rules_test.yml", "rules_long_test.yml")
PORTS = {
    "ingest": load(IngestSettings, {}).http_port,
    "enrich": load(EnrichSettings, {}).http_port,
    "index": load(IndexSettings, {}).http_port,
    "alert": load(AlertSettings, {}).http_port,
}


def read(file: str) -> dict[str, Any]:
    """Return what a file of rules, or of their tests, holds."""
    content: dict[str, Any] = yaml.safe_load((FOLDER / file).read_text(encoding="utf-8"))
    return content


RULES = [rule for group in read("rules.yml")["groups"] for rule in group["rules"]]
ALERTS = [rule["alert"] for rule in RULES if "alert" in rule]


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


@pytest.mark.parametrize("suffix", [".yml", ".compose.yml"])
def test_promtool_accepts_it(tmp_path: Path, suffix: str) -> None:
    for copied in ("prometheus.yml", "rules.yml"):
        shutil.copy(FOLDER / copied, tmp_path)
    for listed in ("targets", "alertmanagers"):
        shutil.copy(FOLDER / f"{listed}{suffix}", tmp_path / f"{listed}.yml")
    promtool("check", "config", str(tmp_path / "prometheus.yml"))


@pytest.mark.parametrize("file", TESTS)
def test_the_rules_fire_when_they_should_and_only_then(file: str) -> None:
    promtool("test", "rules", str(FOLDER / file))


@pytest.mark.parametrize("alert", ALERTS)
def test_an_alert_is_tested_to_fire_and_to_stay_silent(alert: str) -> None:
    tests = [test for file in TESTS for test in read(file)["tests"]]
    fires = {
        bool(case["exp_alerts"])
        for test in tests
        for case in test.get("alert_rule_test", ())
        if case["alertname"] == alert
    }
    assert fires == ({True} if alert == "Watchdog" else {True, False})


def test_every_recorded_series_is_tested() -> None:
    tested = {
        case["expr"]
        for file in TESTS
        for test in read(file)["tests"]
        for case in test.get("promql_expr_test", ())
    }
    assert tested == {rule["record"] for rule in RULES if "record" in rule}


def test_every_alert_has_a_runbook_that_shows_the_cause_and_no_runbook_is_left_over() -> None:
    root = FOLDER.parents[1]
    pages = {root / rule["annotations"]["runbook_url"] for rule in RULES if "alert" in rule}
    assert pages == set((root / "docs/runbooks").glob("*.md"))
    assert {page.stem for page in pages} == set(ALERTS)
    for page in pages:
        assert re.search(r"## What shows the cause\n\n```sh\n\S", page.read_text(encoding="utf-8"))


def test_the_rules_ask_for_what_the_services_expose() -> None:
    asked = {name for rule in RULES for name in re.findall(r"(?<!:)\brasid_\w+", rule["expr"])}
    recorded = {rule["record"].split(":")[1] for rule in RULES if "record" in rule}
    assert asked - recorded <= sample_names()
    assert {rule["record"] for rule in RULES if "record" in rule} >= {
        name for rule in RULES for name in re.findall(r"\w+:\w+:\w+", rule["expr"])
    }


def test_amtool_accepts_the_configuration_of_alertmanager() -> None:
    program = shutil.which("amtool")
    if not program:
        pytest.skip("amtool is not installed (Debian package prometheus-alertmanager)")
    command = [program, "check-config", str(ALERTMANAGER)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_alertmanager_holds_back_only_alerts_that_there_are() -> None:
    config = yaml.safe_load(ALERTMANAGER.read_text(encoding="utf-8"))
    matchers = [
        matcher
        for rule in config["inhibit_rules"]
        for matcher in (*rule["source_matchers"], *rule["target_matchers"])
    ]
    named = {name for matcher in matchers for name in re.findall(r"[A-Z]\w+", matcher)}
    assert named
    assert named <= set(ALERTS)
