import os
import socket
from pathlib import Path

import pytest

from deploy.local.config import StackError
from deploy.local.ports import is_taken, listener, require_free
from tests.support import free_port


def test_a_taken_port_is_named_with_its_variable_and_its_process() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(StackError) as error:
            require_free({"RASID_STACK_KAFKA_PORT": port})
    message = str(error.value)
    assert f"Port {port} is taken" in message
    assert "RASID_STACK_KAFKA_PORT" in message
    if Path("/proc/net/tcp").exists():
        assert f"(process {os.getpid()})" in message


def test_a_listener_on_all_addresses_takes_the_port_too() -> None:
    with socket.create_server(("", 0)) as server:
        assert is_taken(server.getsockname()[1])


def test_a_free_port_is_free_and_nobodys() -> None:
    port = free_port()
    require_free({"RASID_STACK_KAFKA_PORT": port})
    assert listener(port) is None
