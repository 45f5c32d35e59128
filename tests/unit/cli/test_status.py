"""`rasid status` says what is down, what is waited for, and what it could not ask."""

import json
from collections.abc import Iterator
from http.server import ThreadingHTTPServer

import pytest
from typer.testing import CliRunner

from services.cli.app import build
from services.ingest.metrics import FAILURE_WEIGHT
from services.runtime.health import Health, serve_health
from services.runtime.lag import Lag
from tests.local_site import Answer, LocalSite
from tests.support import free_port


@pytest.fixture
def server() -> Iterator[ThreadingHTTPServer]:
    """A service's own health server, with the metrics of this process."""
    health = Health(60)
    health.available("service")
    health.unavailable("kafka", "connection refused")
    server = serve_health(health, "127.0.0.1", 0)
    yield server
    health.available("kafka")
    server.shutdown()
    server.server_close()


def run(environ: dict[str, str], *arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(build(["status"]), ["status", *arguments], env=environ)
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.output


def nobody_answers() -> dict[str, str]:
    services = ("INGEST", "ENRICH", "INDEX", "ALERT")
    ports = {f"RASID_{service}_HTTP_PORT": str(free_port()) for service in services}
    return ports | {"RASID_ELASTICSEARCH_URL": f"http://127.0.0.1:{free_port()}"}


def test_what_is_down_is_said_and_the_exit_code_is_1() -> None:
    code, said = run(nobody_answers())
    assert code == 1
    assert said.count("down") == 4
    assert "Elasticsearch at" in said


@pytest.mark.parametrize("page", [b"<p>It works!</p>", b"node_load1 0.5\n", b"\xff\xfe", b""])
def test_a_service_whose_port_another_program_has_is_down(page: bytes) -> None:
    with LocalSite() as site:
        site.answers["/metrics"] = Answer(body=page)
        port = site.url.rpartition(":")[2]
        _, said = run(nobody_answers() | {"RASID_INGEST_HTTP_PORT": port}, "--json")
    assert [request.path for request in site.requests] == ["/metrics"]
    assert {one["name"]: one["state"] for one in json.loads(said)["services"]}["ingest"] == "down"


def test_a_service_is_shown_with_what_it_waits_for_its_lag_and_the_failing_sources(
    server: ThreadingHTTPServer,
) -> None:
    lag = Lag()
    lag.show("status-test", 0, end=12, settled=5)
    FAILURE_WEIGHT.labels("broken-source").set(4)
    environ = nobody_answers() | {"RASID_INGEST_HTTP_PORT": str(server.server_port)}
    code, said = run(environ, "--json")
    lag.forget("status-test", 0)
    FAILURE_WEIGHT.remove("broken-source")
    status = json.loads(said)
    assert code == 1
    ingest = next(one for one in status["services"] if one["name"] == "ingest")
    assert ingest["state"] == "waits for kafka"
    assert ingest["lag_records"] >= 7
    assert "broken-source" in status["failing_sources"]
    assert status["problems"]
