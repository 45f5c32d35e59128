"""How fast an import goes: at its rate, and never ahead of the services that read the stream."""

import time
from collections.abc import Callable

MAX_WAITING = 50
"""Messages that may wait for a service; what it has done it says twice a second."""

LOOK_EVERY_S = 0.25


class Tempo:
    """Lets ``rate`` articles a second pass, while ``waiting`` are few. ``clock`` is in seconds."""

    def __init__(
        self,
        rate: float,
        waiting: Callable[[], int],
        clock: Callable[[], float] = time.monotonic,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._rate = rate
        self._waiting = waiting
        self._clock = clock
        self._pause = pause
        self._next_at = clock()
        self._looked_at = float("-inf")

    def wait(self, articles: int) -> None:
        """Return when so many ``articles`` may go out."""
        self._pause(max(0.0, self._next_at - self._clock()))
        if self._clock() - self._looked_at >= LOOK_EVERY_S:
            while self._waiting() > MAX_WAITING:
                self._pause(LOOK_EVERY_S)
            self._looked_at = self._clock()
        # From now on: what a wait has cost is not made up for by going faster.
        self._next_at = self._clock() + articles / self._rate
