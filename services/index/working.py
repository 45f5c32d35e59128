"""A piece of work on a thread of its own that never keeps a process from ending."""

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

A = TypeVar("A")
T = TypeVar("T")


class Working(Generic[T]):
    """``work(on)`` in progress. A pool of concurrent.futures would be waited for at exit."""

    def __init__(self, work: Callable[[A], T], on: A) -> None:
        self._result: T
        self._error: BaseException | None = None
        self._thread = threading.Thread(
            target=self._run, args=(work, on), name="writer", daemon=True
        )
        self._thread.start()

    def is_done(self, wait_s: float = 0.0) -> bool:
        """Return whether the work is done, after waiting for it up to ``wait_s``."""
        self._thread.join(wait_s)
        return not self._thread.is_alive()

    def result(self) -> T:
        """Wait for the work and return what it returned, or raise what it raised."""
        self._thread.join()
        if self._error:
            raise self._error
        return self._result

    def _run(self, work: Callable[[A], T], on: A) -> None:
        try:
            self._result = work(on)
        except BaseException as error:  # it is the waiting thread's to deal with
            self._error = error
