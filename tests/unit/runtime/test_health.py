"""Health over HTTP, as probes and Prometheus ask for it."""

import json
import socket
import urllib.error
import urllib.request
from collections.abc import Iterator
from http.server import ThreadingHTTPServer

import pytest
from prometheus_client.parser import text_string_to_metric_families

from services.runtime.health import Health, serve_health
from tests.support import eventually


@pytest.fixture
def health() -> Health:
    return Health(deadline_s=60)


@pytest.fixture
def server(health: Health) -> Iterator[ThreadingHTTPServer]:
    server = serve_health(health, "127.0.0.1", 0)
    yield server
    server.shutdown()
    server.server_close()


def ask(server: ThreadingHTTPServer, path: str) -> tuple[int, str]:
    url = f"http://127.0.0.1:{server.server_port}{path}"
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def test_a_starting_service_is_alive_but_not_ready(server: ThreadingHTTPServer) -> None:
    assert ask(server, "/health/live")[0] == 200
    status, body = ask(server, "/health/ready")
    assert (status, json.loads(body)) == (
        503,
        {"ok": False, "unavailable": {"service": "starting"}},
    )


def test_a_service_is_ready_when_nothing_is_missing(
    server: ThreadingHTTPServer, health: Health
) -> None:
    health.available("service")
    assert ask(server, "/health/ready") == (200, '{"ok": true, "unavailable": {}}')
    health.unavailable("kafka", "connection refused")
    status, body = ask(server, "/health/ready")
    assert status == 503
    assert json.loads(body)["unavailable"] == {"kafka": "connection refused"}
    health.available("kafka")
    assert ask(server, "/health/ready?verbose")[0] == 200


def test_a_service_without_progress_is_not_alive_until_it_makes_some(
    server: ThreadingHTTPServer, health: Health
) -> None:
    health.deadline_s = 0.2
    eventually(lambda: ask(server, "/health/live")[0] == 503, timeout_s=5)
    health.deadline_s = 60
    health.progress()
    status, body = ask(server, "/health/live")
    assert status == 200
    assert json.loads(body)["seconds_since_progress"] < 5


def test_metrics_can_be_scraped(server: ThreadingHTTPServer, health: Health) -> None:
    health.progress()
    status, body = ask(server, "/metrics")
    samples = {
        sample.name: sample
        for family in text_string_to_metric_families(body)
        for sample in family.samples
    }
    assert status == 200
    assert samples["rasid_build_info"].labels["version"]
    assert samples["rasid_last_progress_timestamp_seconds"].value > 1_600_000_000


def test_another_path_is_answered_with_those_that_exist(server: ThreadingHTTPServer) -> None:
    assert ask(server, "/") == (404, "/metrics, /health/live, /health/ready\n")


def test_a_client_that_says_nothing_does_not_keep_others_waiting(
    server: ThreadingHTTPServer,
) -> None:
    with socket.create_connection(("127.0.0.1", server.server_port)):
        assert ask(server, "/health/live")[0] == 200


def test_a_taken_port_is_an_error_of_the_caller(server: ThreadingHTTPServer) -> None:
    with pytest.raises(OSError, match="in use"):
        serve_health(Health(60), "127.0.0.1", server.server_port)


def test_what_a_service_waits_for_is_a_metric(server: ThreadingHTTPServer, health: Health) -> None:
    health.unavailable("kafka", "connection refused")
    health.available("service")
    assert 'rasid_unavailable{component="kafka"} 1.0' in ask(server, "/metrics")[1]
    assert 'rasid_unavailable{component="service"} 0.0' in ask(server, "/metrics")[1]
    health.available("kafka")
    assert 'rasid_unavailable{component="kafka"} 0.0' in ask(server, "/metrics")[1]
