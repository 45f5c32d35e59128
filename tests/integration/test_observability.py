"""The real Prometheus and Alertmanager, with the files of deploy/, notice a service that is gone.

The services have no Kafka here: they answer, and say that they wait for it.
"""

import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from tests.alertmanager import RunningAlertmanager
from tests.pages import ROOT, commands, run
from tests.processes import ServiceProcess
from tests.support import eventually, free_port

NOWHERE = {"RASID_KAFKA_BOOTSTRAP": "127.0.0.1:1", "RASID_ELASTICSEARCH_URL": "http://127.0.0.1:1"}
RUNBOOKS = {"ServiceAbsent": '1 "service":"enrich"', "Watchdog": "/api/v2/alerts"}
"""Those whose command asks Prometheus, and what it shows."""

HURRIED = {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"}
"""What is changed of deploy/prometheus, beside the addresses: how often, and no alert waits."""


def ask(url: str, path: str) -> Any:
    """Return the data of an answer of Prometheus; None while there is none."""
    try:
        answer = httpx.get(f"{url}/api/v1/{path}", timeout=5)
    except httpx.TransportError:
        return None
    return answer.json()["data"] if answer.status_code == 200 else None


@contextmanager
def prometheus(folder: Path, targets: dict[str, int], alertmanager: int) -> Iterator[str]:
    """Run Prometheus with our configuration and rules; give its URL."""
    program = shutil.which("prometheus")
    if program is None:
        pytest.skip("Prometheus is not installed (Debian package prometheus)")
    ours = ROOT / "deploy/prometheus"
    config = yaml.safe_load((ours / "prometheus.yml").read_text(encoding="utf-8"))
    config["global"] = HURRIED
    (folder / "prometheus.yml").write_text(yaml.safe_dump(config))
    rules = (ours / "rules.yml").read_text(encoding="utf-8")
    (folder / "rules.yml").write_text(re.sub(r"\n +for: \w+", "", rules))
    listed = [
        {"targets": [f"127.0.0.1:{port}"], "labels": {"service": service}}
        for service, port in targets.items()
    ]
    (folder / "targets.yml").write_text(yaml.safe_dump(listed))
    there = [{"targets": [f"127.0.0.1:{alertmanager}"]}]
    (folder / "alertmanagers.yml").write_text(yaml.safe_dump(there))
    port = free_port()
    with (folder / "prometheus.log").open("wb") as log:
        process = subprocess.Popen(
            [
                program,
                f"--config.file={folder / 'prometheus.yml'}",
                f"--storage.tsdb.path={folder / 'data'}",
                f"--web.listen-address=127.0.0.1:{port}",
                # What fired before it knew of Alertmanager is told again soon.
                "--rules.alert.resend-delay=1s",
            ],
            stdout=log,
            stderr=log,
        )
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()


def test_a_service_that_is_stopped_is_told_to_alertmanager(tmp_path: Path) -> None:
    routes = (ROOT / "deploy/alertmanager/alertmanager.yml").read_text(encoding="utf-8")
    with ExitStack() as running:
        folder = tmp_path / "alertmanager"
        folder.mkdir()
        alertmanager = running.enter_context(RunningAlertmanager(folder, config=routes))
        services = {
            name: ServiceProcess(name, NOWHERE, tmp_path)
            for name in ("ingest", "enrich", "index", "alert")
        }
        for service in services.values():
            running.callback(service.kill)
            service.start()
        ports = {name: service.port for name, service in services.items()}
        url = running.enter_context(prometheus(tmp_path, ports, alertmanager.port))

        def up() -> set[str]:
            active = (ask(url, "targets?state=active") or {}).get("activeTargets", ())
            return {one["labels"]["service"] for one in active if one["health"] == "up"}

        def told() -> set[tuple[str, str]]:
            labels = [alert["labels"] for alert in alertmanager.alerts()]
            return {(one["alertname"], one.get("service", "")) for one in labels}

        eventually(lambda: up() == set(services), what="all targets up")
        groups = ask(url, "rules")["groups"]
        rules = [rule for group in groups for rule in group["rules"]]
        assert len(rules) > 20
        eventually(lambda: ("Watchdog", "") in told(), what="the watchdog")
        eventually(lambda: ("ServiceWaits", "enrich") in told(), what="enrich waits for Kafka")
        assert ("ServiceDown", "enrich") not in told()

        at_prometheus = {"localhost:9090": url.removeprefix("http://")}
        for page, shown in RUNBOOKS.items():
            (command,) = commands(ROOT / f"docs/runbooks/{page}.md")
            assert shown in run(command, {}, at_prometheus).stdout

        services["enrich"].kill()
        eventually(lambda: ("ServiceDown", "enrich") in told(), what="enrich is down")
        assert ("ServiceDown", "index") not in told()
        rules = [rule for group in ask(url, "rules")["groups"] for rule in group["rules"]]
        assert [rule["name"] for rule in rules if rule["health"] == "err"] == []
