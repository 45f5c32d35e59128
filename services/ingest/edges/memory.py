"""What the C library does with memory that is no longer needed."""

import ctypes
from contextlib import suppress

_M_ARENA_MAX = -8
ARENAS = 2


def keep_little_memory() -> None:
    """Let threads share two heaps, where the C library is glibc.

    Each thread has one of its own otherwise, and each keeps what its largest page once took.
    """
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, ARENAS)
