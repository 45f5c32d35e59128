"""`make demo EXIT=1` is the project's own acceptance test: it must say so itself."""

import os
import subprocess
from pathlib import Path

from deploy.local.config import StackConfig
from deploy.local.services import SERVICES, service_environ
from tests.support import free_port

ROOT = Path(__file__).parents[2]


def run_demo(stack: StackConfig, **variables: str) -> subprocess.CompletedProcess[str]:
    own = {name: value for name, value in os.environ.items() if not name.startswith("RASID_")}
    ports = {f"RASID_{name.upper()}_HTTP_PORT": str(free_port()) for name in SERVICES}
    return subprocess.run(
        ["make", "demo", "EXIT=1"],
        cwd=ROOT,
        env=service_environ(stack, own, **ports, **variables),
        capture_output=True,
        text=True,
        timeout=540,
        check=False,
    )


def test_the_demo_finds_every_article_in_its_newest_revision(stack: StackConfig) -> None:
    done = run_demo(stack)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "48 of 48 articles searchable" in done.stdout
    for language in ("ar", "en", "fr", "it", "tr"):
        assert f"│ {language} │" in done.stdout


def test_the_demo_names_a_wrong_variable_and_fails(stack: StackConfig) -> None:
    done = run_demo(stack, RASID_INGEST_CONCURENCY="3")
    assert done.returncode != 0
    assert "did you mean RASID_INGEST_CONCURRENCY" in done.stderr
