"""How often the cursor is written while much is read."""

from datetime import timedelta

from services.contract.articles import SourceState
from services.ingest.core.batches import MAX_AGE, MAX_CHARS, MAX_ITEMS, is_full
from services.ingest.pipeline import CHUNK
from tests.polls import EMPTY, due, item, poll, reading

AT_ONCE = timedelta()


def knowing(count: int) -> SourceState:
    """Return a cursor that remembers ``count`` items."""
    _, state = poll(EMPTY, [item(1)])
    return state.model_copy(update={"seen": {str(n): state.seen["g1"] for n in range(count)}})


def test_the_first_poll_of_five_thousand_items_takes_few_batches() -> None:
    sizes, read = [], 0
    while sum(sizes) < 5_000:
        read += CHUNK
        if is_full([None] * read, knowing(sum(sizes)), AT_ONCE):
            sizes.append(read)
            read = 0
    assert len(sizes) < 25
    assert sizes[0] == CHUNK
    assert max(sizes) <= MAX_ITEMS


def test_nothing_waits_long_for_its_batch() -> None:
    assert not is_full([None] * CHUNK, knowing(5_000), AT_ONCE)
    assert is_full([None] * CHUNK, knowing(5_000), MAX_AGE)


def test_long_texts_fill_a_batch() -> None:
    long = reading(due(item(1)), text="ط" * 200_000)
    enough = MAX_CHARS // 200_000
    assert not is_full([long] * (enough - 1), knowing(5_000), AT_ONCE)
    assert is_full([long] * enough, knowing(5_000), AT_ONCE)
