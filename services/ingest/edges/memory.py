"""What the C library does with memory that is no longer needed."""

import ctypes
from contextlib import suppress

_M_TRIM_THRESHOLD = -1
_M_MMAP_THRESHOLD = -3
_M_ARENA_MAX = -8
ARENAS = 2
LARGE_BLOCK_BYTES = 500_000


def keep_little_memory() -> None:
    """Let threads share two heaps, where the C library is glibc, and large blocks lie outside them.

    Each thread has a heap of its own otherwise and keeps what its largest page once took; and what
    counts as large grows with every large block.
    """
    with suppress(OSError, AttributeError):
        library = ctypes.CDLL(None)
        library.mallopt(_M_ARENA_MAX, ARENAS)
        library.mallopt(_M_MMAP_THRESHOLD, LARGE_BLOCK_BYTES)
        library.mallopt(_M_TRIM_THRESHOLD, LARGE_BLOCK_BYTES)


def give_back_memory() -> None:
    """Return to the system what is free inside the heaps, too."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
