"""A local stack for a while, and its servers in a bad moment: frozen, or killed."""

import os
import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager

from deploy.local import stack as local_stack
from deploy.local.config import StackConfig
from tests.support import stack_variables


@contextmanager
def own_stack(purpose: str, **variables: str) -> Iterator[StackConfig]:
    """Run a stack of this process's own, which is removed afterwards; some options may differ."""
    own = stack_variables(purpose) | variables
    config = StackConfig.from_environ({**os.environ, **own})
    local_stack.up(config)
    try:
        yield config
    finally:
        remove(config)


def remove(config: StackConfig) -> None:
    """Stop a stack and delete its data."""
    local_stack.down(config)
    shutil.rmtree(config.folder, ignore_errors=True)


def signal_server(stack: StackConfig, name: str, number: signal.Signals) -> None:
    """Send a signal to ``kafka`` or ``elasticsearch`` and all it started; it is started again."""
    servers = [server.process for server in local_stack.status(stack).servers]
    pid = next(process.pid for process in servers if process and process.name == name)
    assert pid is not None
    os.killpg(pid, number)


@contextmanager
def frozen(stack: StackConfig, name: str) -> Iterator[None]:
    """Stop a server for a while, as a machine without memory does: it does not answer."""
    signal_server(stack, name, signal.SIGSTOP)
    try:
        yield
    finally:
        signal_server(stack, name, signal.SIGCONT)
