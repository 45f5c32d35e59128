"""The life of a service, seen from outside: what it prints, and the code it ends with."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from services.runtime.service import STOP_DEADLINE_S, StopSignal

Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def start() -> Iterator[Start]:
    started: list[subprocess.Popen[str]] = []

    def start(behaviour: str, **environ: str) -> "subprocess.Popen[str]":
        clean = {name: value for name, value in os.environ.items() if not name.startswith("RASID_")}
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.unit.runtime.lighthouse", behaviour],
            env=clean | environ,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def wait_until_started(process: "subprocess.Popen[str]") -> None:
    assert process.stderr
    assert json.loads(process.stderr.readline())["event"] == "started"


def end(process: "subprocess.Popen[str]", timeout_s: float = 15) -> tuple[int, str]:
    """Return the exit code and all that was written to standard error."""
    _, errors = process.communicate(timeout=timeout_s)
    return process.returncode, errors


def events(errors: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in errors.splitlines() if line.startswith("{")]


def test_a_secret_that_others_can_read_on_its_way_is_warned_of(start: Start) -> None:
    unprotected = {"RASID_ELASTICSEARCH_URL": "http://es.example"}
    code, errors = end(start("crash", RASID_ELASTICSEARCH_API_KEY="s3cret", **unprotected))
    warning, *_ = events(errors)
    assert warning["level"] == "warning"
    assert warning["secrets"] == ["RASID_ELASTICSEARCH_API_KEY"]
    assert "s3cret" not in errors
    assert code == 1


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_the_service_with_0_and_a_second_one_changes_nothing(
    start: Start, number: signal.Signals
) -> None:
    process = start("shine")
    wait_until_started(process)
    process.send_signal(number)
    process.send_signal(number)
    code, errors = end(process)
    assert code == 0
    assert events(errors)[-1]["event"] == "stopped"


@pytest.mark.slow
def test_bad_configuration_ends_it_with_78_and_one_message(start: Start) -> None:
    code, errors = end(start("shine", RASID_INGEST_HTTP_PORT="high", RASID_HOM="/x"))
    assert code == 78
    assert errors.splitlines()[0] == "The configuration is wrong:"
    assert "RASID_INGEST_HTTP_PORT=high" in errors
    assert "did you mean RASID_HOME?" in errors
    assert "Traceback" not in errors


@pytest.mark.slow
def test_a_bad_configuration_file_found_later_ends_it_with_78_too(start: Start) -> None:
    code, errors = end(start("misread"))
    assert code == 78
    assert errors.splitlines()[-1] == "lamps.yaml:3: no such colour; red, white or green"
    assert "Traceback" not in errors


@pytest.mark.slow
def test_a_taken_port_ends_it_with_78_and_names_the_variable(start: Start) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, errors = end(start("shine", RASID_INGEST_HTTP_PORT=str(port)))
    assert code == 78
    assert errors == (
        f"Cannot listen on 127.0.0.1:{port} (Address already in use). "
        "Set RASID_INGEST_HTTP_PORT or RASID_INGEST_HTTP_HOST.\n"
    )


@pytest.mark.slow
def test_an_address_that_is_not_ours_ends_it_with_78(start: Start) -> None:
    code, errors = end(start("shine", RASID_INGEST_HTTP_HOST="192.0.2.1"))
    assert code == 78
    assert errors.startswith("Cannot listen on 192.0.2.1:")
    assert "RASID_INGEST_HTTP_HOST" in errors


@pytest.mark.slow
def test_no_progress_ends_it_with_75(start: Start) -> None:
    code, errors = end(start("get_stuck", RASID_INGEST_PROGRESS_DEADLINE_S="0.5"))
    assert code == 75
    assert events(errors)[-1]["event"] == "no progress"


@pytest.mark.slow
def test_a_service_that_does_not_stop_is_ended_with_75_before_a_supervisor_kills_it(
    start: Start,
) -> None:
    process = start("get_stuck", LIGHTHOUSE_STOP_DEADLINE_S="0.2")
    wait_until_started(process)
    process.send_signal(signal.SIGTERM)
    code, errors = end(process)
    assert code == 75
    assert events(errors)[-1]["event"] == "did not stop in time"
    assert STOP_DEADLINE_S < 10


@pytest.mark.slow
@pytest.mark.parametrize("log_format", ["json", "console"])
def test_a_crash_ends_it_with_1_and_its_traceback_in_the_log(start: Start, log_format: str) -> None:
    code, errors = end(start("crash", RASID_LOG_FORMAT=log_format))
    assert code == 1
    assert {line["service"] for line in events(errors)} <= {"lighthouse"}
    assert "the lamp is broken" in errors
    assert "Traceback" in errors
    assert "UserWarning" not in errors


def test_ending_without_being_asked_is_a_bug(start: Start) -> None:
    code, errors = end(start("leave"))
    assert code == 1
    assert events(errors)[-1]["event"] == "ended without being asked to stop"


def test_who_subscribes_to_the_stop_is_called_once_before_or_after_it() -> None:
    stop, calls = StopSignal(), []
    stop.subscribe(lambda: calls.append("early"))
    stop.request()
    stop.request()
    stop.subscribe(lambda: calls.append("late"))
    assert calls == ["early", "late"]
    assert stop.is_set()
