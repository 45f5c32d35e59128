"""The local stack by itself: a second one beside that of the other tests, so as to break it."""

import json
import os
import shutil
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer

from deploy.local import stack
from deploy.local.config import StackConfig, StackError
from deploy.local.ports import is_taken
from deploy.local.run import local_stack
from deploy.local.supervise import read_state
from services.runtime.settings import ConfigurationError
from tests.servers import remove, signal_server
from tests.support import eventually, free_port, stack_variables

TOPIC = "survivors"
KEPT = ("RASID_HOME", "RASID_JAVA_HOME")
NOTHING_RUNS = {"RASID_STACK_NAME": "test-never-started"}


def own_config(**variables: str) -> StackConfig:
    """A stack of this file's own: its ports and name, without servers named in the environment."""
    environ = {
        name: value
        for name, value in os.environ.items()
        if name not in ("RASID_KAFKA_BOOTSTRAP", "RASID_ELASTICSEARCH_URL")
    }
    heap = {"RASID_STACK_ELASTICSEARCH_HEAP": "512m", "RASID_STACK_KAFKA_HEAP": "256m"}
    return StackConfig.from_environ({**environ, **stack_variables("local"), **heap, **variables})


@pytest.fixture(scope="module")
def config() -> Iterator[StackConfig]:
    config = own_config()
    remove(config)  # left by a run that was killed
    stack.up(config)
    yield config
    remove(config)


def pids(status: stack.StackStatus) -> list[int | None]:
    return [server.process.pid if server.process else None for server in status.servers]


def request(config: StackConfig, method: str, path: str, body: object = None) -> dict[str, object]:
    call = urllib.request.Request(
        f"{config.elasticsearch_address}{path}",
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(call, timeout=30) as answer:
        found: dict[str, object] = json.load(answer)
        return found


def test_starting_it_again_and_twice_at_once_is_harmless(config: StackConfig) -> None:
    before = stack.status(config)
    with ThreadPoolExecutor(2) as pool:
        again = list(pool.map(stack.up, [config, config]))
    assert before.answers
    assert [pids(status) for status in again] == [pids(before)] * 2
    assert {status.supervisor_pid for status in again} == {before.supervisor_pid}


def test_another_stack_on_a_taken_port_is_refused_in_one_message(config: StackConfig) -> None:
    other = own_config(RASID_STACK_NAME="test-other", RASID_STACK_KAFKA_PORT=str(config.kafka_port))
    try:
        with pytest.raises(StackError, match=rf"{config.kafka_port} is taken.*_KAFKA_PORT"):
            stack.up(other)
        assert stack.status(other).supervisor_pid is None
    finally:
        shutil.rmtree(other.folder, ignore_errors=True)


def test_other_settings_for_a_running_stack_are_refused(config: StackConfig) -> None:
    with pytest.raises(StackError, match=r"already runs with another kafka_port"):
        stack.up(config.model_copy(update={"kafka_port": free_port()}))


def test_servers_named_in_the_environment_are_used_and_none_is_started(
    config: StackConfig,
) -> None:
    named = StackConfig.from_environ(
        {
            **NOTHING_RUNS,
            "RASID_HOME": str(config.home),
            "RASID_KAFKA_BOOTSTRAP": config.kafka_address,
            "RASID_ELASTICSEARCH_URL": config.elasticsearch_address,
        }
    )
    status = stack.up(named)
    assert status.answers
    assert status.supervisor_pid is None
    assert not any(server.own for server in status.servers)
    assert not named.folder.exists()


def test_servers_that_are_killed_come_back_with_their_data(config: StackConfig) -> None:
    admin = KafkaAdminClient(bootstrap_servers=config.kafka_address)
    admin.create_topics({TOPIC: {"num_partitions": 1, "replication_factor": 1}})
    admin.close()
    producer = KafkaProducer(bootstrap_servers=config.kafka_address)
    producer.send(TOPIC, "خبر".encode(), partition=0).get(timeout=30)
    producer.close()
    request(config, "PUT", f"/{TOPIC}")
    request(config, "PUT", f"/{TOPIC}/_doc/1", {"title": "خبر"})
    before = pids(stack.status(config))

    for pid in before:
        assert pid is not None
        os.killpg(pid, signal.SIGKILL)

    def are_back() -> bool:
        status = stack.status(config)
        return status.answers and not set(pids(status)) & {*before, None}

    eventually(are_back, timeout_s=300)
    consumer = KafkaConsumer(
        TOPIC, bootstrap_servers=config.kafka_address, auto_offset_reset="earliest"
    )
    polled = eventually(lambda: consumer.poll(timeout_ms=1000))
    consumer.close()
    assert [record.value for records in polled.values() for record in records] == ["خبر".encode()]
    assert request(config, "GET", f"/{TOPIC}/_source/1") == {"title": "خبر"}


def test_a_stack_that_was_up_stays_up_also_if_a_server_did_not_answer_at_first(
    config: StackConfig,
) -> None:
    signal_server(config, "kafka", signal.SIGKILL)
    eventually(lambda: not stack.status(config).answers)
    with local_stack(config, lambda _: None):
        assert stack.status(config).answers
    assert stack.status(config).answers


def test_a_stack_that_is_down_has_left_nothing_behind(config: StackConfig) -> None:
    running = stack.status(config)
    assert stack.down(config)
    assert not stack.down(config)
    ports = (config.kafka_port, config.kafka_controller_port, config.elasticsearch_port)
    assert [port for port in ports if is_taken(port)] == []
    after = stack.status(config)
    assert not after.answers
    assert after.supervisor_pid is None
    for pid in pids(running):
        assert pid is not None
        with pytest.raises(ProcessLookupError):
            os.killpg(pid, 0)
    logs = {process for process, _ in stack.logs(config, lines=5)}
    assert logs >= {"kafka", "elasticsearch", "supervisor"}


def test_whoever_interrupts_the_start_leaves_no_server_behind() -> None:
    own = stack_variables("interrupted")
    environ = {name: os.environ[name] for name in os.environ if not name.startswith("RASID_")}
    environ |= {name: os.environ[name] for name in KEPT if name in os.environ} | own
    config = StackConfig.from_environ(environ)
    command = [sys.executable, "-m", "services.cli", "stack", "up"]
    with subprocess.Popen(command, env=environ, stdout=subprocess.PIPE) as starting:
        try:
            eventually(lambda: read_state(config.run) is not None)
            starting.send_signal(signal.SIGINT)
            said, _ = starting.communicate(timeout=60)
            assert b"stopping what was started" in said
            assert stack.status(config).supervisor_pid is None
        finally:
            remove(config)


def test_a_stack_that_was_never_started_is_down_and_has_no_logs(tmp_path: Path) -> None:
    never = own_config(RASID_HOME=str(tmp_path))
    assert not stack.down(never)
    assert list(stack.logs(never, lines=5)) == []
    assert not stack.status(never).answers


def test_a_wrong_variable_is_told_before_anything_starts() -> None:
    with pytest.raises(ConfigurationError, match="RASID_STACK_KAFKA_PORT"):
        own_config(RASID_STACK_KAFKA_PORT="none")
