"""``rasid index migrate`` in a process that a crash ends where the test says: at a word it reports.

``python -m tests.migrating_process <word>``, optionally with the seconds to go on after that.
"""

import os
import signal
import sys
import threading
import time

from services.index.config import IndexSettings
from services.index.edges.elasticsearch import make_client
from services.index.migrate import Migration
from services.runtime.settings import load


def crash() -> None:
    os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(60)  # nothing more happens in this thread


def main(word: str, after_s: float = 0.0) -> None:
    def report(said: str) -> None:
        if word in said and after_s:
            threading.Timer(after_s, crash).start()
        elif word in said:
            crash()

    settings = load(IndexSettings, os.environ)
    with make_client(settings) as client:
        Migration(settings, client, report).run()


if __name__ == "__main__":
    main(sys.argv[1], *map(float, sys.argv[2:]))
