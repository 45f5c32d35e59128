"""Where packed cursors lie between polls: on disk, in a file without a name.

Most of what a cursor remembers are digests, which no packing makes smaller: that of a busy source
has 50 kB, and an instance may have 5,000 sources. Kafka has them all, so the file need not outlast
the process, and it is gone with it.
"""

import os
import tempfile
import threading
from collections import defaultdict
from typing import SupportsBytes

import structlog

SMALLEST_PLACE_BYTES = 4_096

log = structlog.get_logger()


class Shelf:
    """Keeps bytes on disk for as long as somebody has what ``put`` returned. For any thread.

    Places double in size from one kind to the next, so that what somebody leaves fits others. (An
    SQLite file was tried: when the disk is full it does not even give back what it has.)
    """

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115 - open to the end
        self._end = 0
        self._growing = threading.Lock()
        self.free: defaultdict[int, list[int]] = defaultdict(list)  # starts by size

    def put(self, packed: bytes) -> SupportsBytes:
        """Return what gives ``packed`` back; on a full disk that is ``packed`` itself."""
        place = _Place(self, *self._find(len(packed)), len(packed))
        try:
            written = os.pwrite(self._file.fileno(), packed, place.start)
        except OSError as error:
            log.warning("cursor kept in memory", error=str(error))
            return packed
        return place if written == len(packed) else packed

    def take(self, start: int, length: int) -> bytes:
        """Return what lies there."""
        return os.pread(self._file.fileno(), length, start)

    def _find(self, length: int) -> tuple[int, int]:
        """Return where ``length`` bytes find a place, and its size."""
        size = max(SMALLEST_PLACE_BYTES, 1 << (length - 1).bit_length())
        try:
            return self.free[size].pop(), size
        except IndexError:
            with self._growing:
                start, self._end = self._end, self._end + size
            return start, size


class _Place:
    """Bytes on the shelf. Collected, it makes room: at any moment, so without a lock."""

    __slots__ = ("_length", "_shelf", "_size", "start")

    def __init__(self, shelf: Shelf, start: int, size: int, length: int) -> None:
        self._shelf = shelf
        self.start = start
        self._size = size
        self._length = length

    def __bytes__(self) -> bytes:
        return self._shelf.take(self.start, self._length)

    def __del__(self) -> None:
        self._shelf.free[self._size].append(self.start)
