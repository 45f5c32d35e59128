"""How many items of one poll are published and recorded together.

The whole cursor is written twice for each batch. With batches of one size the first poll of a feed
of 5,000 items would write 200 cursors of up to 2 MB; so they grow with the cursor, and what is
written stays in proportion to what is read.
"""

from collections.abc import Sequence
from datetime import timedelta

from services.contract.articles import SourceState
from services.ingest.core.changes import Reading

SHARE = 0.25
"""What a batch is, at least, of what the cursor remembers; a kill repeats that much."""

MAX_ITEMS = 500
MAX_CHARS = 5_000_000
"""Of text that is kept in memory for one source."""

MAX_AGE = timedelta(minutes=1)
"""How long an article waits for others of its batch."""


def is_full(read: Sequence[object], state: SourceState, age: timedelta) -> bool:
    """Return whether what was ``read`` since ``age`` ago is published and recorded now."""
    if age >= MAX_AGE or len(read) >= min(SHARE * len(state.seen), MAX_ITEMS):
        return True
    return sum(len(one.article.text) for one in read if isinstance(one, Reading)) >= MAX_CHARS
