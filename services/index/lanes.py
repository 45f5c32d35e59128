"""Threads that write: each does one piece of work after another, several beside each other."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from queue import SimpleQueue
from typing import Any


class Lane:
    """Work in the order of its coming. Unlike an executor's, the thread never delays an exit."""

    def __init__(self, name: str) -> None:
        self._queue: SimpleQueue[tuple[Future[Any], Callable[[Any], Any], Any]] = SimpleQueue()
        threading.Thread(target=self._run, name=name, daemon=True).start()

    def begin(self, work: Callable[[Any], Any], on: Any) -> Future[Any]:
        """Return what will become of ``work(on)``."""
        future: Future[Any] = Future()
        self._queue.put((future, work, on))
        return future

    def _run(self) -> None:
        while True:
            future, work, on = self._queue.get()
            try:
                future.set_result(work(on))
            except BaseException as error:  # it is for whoever asks for the result
                future.set_exception(error)
