"""The real Kafka and Elasticsearch for the tests, and a namespace of its own for each test."""

import os
import signal
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import hypothesis
import pytest
import structlog
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from deploy.demo.forget import forget_namespace
from deploy.local import stack as local_stack
from deploy.local.config import StackConfig
from services.runtime.settings import Settings, load
from tests.local_site import LOCALHOST
from tests.servers import remove
from tests.support import stack_variables

# The same examples in every run, so that a change fails for what it changed; and no timed tests.
hypothesis.settings.register_profile("rasid", deadline=None, derandomize=True)
hypothesis.settings.load_profile("rasid")

# rich's pictures of exceptions take seconds on a busy machine: what waits for a server gives up.
structlog.configure(
    [
        structlog.processors.add_log_level,
        structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback),
    ]
)

# What a shell starts in the background is deaf to Ctrl-C, and so is all that it starts.
signal.signal(signal.SIGINT, signal.default_int_handler)

SERVER_FOLDERS = ("integration", "e2e", "chaos")
OWN_SERVERS = ("test_local_stack.py", "test_readme.py", "test_security.py")
LONGEST_FIRST = ("a-i", "j-z", "chaos", "e2e", *OWN_SERVERS, "test_fuzz.py")
"""What takes minutes, by the name of its file or folder: begun last, one worker would end alone."""


class ByServers(LoadScopeScheduling):
    """Each worker has a stack at most: a folder that needs one stays in one worker."""

    def _split_scope(self, nodeid: str) -> str:
        """Return what runs in one worker: a file, or a folder of tests that share servers."""
        return str(runs_together(Path(nodeid.split("::", 1)[0])))


def runs_together(file: Path) -> Path:
    if file.parent.name not in SERVER_FOLDERS or file.name in OWN_SERVERS:
        return file
    if file.parent.name == "integration":  # too long for one worker
        return file.parent / ("a-i" if file.name < "test_j" else "j-z")
    return file.parent


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByServers:
    config.option.loadscopereorder = False  # not by their number of tests, but as sorted below
    return ByServers(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: begins_at(runs_together(item.path).name))


def begins_at(name: str) -> int:
    return LONGEST_FIRST.index(name) if name in LONGEST_FIRST else len(LONGEST_FIRST)


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


@pytest.fixture
def settings_environ(stack: StackConfig) -> Iterator[dict[str, str]]:
    """The environment of an installation of this test's own on the stack."""
    with own_installation(stack) as environ:
        yield environ


@pytest.fixture(scope="module")
def module_settings(stack: StackConfig) -> Iterator[Settings]:
    """The settings of an installation of a file's own, for tests that only read what is there."""
    with own_installation(stack) as environ:
        yield load(Settings, environ)


@contextmanager
def own_installation(stack: StackConfig) -> Iterator[dict[str, str]]:
    """Give the environment of an installation that nobody else has; it is forgotten afterwards."""
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
