import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from deploy.local.supervisor import (
    BAD_CONFIGURATION,
    FIRST_DELAY_S,
    LAST_DELAY_S,
    ProcessSpec,
    ProcessState,
    Supervisor,
    bound_log,
    delay_before_restart,
)
from tests.support import eventually

FOREVER = "import signal; signal.pause()"
# Says that it is up, then that it was asked to stop, by lines in the file it is given.
POLITE = """
import os, signal, sys
def say(word):
    with open(sys.argv[2], "a") as file: file.write(f"{sys.argv[1]} {word}\\n")
def leave(*_):
    say("stopped")
    os._exit(0)
signal.signal(signal.SIGTERM, leave)
say("up")
while True: signal.pause()
"""


def spec(code: str, name: str = "child", *arguments: str, **fields: object) -> ProcessSpec:
    argv = (sys.executable, "-c", code, *arguments)
    defaults = {"env": dict(os.environ), "cwd": Path.cwd(), "stop_timeout_s": 5.0}
    return ProcessSpec(name=name, argv=argv, **(defaults | fields))  # type: ignore[arg-type]


@contextmanager
def running(*specs: ProcessSpec) -> Iterator[Supervisor]:
    with Supervisor(specs) as supervisor:
        yield supervisor


def pid_of(supervisor: Supervisor, restarts: int = 0) -> int:
    def pid() -> int | None:
        state = supervisor.states()[0]
        return state.pid if state.condition == "running" and state.restarts == restarts else None

    return eventually(pid)


def is_alive(pid: int) -> bool:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


def test_a_process_that_is_killed_is_restarted() -> None:
    with running(spec(FOREVER)) as supervisor:
        first = pid_of(supervisor)
        os.killpg(first, signal.SIGKILL)
        second = pid_of(supervisor, restarts=1)
        assert second != first
        assert supervisor.states()[0].exit_code == -signal.SIGKILL
    assert supervisor.states() == (
        ProcessState("child", "stopped", None, 1, -9, supervisor.states()[0].started_at),
    )


def test_all_are_stopped_in_reverse_order(tmp_path: Path) -> None:
    diary = tmp_path / "diary"
    specs = [spec(POLITE, name, name, str(diary)) for name in ("first", "second", "third")]
    with running(*specs):
        eventually(lambda: diary.exists() and len(diary.read_text().splitlines()) == 3)
    stops = [line for line in diary.read_text().splitlines() if line.endswith("stopped")]
    assert stops == ["third stopped", "second stopped", "first stopped"]


def test_a_process_that_ignores_being_asked_is_killed_after_its_deadline(tmp_path: Path) -> None:
    up = tmp_path / "up"
    code = (
        "import signal, sys; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "open(sys.argv[1], 'w').close()\nwhile True: signal.pause()"
    )
    with running(spec(code, "stubborn", str(up), stop_timeout_s=0.3)) as supervisor:
        pid = pid_of(supervisor)
        eventually(up.exists)
        began = time.monotonic()
    assert 0.3 <= time.monotonic() - began < 3
    assert not is_alive(pid)


def test_what_a_dead_process_left_behind_is_killed(tmp_path: Path) -> None:
    grandchild = tmp_path / "grandchild"
    code = (
        "import subprocess, sys\n"
        "left = subprocess.Popen([sys.executable, '-c', 'import signal; signal.pause()'])\n"
        "open(sys.argv[1], 'w').write(str(left.pid) + ' ')\n"
        "sys.exit(3)"
    )
    with running(spec(code, "careless", str(grandchild))) as supervisor:
        eventually(lambda: supervisor.states()[0].exit_code == 3)
        pid = int(grandchild.read_text())
        eventually(lambda: not is_alive(pid))


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a child with its parent")
def test_a_supervisor_that_is_killed_leaves_no_orphans(tmp_path: Path) -> None:
    code = """
import os, signal, sys
from pathlib import Path
from deploy.local.supervisor import ProcessSpec, Supervisor
argv = (sys.executable, "-c", "import signal; signal.pause()")
def write(states):
    if states[0].pid: Path(sys.argv[1]).write_text(str(states[0].pid) + " ")
spec = ProcessSpec("child", argv, dict(os.environ), Path.cwd())
Supervisor([spec], write).run_until_signal()
"""
    file = tmp_path / "pid"
    supervisor = subprocess.Popen([sys.executable, "-c", code, str(file)])
    pid = eventually(lambda: file.exists() and int(file.read_text() or 0))
    eventually(lambda: b"signal.pause" in Path(f"/proc/{pid}/cmdline").read_bytes())
    supervisor.kill()
    supervisor.wait(5)
    eventually(lambda: not is_alive(pid), timeout_s=5)


@pytest.mark.slow
def test_asked_to_stop_by_a_signal_it_stops_all_and_ends_well(tmp_path: Path) -> None:
    code = """
import os, sys
from pathlib import Path
from deploy.local.supervisor import ProcessSpec, Supervisor
spec = ProcessSpec("child", tuple(sys.argv[1:]), dict(os.environ), Path.cwd())
Supervisor([spec]).run_until_signal()
"""
    diary = tmp_path / "diary"
    child = (sys.executable, "-c", POLITE, "child", str(diary))
    supervisor = subprocess.Popen([sys.executable, "-c", code, *child])
    eventually(diary.exists)
    supervisor.terminate()
    assert supervisor.wait(10) == 0
    assert diary.read_text() == "child up\nchild stopped\n"


def test_a_bad_configuration_is_not_tried_again() -> None:
    failing = spec(f"import sys; sys.exit({BAD_CONFIGURATION})")
    with running(failing) as supervisor:
        eventually(lambda: supervisor.states()[0].condition == "failed")
        assert not supervisor.wait_until_ready(timeout_s=5)
        assert supervisor.states()[0].restarts == 0


def test_a_program_that_is_not_there_is_tried_again_and_can_be_stopped() -> None:
    missing = spec("", cwd=Path("/nowhere"))
    with running(missing) as supervisor:
        eventually(lambda: supervisor.states()[0].condition == "waiting")
    assert supervisor.states()[0].condition == "stopped"


def test_news_that_cannot_be_written_keep_nothing_from_running() -> None:
    def full_disk(_: object) -> None:
        raise OSError("No space left on device")

    with Supervisor([spec(FOREVER)], full_disk) as supervisor:
        os.killpg(pid_of(supervisor), signal.SIGKILL)
        assert pid_of(supervisor, restarts=1)


def test_ready_means_that_every_process_says_so(tmp_path: Path) -> None:
    asked: list[bool] = []

    def is_ready() -> bool:
        asked.append(True)
        return len(asked) > 2

    with running(spec(FOREVER), spec(FOREVER, "slow", is_ready=is_ready)) as supervisor:
        assert supervisor.wait_until_ready(timeout_s=10, every_s=0.01)
        assert len(asked) == 3


def test_ready_is_waited_for_no_longer_than_asked() -> None:
    with running(spec(FOREVER, is_ready=lambda: False)) as supervisor:
        assert not supervisor.wait_until_ready(timeout_s=0.1, every_s=0.01)


def test_output_goes_to_the_log_of_the_process(tmp_path: Path) -> None:
    log = tmp_path / "child.log"
    code = "import sys; print('out', flush=True); print('err', file=sys.stderr, flush=True); "
    with running(spec(code + FOREVER, log_file=log)):
        eventually(lambda: log.exists() and log.read_text() == "out\nerr\n")


def test_a_log_over_its_limit_starts_afresh_while_its_writer_goes_on(tmp_path: Path) -> None:
    log = tmp_path / "child.log"
    with log.open("ab", buffering=0) as writer:
        writer.write(b"old" * 100)
        bound_log(log, limit_bytes=1000)
        assert log.read_bytes() == b"old" * 100
        bound_log(log, limit_bytes=100)
        writer.write(b"new")
    assert log.read_bytes() == b"new"
    assert (tmp_path / "child.log.1").read_bytes() == b"old" * 100


def test_the_delay_doubles_to_a_limit_and_begins_anew_after_a_steady_run() -> None:
    delays = [0.0]
    while len(delays) < 8:
        delays.append(delay_before_restart(delays[-1], ran_s=0.5))
    assert delays[1:] == [FIRST_DELAY_S, 2, 4, 8, 16, LAST_DELAY_S, LAST_DELAY_S]
    assert delay_before_restart(LAST_DELAY_S, ran_s=61) == FIRST_DELAY_S
