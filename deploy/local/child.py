"""Becomes a supervised program: gives up root, and makes sure to die with the supervisor.

    python child.py SUPERVISOR_PID UID GID PROGRAM ARGUMENT...      (UID -1: stay who we are)

A step of its own because a process of several threads cannot safely run Python between fork and
exec. It imports nothing of the project, so that it starts in milliseconds.
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1  # linux/prctl.h


def main(supervisor_pid: int, uid: int, gid: int, program: list[str]) -> None:
    """Replace this process by ``program``."""
    if uid >= 0:
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    if sys.platform == "linux":
        # After setuid, which clears it. Else a killed supervisor would leave servers behind.
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != supervisor_pid:
            os._exit(1)
    os.execvp(program[0], program)  # noqa: S606 - no shell is wanted


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4:])
