"""Keeps a few processes running: restarts what dies, stops all in reverse order, leaves no orphans.

Every process leads a session of its own, so its whole group can be ended, and on Linux dies with
the supervisor even if that is killed. One thread waits on each process; nothing polls.
"""

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

import structlog

from deploy.local.account import Account

FIRST_DELAY_S, LAST_DELAY_S = 1.0, 30.0
STEADY_AFTER_S = 60.0  # having run so long, a process that dies is restarted as at first
BAD_CONFIGURATION = 78  # EX_CONFIG, which Elasticsearch and our services use: no restart mends it
LOG_LIMIT_BYTES = 20 * 2**20
LOG_CHECK_S = 10.0

log = structlog.get_logger(__name__)

Condition = Literal["starting", "running", "waiting", "stopped", "failed"]


@dataclass(frozen=True)
class ProcessSpec:
    """A process to keep running. ``env`` is its whole environment; no ``log_file``: our output."""

    name: str
    argv: tuple[str, ...]
    env: Mapping[str, str]
    cwd: Path
    log_file: Path | None = None
    account: Account | None = None
    stop_timeout_s: float = 10.0
    is_ready: Callable[[], bool] | None = None


@dataclass(frozen=True)
class ProcessState:
    """What a process is doing. ``waiting``: it died and will be restarted; ``failed``: it won't."""

    name: str
    condition: Condition
    pid: int | None = None
    restarts: int = 0
    exit_code: int | None = None
    started_at: float | None = None  # seconds since the epoch


class Supervisor:
    """Runs processes from ``start`` to ``stop``; also a context manager."""

    def __init__(
        self,
        specs: Sequence[ProcessSpec],
        on_change: Callable[[tuple[ProcessState, ...]], None] = lambda _: None,
    ) -> None:
        self._on_change = on_change
        self._changing = threading.Lock()
        self._children = [_Child(spec, self._report) for spec in specs]
        self._stopping = threading.Event()
        self._log_keeper = threading.Thread(target=self._bound_logs, daemon=True)

    def __enter__(self) -> "Supervisor":
        self.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start all, in order, without waiting for any to be ready."""
        self._log_keeper.start()
        for child in self._children:
            child.start()

    def stop(self) -> None:
        """End all, the last first, each within its ``stop_timeout_s`` or by force. Idempotent."""
        self._stopping.set()
        for child in reversed(self._children):
            child.stop()

    def states(self) -> tuple[ProcessState, ...]:
        """Return what every process is doing, in the order given."""
        return tuple(child.state for child in self._children)

    def wait_until_ready(self, timeout_s: float, every_s: float = 0.2) -> bool:
        """Wait until all are ready; False if one failed or ``timeout_s`` passed."""
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline and not self._stopping.is_set():
            if any(state.condition == "failed" for state in self.states()):
                return False
            if all(child.is_ready() for child in self._children):
                return True
            self._stopping.wait(every_s)
        return False

    def run_until_signal(self) -> None:
        """Start all, wait for SIGTERM or SIGINT, stop all. Main thread only."""
        asked = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: asked.set())
        with self:
            asked.wait()

    def _report(self) -> None:
        with self._changing:
            try:
                self._on_change(self.states())
            except OSError as error:  # a full disk: the processes matter more than the news of them
                log.error("state cannot be reported", error=str(error))

    def _bound_logs(self) -> None:
        while not self._stopping.wait(LOG_CHECK_S):
            for child in self._children:
                bound_log(child.spec.log_file, LOG_LIMIT_BYTES)


def delay_before_restart(previous_s: float, ran_s: float) -> float:
    """Return how long to wait before a restart: doubling, from the start after a steady run."""
    if previous_s == 0 or ran_s > STEADY_AFTER_S:
        return FIRST_DELAY_S
    return min(previous_s * 2, LAST_DELAY_S)


def bound_log(file: Path | None, limit_bytes: int) -> None:
    """Move what ``file`` holds to ``file.1`` if over the limit; its writer appends and goes on."""
    if file is None or not file.exists() or file.stat().st_size <= limit_bytes:
        return
    previous = file.with_name(f"{file.name}.1")
    try:
        shutil.copyfile(file, previous)
    except OSError:  # a full disk needs the space more than we the lines
        previous.unlink(missing_ok=True)
    os.truncate(file, 0)


@dataclass
class _Child:
    """One process and the thread that waits on it."""

    spec: ProcessSpec
    report: Callable[[], None]
    state: ProcessState = field(init=False)

    def __post_init__(self) -> None:
        self.state = ProcessState(self.spec.name, "starting")
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._keep_running, daemon=True)
        # Held where the process is started, signalled or reaped: no signal goes to a recycled id.
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        # Its own children are its to stop: together they could not finish in good order.
        self._signal(os.kill, signal.SIGTERM)
        self._thread.join(self.spec.stop_timeout_s)
        if self._thread.is_alive():
            log.warning("process did not stop in time, killing it", process=self.spec.name)
            self._signal(os.killpg, signal.SIGKILL)
            self._thread.join()

    def is_ready(self) -> bool:
        if self.state.condition != "running":
            return False
        return self.spec.is_ready is None or self.spec.is_ready()

    def _keep_running(self) -> None:
        delay_s = 0.0
        while not self._stopping.is_set():
            started = time.monotonic()
            code = self._run_once()
            if self._stopping.is_set():
                break
            if code == BAD_CONFIGURATION:
                log.error("process has a bad configuration", process=self.spec.name)
                self._change(condition="failed", pid=None, exit_code=code)
                return
            delay_s = delay_before_restart(delay_s, ran_s=time.monotonic() - started)
            log.warning(
                "process died, restarting", process=self.spec.name, code=code, delay_s=delay_s
            )
            restarts = self.state.restarts + 1
            self._change(condition="waiting", pid=None, exit_code=code, restarts=restarts)
            self._stopping.wait(delay_s)
        self._change(condition="stopped", pid=None)

    def _run_once(self) -> int:
        """Run the process to its end and return its exit code, negative for a signal."""
        try:
            with self._lock:
                if self._stopping.is_set():
                    return 0
                self._process = process = self._spawn()
        except OSError as error:
            log.error("process cannot be started", process=self.spec.name, error=str(error))
            return 1
        log.info("process started", process=self.spec.name, pid=process.pid)
        self._change(condition="running", pid=process.pid, started_at=time.time())
        # Without reaping, so that the group's id stays ours while what it left behind is killed.
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        self._signal(os.killpg, signal.SIGKILL)
        with self._lock:
            self._process = None
            return process.wait()

    def _spawn(self) -> subprocess.Popen[bytes]:
        account = self.spec.account
        uid, gid = (account.uid, account.gid) if account else (-1, -1)
        become = [sys.executable, "-I", "-S", str(Path(__file__).with_name("child.py"))]
        output = self.spec.log_file.open("ab") if self.spec.log_file else None
        try:
            return subprocess.Popen(
                [*become, str(os.getpid()), str(uid), str(gid), *self.spec.argv],
                env=dict(self.spec.env),
                cwd=self.spec.cwd,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT if output else None,
                start_new_session=True,
                umask=0o022,
            )
        finally:
            if output:
                output.close()

    def _signal(self, send: Callable[[int, int], None], number: signal.Signals) -> None:
        with self._lock, suppress(ProcessLookupError, PermissionError):
            # macOS answers EPERM for a group of which only the dead leader is left.
            if self._process:
                send(self._process.pid, number)

    def _change(self, **changes: object) -> None:
        self.state = replace(self.state, **changes)  # type: ignore[arg-type]
        self.report()
