"""The process behind a running stack: ``python -m deploy.local.supervise RUN_FOLDER``.

Goes into the background and keeps the processes of ``RUN_FOLDER/processes.json`` running until
SIGTERM. Holds the lock ``RUN_FOLDER/lock`` all its life: who cannot take that lock knows the stack
runs, and that the process id in ``state.json`` is right; the system lets go of it if we are killed,
so nothing stale is ever believed.
"""

import dataclasses
import fcntl
import json
import os
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from deploy.local.account import Account
from deploy.local.supervisor import ProcessSpec, ProcessState, Supervisor
from services.runtime.logs import configure_logs

_LOCK_PATIENCE_S = 5.0


def main(run: Path) -> None:
    """Run the processes that ``run`` describes."""
    if os.fork():
        os._exit(0)  # who started us is told at once, and has no child to wait for
    os.setsid()
    configure_logs("info", "json")
    with (run / "lock").open("a") as lock:
        if not _take(lock.fileno()):
            return
        processes = json.loads((run / "processes.json").read_text(encoding="utf-8"))
        specs = [spec_from_json(process) for process in processes]
        Supervisor(specs, lambda states: write_state(run, states)).run_until_signal()


def spec_to_json(spec: ProcessSpec) -> dict[str, Any]:
    """Return ``spec`` as JSON can hold it. Its readiness is the caller's business."""
    fields = dataclasses.asdict(dataclasses.replace(spec, is_ready=None))
    return fields | {"cwd": str(spec.cwd), "log_file": spec.log_file and str(spec.log_file)}


def spec_from_json(fields: Mapping[str, Any]) -> ProcessSpec:
    """Return what ``spec_to_json`` was given."""
    account, log_file = fields["account"], fields["log_file"]
    return ProcessSpec(
        **{
            **fields,
            "argv": tuple(fields["argv"]),
            "cwd": Path(fields["cwd"]),
            "log_file": log_file and Path(log_file),
            "account": account and Account(**account),
        }
    )


def write_state(run: Path, states: tuple[ProcessState, ...]) -> None:
    """Write who we are and what every process does, so that a reader never sees half of it."""
    state = {"pid": os.getpid(), "processes": [dataclasses.asdict(state) for state in states]}
    partial = run / "state.partial"
    partial.write_text(json.dumps(state), encoding="utf-8")
    partial.rename(run / "state.json")


def read_state(run: Path) -> tuple[int, tuple[ProcessState, ...]] | None:
    """Return the supervisor's process id and what every process does; None: it does not run."""
    if not is_held(run / "lock"):
        return None
    try:
        state = json.loads((run / "state.json").read_text(encoding="utf-8"))
    except FileNotFoundError:  # it has only just begun
        return None
    return state["pid"], tuple(ProcessState(**process) for process in state["processes"])


def is_held(lock: Path) -> bool:
    """Whether some process holds ``lock``."""
    if not lock.exists():
        return False
    with lock.open() as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def _take(lock: int) -> bool:
    """Take the lock; a look at it by ``is_held`` keeps us waiting for a moment, a twin for ever."""
    deadline = time.monotonic() + _LOCK_PATIENCE_S
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                return False
            time.sleep(0.05)
        else:
            return True


if __name__ == "__main__":
    main(Path(sys.argv[1]))
