"""Ten thousand strange listings and pages: each is read or refused, in bounded time and memory.

``python -m tests.fuzzing pages 17 18 /tmp/seed`` reads that of one seed again.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest

SEEDS = 5_000
MOST_CPU_S = 10
"""For one of them; the slowest takes a tenth."""

MOST_MB = 200
ENDS_WITHIN_S = 500
"""For all: many times what they take, but not for ever."""

MOSTLY = {"feeds": "items", "pages": "text of the page"}
"""What still comes of most: else they would be too strange to show anything."""


@pytest.mark.slow
@pytest.mark.timeout(ENDS_WITHIN_S + 60)
@pytest.mark.parametrize("kind", sorted(MOSTLY))
def test_nothing_that_a_site_can_send_breaks_holds_up_or_fills(kind: str, tmp_path: Path) -> None:
    seed = tmp_path / "seed"
    program = [sys.executable, "-m", "tests.fuzzing", kind, "0", str(SEEDS), str(seed)]
    try:
        ended = subprocess.run(
            program, capture_output=True, text=True, check=False, timeout=ENDS_WITHIN_S
        )
    except subprocess.TimeoutExpired:
        pytest.fail(f"{kind} {seed.read_text()} was being read after {ENDS_WITHIN_S} s")
    assert ended.returncode == 0, f"{kind} {seed.read_text()}: {ended.stderr[-3_000:]}"
    report = json.loads(ended.stdout)
    assert report["came"][MOSTLY[kind]] > SEEDS / 2, report
    assert report["slowest"][0] < MOST_CPU_S, f"{kind} {report['slowest'][1]}: {report}"
    assert report["most_mb"] < MOST_MB, report
