"""What processor time others use, which says more than the clock where others work as well."""

import os
from collections.abc import Collection
from pathlib import Path

from deploy.local import stack as local_stack
from deploy.local.config import StackConfig

_TICKS_PER_S = os.sysconf("SC_CLK_TCK")


def servers(stack: StackConfig) -> list[int]:
    """Return the process groups of the stack's own Kafka and Elasticsearch."""
    states = [server.process for server in local_stack.status(stack).servers]
    return [state.pid for state in states if state and state.pid]


def processor_s(groups: Collection[int]) -> float:
    """Return the seconds that the processes of ``groups`` have used by now (Linux only)."""
    return sum(seconds for group, seconds in _processes() if group in groups)


def _processes() -> list[tuple[int, float]]:
    """Return the group and the seconds of every process."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            stat = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:  # it ended meanwhile
            continue
        found.append((int(stat[2]), (int(stat[11]) + int(stat[12])) / _TICKS_PER_S))
    return found
