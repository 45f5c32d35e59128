"""The servers of a local stack in a bad moment: frozen, or killed. Their supervisor starts them."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager

from deploy.local import stack as local_stack
from deploy.local.config import StackConfig


def signal_server(stack: StackConfig, name: str, number: signal.Signals) -> None:
    """Send a signal to ``kafka`` or ``elasticsearch`` and all that it started."""
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
