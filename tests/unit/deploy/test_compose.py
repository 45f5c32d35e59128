"""docker-compose.yml, as far as it can be checked without a Docker engine."""

import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.kibana.config import KibanaSettings
from deploy.setup.secrets import Secrets
from services.alert.config import AlertSettings
from services.contract.access import ACCESS
from services.enrich.config import EnrichSettings
from services.index.config import IndexSettings
from services.ingest.config import IngestSettings
from services.runtime.settings import ServiceSettings, Settings, load

ROOT = Path(__file__).parents[3]
KAFKA_IN_COMPOSE = (ROOT / "deploy/kafka/compose.properties").read_text(encoding="utf-8")
FILE = ROOT / "docker-compose.yml"
COMPOSE: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
CONTAINERS: dict[str, dict[str, Any]] = COMPOSE["services"]
SETTINGS: dict[str, type[ServiceSettings]] = {
    "ingest": IngestSettings,
    "enrich": EnrichSettings,
    "index": IndexSettings,
    "alert": AlertSettings,
}

ONCE = {"secrets", "rights", "kibana-objects"}
"""Containers that do one thing and end: nobody asks them for anything."""

TOOLS = {"search", "operator"}
"""Containers that people run a command in."""

every_container = pytest.mark.parametrize("name", CONTAINERS)
every_lasting_container = pytest.mark.parametrize("name", sorted(CONTAINERS.keys() - ONCE - TOOLS))
every_service = pytest.mark.parametrize("name", SETTINGS)


def volumes(name: str) -> list[list[str]]:
    """Return source, target and mode of what a container mounts, but for its secrets."""
    every = CONTAINERS[name].get("volumes", [])
    return [volume.split(":") for volume in every if isinstance(volume, str)]


def mounted_secrets(name: str) -> tuple[str, str]:
    """Return the folder of the secrets that a container sees, and where it sees it."""
    (mount,) = [one for one in CONTAINERS[name]["volumes"] if isinstance(one, dict)]
    assert mount["source"] == "secrets"
    assert mount["read_only"]
    return mount["volume"]["subpath"], mount["target"]


@pytest.fixture(scope="module")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder as the containers `secrets` and `rights` fill it, the keys empty of meaning."""
    made = Secrets(tmp_path_factory.mktemp("secrets"))
    hosts = [
        word.removeprefix("--host=")
        for word in CONTAINERS["secrets"]["command"]
        if word.startswith("--host=")
    ]
    made.make(hosts, datetime(2026, 1, 1, tzinfo=UTC))
    for account in (*ACCESS, "search"):
        made.elasticsearch_key(account).write_text("key")
    return made.folder


def environ(name: str, secrets: Path) -> dict[str, str]:
    """Return the container's environment, with the files of its secrets as they are here."""
    variables = CONTAINERS[name]["environment"]
    if name == "rights":
        folder, target = "", "/run/secrets/rasid"
    else:
        folder, target = mounted_secrets(name)
    return {
        variable: value.replace(target, str(secrets / folder))
        for variable, value in variables.items()
    }


@pytest.mark.slow
def test_it_is_valid_by_the_compose_specification() -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"]
    result = subprocess.run([*command, str(FILE)], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr


def test_docker_compose_itself_accepts_it() -> None:
    docker = shutil.which("docker") or "docker"
    compose = [docker, "compose", "--file", str(FILE)]
    try:
        subprocess.run([*compose, "version"], capture_output=True, check=True)
    except (FileNotFoundError, subprocess.CalledProcessError):
        pytest.skip("docker compose is not installed; the schema is checked all the same")
    command = [*compose, "config", "--quiet"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr


def test_it_holds_the_servers_and_every_service() -> None:
    servers = {"kafka", "elasticsearch", "kibana", "prometheus", "alertmanager", "grafana"}
    assert set(CONTAINERS) == {*servers, *SETTINGS, *ONCE, *TOOLS}


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
        end = "service_completed_successfully" if needed in ONCE else "service_healthy"
        assert how == {"condition": end}


def test_nothing_begins_before_what_it_needs_is_set_up() -> None:
    needs = {name: set(CONTAINERS[name].get("depends_on", {})) for name in CONTAINERS}
    assert needs["kafka"] == needs["elasticsearch"] == {"secrets"}
    assert needs["rights"] == {"kafka", "elasticsearch"}
    for name in (*SETTINGS, "kibana"):
        assert needs[name] == {"rights"}
    for name in TOOLS:  # or each search would have everything set up again
        assert needs[name] == set()


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
        assert not re.search(r"(PASSWORD|SECRET|TOKEN|API_KEY)(?!_FILE)", variable, re.IGNORECASE)


@pytest.mark.parametrize("name", sorted(CONTAINERS.keys() - {"secrets", "rights"}))
def test_a_container_sees_its_own_secrets_only(name: str) -> None:
    if not any(isinstance(mount, dict) for mount in CONTAINERS[name].get("volumes", ())):
        assert name in ("prometheus", "alertmanager", "grafana")
        return
    folder, _ = mounted_secrets(name)
    assert folder == ("admin" if name == "kibana-objects" else name)


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
def test_every_variable_of_a_service_is_one_of_its_settings(name: str, secrets: Path) -> None:
    given = environ(name, secrets)
    settings = load(SETTINGS[name], given)
    assert all(variable.startswith("RASID_") for variable in given)
    assert settings.http_host == "0.0.0.0"
    assert f"CLIENTS://{settings.kafka_bootstrap}" in KAFKA_IN_COMPOSE


@pytest.mark.parametrize("name", [*sorted(TOOLS), "rights"])
def test_a_tool_is_told_who_it_is(name: str, secrets: Path) -> None:
    settings = load(Settings, environ(name, secrets))
    assert settings.elasticsearch_url == "https://elasticsearch:9200"
    assert settings.kafka_username in (None if name == "search" else f"rasid-{name}", "rasid-admin")


@pytest.mark.parametrize("file", ["security", "client", "compose"])
def test_every_secret_of_kafka_is_a_file_that_is_made(file: str, secrets: Path) -> None:
    text = (ROOT / f"deploy/kafka/{file}.properties").read_text(encoding="utf-8")
    folder, target = mounted_secrets("kafka")
    named = set(re.findall(rf"{target}[/:]([\w.-]+)", text))
    assert named or file == "compose"
    assert named <= {path.name for path in (secrets / folder).iterdir()}


def test_every_secret_of_elasticsearch_is_a_file_that_is_made(secrets: Path) -> None:
    folder, target = mounted_secrets("elasticsearch")
    assert target == "/usr/share/elasticsearch/config/tls"
    text = str(CONTAINERS["elasticsearch"])
    named = set(re.findall(r"tls/([\w.-]+)", text))
    assert named == {"server.pem", "server-key.pem", "admin-password", "ca.pem"}
    assert named <= {path.name for path in (secrets / folder).iterdir()}


def test_the_objects_of_kibana_are_loaded_once_it_is_there(secrets: Path) -> None:
    loader = CONTAINERS["kibana-objects"]
    settings = load(KibanaSettings, environ("kibana-objects", secrets))
    assert settings.url == "http://kibana:5601"
    assert loader["command"] == ["python", "-m", "deploy.kibana"]
    assert loader["depends_on"] == {"kibana": {"condition": "service_healthy"}}
    assert loader.get("profiles") == CONTAINERS["kibana"].get("profiles")
    assert loader["restart"] != "unless-stopped"  # it would be started for ever


@every_service
def test_a_service_is_asked_for_health_and_published_on_its_own_port(
    name: str, secrets: Path
) -> None:
    port = load(SETTINGS[name], environ(name, secrets)).http_port
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
