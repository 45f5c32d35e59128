"""The local stack: up, status, logs, down. What `rasid stack` and the tests call.

config = StackConfig.from_environ(os.environ)
up(config)  ->  Kafka at config.kafka_address, Elasticsearch at config.elasticsearch_address
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from deploy.local import elasticsearch, kafka
from deploy.local.account import make_folder, require_reachable, server_account
from deploy.local.config import LOOPBACK, StackConfig, StackError
from deploy.local.credentials import secrets_of, set_up, settings_of
from deploy.local.distribution import Progress, fetch, locked, require_space
from deploy.local.java import find_jdk
from deploy.local.ports import require_free
from deploy.local.supervise import is_held, read_state, spec_to_json
from deploy.local.supervisor import ProcessSpec, ProcessState
from deploy.setup import SetupError
from services.runtime.settings import ConfigurationError

START_TIMEOUT_S = 240.0  # 20 s on 2 idle cores, 80 s seen on 2 that had four times their work
SUPERVISOR_TIMEOUT_S = 20.0
STOP_TIMEOUT_S = 40.0
POLL_S = 0.2
SPACE_TO_RUN_BYTES = 1024 * 2**20  # Elasticsearch stops writing at 500 MB
GIVE_UP_AFTER_RESTARTS = 3

Name = Literal["kafka", "elasticsearch"]


@dataclass(frozen=True)
class ServerStatus:
    """One server. ``process`` is None if the stack does not run it now; ``pid`` leads its group."""

    name: Name
    address: str
    own: bool
    answers: bool
    process: ProcessState | None


@dataclass(frozen=True)
class StackStatus:
    """The whole stack. ``supervisor_pid`` is None if it does not run."""

    name: str
    supervisor_pid: int | None
    servers: tuple[ServerStatus, ...]

    @property
    def answers(self) -> bool:
        """Whether both servers can be used."""
        return all(server.answers for server in self.servers)


def up(config: StackConfig, progress: Progress = lambda _: None) -> StackStatus:
    """Start what is the stack's own and return when both servers answer. Safe to call again.

    Raises StackError: no JDK or Maven, a taken port, no space, a server that does not start.
    """
    if config.uses_own_kafka or config.uses_own_elasticsearch:
        make_folder(config.run)
        with locked(config.run / "up.lock"):
            if config.secure:  # before the servers, and for another namespace while they run
                secrets_of(config).make([LOOPBACK, "localhost"], datetime.now(UTC))
            if is_held(config.run / "lock"):
                _require_same(config)
                _wait_until_up(config, progress)
            else:
                _start_and_wait(config, progress)
            _set_up(config)
    return status(config)


def status(config: StackConfig) -> StackStatus:
    """Return what runs and whether it answers. Changes nothing."""
    running = read_state(config.run)
    pid, states = running or (None, ())
    processes = {state.name: state for state in states}
    settings = settings_of(config)
    return StackStatus(
        config.name,
        pid,
        (
            ServerStatus(
                "kafka",
                config.kafka_address,
                config.uses_own_kafka,
                kafka.answers(settings),
                processes.get("kafka") if config.uses_own_kafka else None,
            ),
            ServerStatus(
                "elasticsearch",
                config.elasticsearch_address,
                config.uses_own_elasticsearch,
                elasticsearch.answers(settings),
                processes.get("elasticsearch") if config.uses_own_elasticsearch else None,
            ),
        ),
    )


def log_files(config: StackConfig) -> tuple[Path, ...]:
    """Return the log files there are: of the servers, their supervisor, and the services."""
    return tuple(sorted(config.logs.rglob("*.log")))


def logs(config: StackConfig, lines: int) -> Iterator[tuple[str, str]]:
    """Yield (process, line) for the last ``lines`` of each log."""
    for file in log_files(config):
        for line in tail(file, lines):
            yield file.stem, line


def down(config: StackConfig) -> bool:
    """Stop what the stack runs; data and logs stay. Returns False if nothing ran.

    Raises StackError if the supervisor is another user's.
    """
    if not config.run.exists():
        return False
    with locked(config.run / "up.lock"):
        if not is_held(config.run / "lock"):
            return False
        _end(config)
        return True


def tail(file: Path, lines: int) -> list[str]:
    """Return the last ``lines`` of ``file``, none if it is not there."""
    if not file.exists():
        return []
    with file.open(encoding="utf-8", errors="replace") as text:
        return [line.rstrip("\n") for line in deque(text, maxlen=lines)]


def _start_and_wait(config: StackConfig, progress: Progress) -> None:
    """Start the servers; who does not wait until they answer does not leave them behind."""
    try:
        _start(config, progress)
        _wait_until_up(config, progress)
    except KeyboardInterrupt:
        progress("Interrupted: stopping what was started")
        _end(config)
        raise


def _start(config: StackConfig, progress: Progress) -> None:
    """Check everything that can be wrong, write what the supervisor needs, start it."""
    jdk = find_jdk(config.java_home, os.environ)
    account = server_account()
    require_free(_ports(config))
    require_reachable(account, (jdk, config.folder))
    servers = fetch(config.home, jdk, progress)
    require_reachable(account, (servers.kafka, servers.elasticsearch))
    require_space(config.folder, SPACE_TO_RUN_BYTES, "to run Kafka and Elasticsearch")
    make_folder(config.logs)
    specs = []
    if config.uses_own_elasticsearch:
        specs.append(elasticsearch.prepare(config, servers, jdk, account))
    if config.uses_own_kafka:
        specs.append(kafka.prepare(config, servers, jdk, account))
    progress(f"Starting {' and '.join(spec.name.capitalize() for spec in specs)}")
    _start_supervisor(config, specs)


def _set_up(config: StackConfig) -> None:
    try:
        set_up(config)
    except (SetupError, ConfigurationError) as error:
        raise StackError(str(error)) from error


def _start_supervisor(config: StackConfig, specs: list[ProcessSpec]) -> None:
    (config.run / "state.json").unlink(missing_ok=True)  # of an earlier life
    (config.run / "stack.json").write_text(json.dumps(_identity(config)), encoding="utf-8")
    processes = json.dumps([spec_to_json(spec) for spec in specs])
    (config.run / "processes.json").write_text(processes, encoding="utf-8")
    python_path = [str(Path(__file__).parents[2]), *filter(None, [os.environ.get("PYTHONPATH")])]
    with (config.logs / "supervisor.log").open("wb") as log:
        subprocess.run(
            [sys.executable, "-m", "deploy.local.supervise", str(config.run)],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(python_path)},
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            check=False,
        )
    if not _until(lambda: read_state(config.run) is not None, SUPERVISOR_TIMEOUT_S):
        raise StackError(_with_log("The supervisor does not start", config, "supervisor"))


def _wait_until_up(config: StackConfig, progress: Progress) -> None:
    began = time.monotonic()
    restarts_before = _restarts(config)
    settings = settings_of(config)
    waiting: dict[str, Callable[[], bool]] = {}
    if config.uses_own_elasticsearch:
        waiting["elasticsearch"] = lambda: elasticsearch.answers(settings)
    if config.uses_own_kafka:
        waiting["kafka"] = lambda: kafka.answers(settings)
    while True:
        for name in [name for name, answers in waiting.items() if answers()]:
            del waiting[name]
            progress(f"{name.capitalize()} answers after {time.monotonic() - began:.0f} s")
        if not waiting:
            return
        hopeless = _hopeless(config, restarts_before)
        if not hopeless and time.monotonic() - began > START_TIMEOUT_S:
            hopeless = next(iter(waiting))
        if hopeless:
            _end(config)
            raise StackError(_with_log(f"{hopeless.capitalize()} does not start", config, hopeless))
        time.sleep(POLL_S)


def _hopeless(config: StackConfig, restarts_before: Mapping[str, int]) -> str | None:
    """Return the process that will not come up however long one waits, if there is one."""
    running = read_state(config.run)
    if running is None:
        return "supervisor"
    for process in running[1]:
        died = process.restarts - restarts_before.get(process.name, 0)
        if process.condition == "failed" or died >= GIVE_UP_AFTER_RESTARTS:
            return process.name
    return None


def _restarts(config: StackConfig) -> dict[str, int]:
    running = read_state(config.run)
    return {process.name: process.restarts for process in running[1]} if running else {}


def _end(config: StackConfig) -> None:
    """Stop the supervisor, by force if it does not answer."""
    lock = config.run / "lock"
    if not _until(lambda: read_state(config.run) is not None or not is_held(lock), 5):
        raise StackError(f"The stack {config.name} runs, but {config.run}/state.json is missing")
    running = read_state(config.run)
    if running is None:
        return
    pid, processes = running
    try:
        os.kill(pid, signal.SIGTERM)
        if not _until(lambda: not is_held(lock), STOP_TIMEOUT_S):
            os.kill(pid, signal.SIGKILL)
            for process in processes:
                if process.pid:
                    os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return
    except PermissionError as error:
        raise StackError(f"The stack {config.name} was started by another user") from error


def _require_same(config: StackConfig) -> None:
    running = json.loads((config.run / "stack.json").read_text(encoding="utf-8"))
    changed = [name for name, value in _identity(config).items() if running[name] != value]
    if changed:
        raise StackError(
            f"The stack {config.name} already runs with another {', '.join(changed)}. "
            "Stop it first (rasid stack down), or give this one its own name with RASID_STACK_NAME."
        )


def _identity(config: StackConfig) -> dict[str, object]:
    """Return what cannot change while the stack runs."""
    return {
        "kafka": config.uses_own_kafka,
        "elasticsearch": config.uses_own_elasticsearch,
        **config.model_dump(
            include={
                "kafka_port",
                "elasticsearch_port",
                "kafka_heap",
                "elasticsearch_heap",
                "secure",
                "java_options",
            }
        ),
    }


def _ports(config: StackConfig) -> dict[str, int]:
    ports = {}
    if config.uses_own_kafka:
        ports["RASID_STACK_KAFKA_PORT"] = config.kafka_port
        ports["RASID_STACK_KAFKA_CONTROLLER_PORT"] = config.kafka_controller_port
    if config.uses_own_elasticsearch:
        ports["RASID_STACK_ELASTICSEARCH_PORT"] = config.elasticsearch_port
    return ports


def _with_log(message: str, config: StackConfig, process: str) -> str:
    file = config.logs / f"{process}.log"
    return "\n".join([f"{message}. The end of {file}:", *tail(file, 15)])


def _until(condition: Callable[[], bool], timeout_s: float) -> bool:
    """Wait until ``condition`` holds; False if it does not within ``timeout_s``."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_S)
    return True
