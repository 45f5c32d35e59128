"""The real Kafka and Elasticsearch for the tests, and a namespace of its own for each test."""

import os
import shutil
import uuid
from collections.abc import Iterator

import pytest

from deploy.demo.forget import forget_namespace
from deploy.local import stack as local_stack
from deploy.local.config import StackConfig
from services.runtime.settings import Settings, load
from tests.support import free_port

STACK_NAME = "test-run-"  # and the id of the process, so that runs do not touch each other's


@pytest.fixture(scope="session")
def stack() -> Iterator[StackConfig]:
    """A local stack with ports and data of its own, or the one that the environment names."""
    ports = {
        f"RASID_STACK_{name}_PORT": str(free_port())
        for name in ("KAFKA", "KAFKA_CONTROLLER", "ELASTICSEARCH")
    }
    name = f"{STACK_NAME}{os.getpid()}"
    config = StackConfig.from_environ({**os.environ, **ports, "RASID_STACK_NAME": name})
    remove_abandoned_stacks(config)
    local_stack.up(config)
    yield config
    remove(config)


def remove_abandoned_stacks(config: StackConfig) -> None:
    """Remove what test runs left that were killed: their process is gone."""
    for folder in config.folder.parent.glob(f"{STACK_NAME}*"):
        if not is_running(int(folder.name.removeprefix(STACK_NAME))):
            remove(config.model_copy(update={"name": folder.name}))


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def remove(config: StackConfig) -> None:
    """Stop a stack and delete its data."""
    local_stack.down(config)
    shutil.rmtree(config.folder, ignore_errors=True)


@pytest.fixture
def settings_environ(stack: StackConfig) -> Iterator[dict[str, str]]:
    """The environment of an installation of this test's own on the stack."""
    environ = {
        "RASID_KAFKA_BOOTSTRAP": stack.kafka_address,
        "RASID_ELASTICSEARCH_URL": stack.elasticsearch_address,
        "RASID_NAMESPACE": f"t-{uuid.uuid4().hex[:8]}",
    }
    yield environ
    forget_namespace(load(Settings, environ))


@pytest.fixture
def settings(settings_environ: dict[str, str]) -> Settings:
    """The shared settings of ``settings_environ``."""
    return load(Settings, settings_environ)
