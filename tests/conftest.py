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
from tests.local_site import LOCALHOST
from tests.support import stack_variables

SERVER_TESTS = ("integration", "e2e", "chaos")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """With several workers (-n), let one run all that shares the stack, others the rest."""
    for item in items:
        if item.path.parent.name in SERVER_TESTS:
            group = "shared" if "stack" in getattr(item, "fixturenames", ()) else "others"
            item.add_marker(pytest.mark.xdist_group(group))


@pytest.fixture(scope="session")
def stack() -> Iterator[StackConfig]:
    """A local stack with ports and data of its own, or the one that the environment names."""
    config = StackConfig.from_environ({**os.environ, **stack_variables("run")})
    remove_abandoned_stacks(config)
    local_stack.up(config)
    yield config
    remove(config)


def remove_abandoned_stacks(config: StackConfig) -> None:
    """Remove what test runs left that were killed: their process is gone."""
    for folder in config.folder.parent.glob("test-*-*"):
        pid = folder.name.rpartition("-")[2]
        if pid.isdigit() and not is_running(int(pid)):
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
        "RASID_INGEST_ALLOW_ADDRESSES": LOCALHOST,
        "RASID_INGEST_HOST_GAP_S": "0",
    }
    yield environ
    forget_namespace(load(Settings, environ))


@pytest.fixture
def settings(settings_environ: dict[str, str]) -> Settings:
    """The shared settings of ``settings_environ``."""
    return load(Settings, settings_environ)
