"""Cursors on disk: what is put there comes back, takes no memory, and leaves nothing behind."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from services.ingest.edges.shelf import Shelf

CURSOR_BYTES = 50_000


def cursor(number: int) -> bytes:
    return number.to_bytes(4, "big") * (CURSOR_BYTES // 4)


@contextmanager
def full_disk() -> Iterator[None]:
    """No file grows beyond 1 MB, which ends a write as a full disk does."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def largest_file_without_a_name() -> int:
    descriptors = [path for path in Path("/proc/self/fd").iterdir() if path.is_symlink()]
    return max(
        path.stat().st_size for path in descriptors if str(path.readlink()).endswith("(deleted)")
    )


def test_each_one_comes_back_whatever_is_put_or_dropped_beside_it() -> None:
    shelf = Shelf()
    kept = {number: shelf.put(cursor(number)) for number in range(100)}
    for number in range(0, 100, 2):
        kept[number] = shelf.put(cursor(1_000 + number))
    for number in range(0, 100, 10):
        del kept[number]
    assert all(
        bytes(one) == cursor(number if number % 2 else 1_000 + number)
        for number, one in kept.items()
    )


def test_the_place_of_what_nobody_has_any_more_is_used_again() -> None:
    shelf = Shelf()
    kept = [shelf.put(cursor(number)) for number in range(100)]
    first = largest_file_without_a_name()
    for number in range(1_000):
        kept[number % 100] = shelf.put(cursor(number))
    assert largest_file_without_a_name() < 1.2 * first
    assert bytes(kept[99]) == cursor(999)


def test_what_a_full_disk_does_not_take_stays_in_memory_and_the_rest_is_unharmed() -> None:
    shelf = Shelf()
    with full_disk():
        kept = [shelf.put(cursor(number)) for number in range(200)]
        in_memory = [one for one in kept if isinstance(one, bytes)]
        assert 0 < len(in_memory) < len(kept)
        assert [bytes(one) for one in kept] == [cursor(number) for number in range(200)]
    later = [shelf.put(cursor(number)) for number in range(200)]
    assert [bytes(one) for one in later] == [cursor(number) for number in range(200)]
    assert [bytes(one) for one in kept] == [cursor(number) for number in range(200)]
