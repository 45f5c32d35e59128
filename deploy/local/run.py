"""Runs everything on this machine: the stack, then the services, until told to stop."""

import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from deploy.local import stack
from deploy.local.config import StackConfig, StackError
from deploy.local.services import make_logs_folder, service_specs
from deploy.local.supervisor import Supervisor

READY_TIMEOUT_S = 60.0


@dataclass(frozen=True)
class Running:
    """A pipeline that runs: its supervisor, its environment, where it writes its logs."""

    supervisor: Supervisor
    environ: Mapping[str, str]
    logs: Path

    def failed(self) -> list[str]:
        """Return the names of the services that ended and will not be started again."""
        return [s.name for s in self.supervisor.states() if s.condition == "failed"]


@contextmanager
def local_stack(config: StackConfig, tell: Callable[[str], None]) -> Iterator[None]:
    """Have the stack up inside the block; stop it afterwards if it was not up before."""
    was_up = stack.status(config).answers
    stack.up(config, tell)
    try:
        yield
    finally:
        if not was_up:
            tell("stopping Kafka and Elasticsearch")
            stack.down(config)


@contextmanager
def services(config: StackConfig, environ: Mapping[str, str]) -> Iterator[Running]:
    """Run the services inside the block, ready when it begins.

    Raises StackError with the end of the log of the service that does not start.
    """
    logs = make_logs_folder(config)
    specs = service_specs(environ, logs)
    for spec in specs.values():
        if spec.log_file:
            spec.log_file.unlink(missing_ok=True)
    with Supervisor(tuple(specs.values())) as supervisor:
        running = Running(supervisor, environ, logs)
        if not supervisor.wait_until_ready(READY_TIMEOUT_S):
            raise StackError(_why_not_ready(running))
        yield running


def _why_not_ready(running: Running) -> str:
    names = running.failed() or [state.name for state in running.supervisor.states()]
    ends = {name: stack.tail(running.logs / f"{name}.log", 15) for name in names}
    return "\n".join(
        [f"Not ready within {READY_TIMEOUT_S:.0f} s."]
        + [f"--- {name} ---\n" + "\n".join(lines) for name, lines in ends.items()]
    )


def until_interrupted() -> None:
    """Wait for Ctrl-C or SIGTERM, which raise KeyboardInterrupt. Main thread only."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    while True:
        signal.pause()
