"""How far the reader of each partition is behind: in records, and in seconds."""

import time
from collections import defaultdict
from collections.abc import Callable

from services.runtime.metrics import CONSUMER_LAG, CONSUMER_LAG_SECONDS

_MOST_ENDS = 1_000
"""Of a partition that is remembered. Beyond, every second is forgotten: the rest lie further apart,
and the seconds are as many too few at most."""

Partition = tuple[str, int]


class Lag:
    """What was seen of the ends of partitions. For one thread or event loop.

    Its seconds are the time since the oldest record that is left was seen to be there. What was
    there before this process began to look counts from then.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._ends: dict[Partition, list[tuple[int, float]]] = defaultdict(list)

    def show(self, topic: str, partition: int, end: int, settled: int) -> int:
        """Show, and return, how many records are left between ``settled`` and ``end``."""
        now, ends = self._clock(), self._ends[topic, partition]
        ends[:] = [seen for seen in ends if seen[0] > settled]
        if end > (ends[-1][0] if ends else settled):
            ends.append((end, now))
        if len(ends) > _MOST_ENDS:
            del ends[1::2]
        records = max(0, end - settled)
        CONSUMER_LAG.labels(topic, str(partition)).set(records)
        CONSUMER_LAG_SECONDS.labels(topic, str(partition)).set(now - ends[0][1] if ends else 0)
        return records

    def forget(self, topic: str, partition: int) -> None:
        """Show nothing any more of a partition: it is another's, or nobody's."""
        self._ends.pop((topic, partition), None)
        for gauge in (CONSUMER_LAG, CONSUMER_LAG_SECONDS):
            gauge.remove(topic, str(partition))
