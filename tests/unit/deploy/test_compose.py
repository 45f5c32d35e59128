"""docker-compose.yml, as far as it can be checked without a Docker engine."""

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.kibana.config import KibanaSettings
from services.alert.config import AlertSettings
from services.enrich.config import EnrichSettings
from services.index.config import IndexSettings
from services.ingest.config import IngestSettings
from services.runtime.settings import ServiceSettings, load

ROOT = Path(__file__).parents[3]
FILE = ROOT / "docker-compose.yml"
COMPOSE: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
CONTAINERS: dict[str, dict[str, Any]] = COMPOSE["services"]
SETTINGS: dict[str, type[ServiceSettings]] = {
    "ingest": IngestSettings,
    "enrich": EnrichSettings,
    "index": IndexSettings,
    "alert": AlertSettings,
}

ONCE = {"kibana-objects"}
"""Containers that do one thing and end: nobody asks them for anything."""

every_container = pytest.mark.parametrize("name", CONTAINERS)
every_lasting_container = pytest.mark.parametrize("name", sorted(CONTAINERS.keys() - ONCE))
every_service = pytest.mark.parametrize("name", SETTINGS)


def volumes(name: str) -> list[list[str]]:
    return [volume.split(":") for volume in CONTAINERS[name].get("volumes", [])]


@pytest.mark.slow
def test_it_is_valid_by_the_compose_specification() -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"]
    result = subprocess.run([*command, str(FILE)], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr


def test_docker_compose_itself_accepts_it() -> None:
    program = shutil.which("docker-compose")
    if not program:
        pytest.skip("docker-compose is not installed; the schema is checked all the same")
    command = [program, "--file", str(FILE), "config", "--quiet"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr


def test_it_holds_the_servers_and_every_service() -> None:
    servers = {"kafka", "elasticsearch", "kibana", "prometheus", "alertmanager", "grafana"}
    assert set(CONTAINERS) == {*servers, *SETTINGS, *ONCE}


@every_container
def test_the_image_is_pinned_to_a_version(name: str) -> None:
    assert re.search(r":v?\d+\.\d+\.\d+$", CONTAINERS[name]["image"])


def test_the_servers_are_those_of_the_local_stack() -> None:
    pom = (ROOT / "deploy/local/pom.xml").read_text()
    kafka = CONTAINERS["kafka"]["image"].rpartition(":")[2]
    elasticsearch = CONTAINERS["elasticsearch"]["image"].rpartition(":")[2]
    assert f"<kafka.version>{kafka}<" in pom
    assert elasticsearch in pom
    assert CONTAINERS["kibana"]["image"].rpartition(":")[2] == elasticsearch


@every_lasting_container
def test_its_health_is_checked(name: str) -> None:
    check = CONTAINERS[name]["healthcheck"]
    assert check["test"][0] == "CMD"
    assert {"interval", "timeout", "retries", "start_period"} <= check.keys()


@every_container
def test_it_waits_for_the_health_of_what_it_needs(name: str) -> None:
    for needed, how in CONTAINERS[name].get("depends_on", {}).items():
        assert needed in CONTAINERS
        assert how == {"condition": "service_healthy"}


@every_service
def test_a_service_waits_for_the_servers_it_is_told_of(name: str) -> None:
    told = {
        value.removeprefix("http://").partition(":")[0]
        for variable, value in CONTAINERS[name]["environment"].items()
        if variable in ("RASID_KAFKA_BOOTSTRAP", "RASID_ELASTICSEARCH_URL")
    }
    assert told == set(CONTAINERS[name]["depends_on"])


@every_lasting_container
def test_ports_are_open_to_this_machine_only(name: str) -> None:
    assert CONTAINERS[name]["ports"]
    assert all(port.startswith("127.0.0.1:") for port in CONTAINERS[name]["ports"])


def test_no_two_containers_publish_the_same_port() -> None:
    published = [port for one in CONTAINERS.values() for port in one.get("ports", ())]
    assert len(set(published)) == len(published)


@every_container
def test_no_secret_is_in_the_file(name: str) -> None:
    for variable in CONTAINERS[name].get("environment", {}):
        assert not re.search(r"PASSWORD|SECRET|TOKEN|API_KEY(?!_FILE)", variable, re.IGNORECASE)


@every_container
def test_volumes_are_declared_and_mounted_files_exist(name: str) -> None:
    for source, _, *mode in volumes(name):
        if source.startswith("./"):
            assert (ROOT / source).is_file()
            assert mode == ["ro"]
        else:
            assert source in COMPOSE["volumes"]


@pytest.mark.parametrize("name", ["kafka", "elasticsearch"])
def test_a_server_reads_every_settings_file_of_the_local_stack(name: str) -> None:
    mounted = {(ROOT / source).resolve() for source, *_ in volumes(name)}
    files = {path for path in (ROOT / "deploy" / name).rglob("*") if path.is_file()}
    assert files <= mounted


@pytest.mark.parametrize(
    "name", ["kafka", "elasticsearch", "kibana", "prometheus", "alertmanager", "grafana"]
)
def test_a_server_keeps_its_data(name: str) -> None:
    assert f"{name}-data" in [source for source, *_ in volumes(name)]


@every_service
def test_every_variable_of_a_service_is_one_of_its_settings(name: str) -> None:
    environ = CONTAINERS[name]["environment"]
    settings = load(SETTINGS[name], environ)
    given = {variable for variable in environ if variable.startswith("RASID_")}
    assert given == set(environ)
    assert settings.http_host == "0.0.0.0"
    assert settings.kafka_bootstrap in CONTAINERS["kafka"]["environment"][
        "KAFKA_ADVERTISED_LISTENERS"
    ].replace("PLAINTEXT://", "").split(",")


def test_the_objects_of_kibana_are_loaded_once_it_is_there() -> None:
    loader = CONTAINERS["kibana-objects"]
    assert load(KibanaSettings, loader["environment"]).url == "http://kibana:5601"
    assert loader["command"] == ["python", "-m", "deploy.kibana"]
    assert loader["depends_on"] == {"kibana": {"condition": "service_healthy"}}
    assert loader.get("profiles") == CONTAINERS["kibana"].get("profiles")
    assert loader["restart"] != "unless-stopped"  # it would be started for ever


@every_service
def test_a_service_is_asked_for_health_and_published_on_its_own_port(name: str) -> None:
    port = load(SETTINGS[name], CONTAINERS[name]["environment"]).http_port
    assert CONTAINERS[name]["healthcheck"]["test"][-1] == str(port)
    assert CONTAINERS[name]["ports"] == [f"127.0.0.1:{port}:{port}"]


@every_service
def test_a_service_has_a_module_to_run_and_no_rights_it_does_not_need(name: str) -> None:
    container = CONTAINERS[name]
    assert container["command"] == ["python", "-m", f"services.{name}"]
    assert (ROOT / "services" / name / "__main__.py").is_file()
    assert container["read_only"]
    assert container["cap_drop"] == ["ALL"]
    assert container["security_opt"] == ["no-new-privileges:true"]
