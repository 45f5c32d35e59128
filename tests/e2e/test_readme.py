"""Every command that the README shows, run as a newcomer would, on a stack of the test's own."""

import os
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from deploy.local import stack as local_stack
from deploy.local.config import StackConfig
from deploy.local.services import SERVICES
from services.contract.topics import ENRICHED
from services.runtime.kafka import make_producer
from services.runtime.settings import Settings, load
from tests.support import eventually, free_port, raw_article, stack_variables

ROOT = Path(__file__).parents[2]
NEEDS_DOCKER = "docker compose "  # its file has tests of its own
DEVELOP = "make check\nmake test\nmake help\n"  # `make test` is what runs this very test


def scripts() -> dict[str, str]:
    """Return the README's shell blocks, each under the first word that tells what it is about."""
    shown = re.findall(r"```sh\n(.*?)```", (ROOT / "README.md").read_text(), re.S)
    blocks = [block for block in shown if not block.startswith(NEEDS_DOCKER)]
    topics = (
        "make demo",
        "search",
        "watches",
        "make run",
        "stack",
        "import",
        "annotate",
        "dead-letters",
        "index",
        "rasid status",
    )
    named = {topic: block for block in blocks for topic in topics if topic in block}
    assert sorted([*named.values(), DEVELOP]) == sorted(blocks)
    return named


@pytest.fixture
def newcomer(tmp_path: Path) -> Iterator[dict[str, str]]:
    """The environment of somebody whose machine has no Rasid yet: own stack, own home."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("RASID_")}
    home = {"RASID_HOME": str(load(Settings, os.environ).home)}  # the servers are fetched once
    ports = {f"RASID_{name.upper()}_HTTP_PORT": str(free_port()) for name in SERVICES}
    environ = {**own, **home, **ports, **stack_variables("readme"), "HOME": str(tmp_path)}
    yield environ
    config = StackConfig.from_environ(environ)
    local_stack.down(config)
    shutil.rmtree(config.folder)


def shell(script: str, environ: Mapping[str, str]) -> str:
    """Run ``script`` and return what it printed; every command of it must succeed."""
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=ROOT,
        env=environ,
        capture_output=True,
        text=True,
        timeout=540,
        check=False,
    )
    assert done.returncode == 0, f"{script}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@contextmanager
def running(script: str, environ: Mapping[str, str], log: Path) -> Iterator[None]:
    """Run ``script`` inside the block: from when it says how to stop it, until Ctrl-C."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            ["bash", "-c", script],
            cwd=ROOT,
            env=environ,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )

    def is_up() -> bool:
        text = log.read_text(errors="replace")
        assert process.poll() is None, f"{script} ended with {process.returncode}:\n{text}"
        return "Ctrl-C" in text

    try:
        eventually(is_up, 540, what=f"{script} is up")
        yield
    finally:
        os.killpg(process.pid, signal.SIGINT)
        process.wait(180)


@pytest.mark.timeout(1_200)
def test_every_command_of_the_readme_works(newcomer: dict[str, str], tmp_path: Path) -> None:
    script = scripts()
    config = StackConfig.from_environ(newcomer)
    elsewhere = {
        "RASID_KAFKA_BOOTSTRAP": config.kafka_address,
        "RASID_ELASTICSEARCH_URL": config.elasticsearch_address,
    }
    texts = tmp_path / "texts"
    texts.mkdir()
    (texts / "a.txt").write_text("خبر من طبرق\nافتتحت المدرسة أبوابها أمس.\n")
    (tmp_path / "articles.jsonl").write_text(raw_article(1).model_dump_json() + "\n")

    with running(script["make demo"], newcomer, tmp_path / "demo.log"):
        found = shell(script["search"], newcomer | elsewhere)
    assert "حفتر" in found
    assert "الانتخابات" in found

    local_stack.up(config)  # `make run` finds one that is up and leaves it, to save a start
    with running(script["make run"], newcomer, tmp_path / "run.log"):
        shell(script["import"], newcomer | elsewhere)
        watched = shell(script["watches"], newcomer | elsewhere)
        poison(load(Settings, elsewhere))
        eventually(
            lambda: "index:0" in shell(".venv/bin/rasid dead-letters list", newcomer | elsewhere)
        )
        letters = shell(script["dead-letters"], newcomer | elsewhere)
        shell(script["index"], newcomer | elsewhere)
        status = shell(script["rasid status"], newcomer | elsewhere)
    assert "not-json" in letters
    assert "خبر من طبرق" in status
    assert "No alerts." in watched
    assert "enough for an alert" in watched
    assert "a month" in watched

    assert "place:benghazi" in shell(script["annotate"], newcomer)
    assert "Elasticsearch" in shell(script["stack"], newcomer)
    shell("make --dry-run check test", newcomer)
    assert "make the Python environment" in shell("make help", newcomer)


def poison(settings: Settings) -> None:
    """Put something on the topic of index that it cannot use."""
    producer = make_producer(settings)
    producer.send(ENRICHED.name, value=b"garbage").get(timeout=30)
    producer.close()
