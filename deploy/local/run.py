"""Runs everything on this machine: the stack, then the services, until told to stop."""

import signal
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from deploy.local import stack
from deploy.local.config import StackConfig, StackError
from deploy.local.services import make_logs_folder, service_specs
from deploy.local.supervisor import Supervisor

READY_TIMEOUT_S = 180.0
CHECK_S = 1.0


@dataclass(frozen=True)
class Running:
    """A pipeline that runs: its supervisor, its environment, where it writes its logs."""

    supervisor: Supervisor
    environ: Mapping[str, str]
    logs: Path

    def check(self) -> None:
        """Raise StackError, with the end of its log, if a service ended for good."""
        failed = [s.name for s in self.supervisor.states() if s.condition == "failed"]
        if failed:
            raise StackError(self._with_logs("A service cannot go on.", failed))

    def wait_until_ready(self) -> None:
        """Return when all services are ready; raises StackError if that does not happen."""
        if not self.supervisor.wait_until_ready(READY_TIMEOUT_S):
            self.check()
            names = [state.name for state in self.supervisor.states()]
            raise StackError(self._with_logs(f"Not ready within {READY_TIMEOUT_S:.0f} s.", names))

    def until_interrupted(self) -> None:
        """Wait for Ctrl-C or SIGTERM, which raise KeyboardInterrupt. Main thread only.

        Raises StackError if a service ends for good.
        """
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        while True:
            self.check()
            time.sleep(CHECK_S)

    def _with_logs(self, message: str, names: list[str]) -> str:
        ends = {name: stack.tail(self.logs / f"{name}.log", 15) for name in names}
        return "\n".join(
            [message, *(f"--- {name} ---\n" + "\n".join(lines) for name, lines in ends.items())]
        )


@contextmanager
def local_stack(config: StackConfig, tell: Callable[[str], None]) -> Iterator[None]:
    """Have the stack up inside the block; stop it afterwards if it was not up before."""
    was_up = stack.status(config).supervisor_pid is not None
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

    Raises StackError if a port is taken, or with the log of the service that does not start.
    """
    logs = make_logs_folder(config)
    specs = service_specs(config, environ, logs)
    for spec in specs.values():
        if spec.log_file:
            spec.log_file.unlink(missing_ok=True)
    with Supervisor(tuple(specs.values())) as supervisor:
        running = Running(supervisor, environ, logs)
        running.wait_until_ready()
        yield running
