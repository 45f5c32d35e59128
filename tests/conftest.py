"""The real Kafka and Elasticsearch for the tests, and a namespace of its own for each test."""

import os
import shutil
import uuid
from collections.abc import Iterator

import pytest

from deploy.local import stack as local_stack
from deploy.local.config import StackConfig
from deploy.local.namespace import forget_namespace
from services.runtime.settings import Settings, load
from tests.support import free_port


@pytest.fixture(scope="session")
def stack() -> Iterator[StackConfig]:
    """A local stack with ports and data of its own, or the one that the environment names."""
    ports = {
        f"RASID_STACK_{name}_PORT": str(free_port())
        for name in ("KAFKA", "KAFKA_CONTROLLER", "ELASTICSEARCH")
    }
    config = StackConfig.from_environ({**os.environ, **ports, "RASID_STACK_NAME": "test"})
    if config.uses_own_kafka or config.uses_own_elasticsearch:
        local_stack.down(config)  # left by a run that was killed
        shutil.rmtree(config.folder, ignore_errors=True)
    local_stack.up(config)
    yield config
    local_stack.down(config)


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
