"""Documents as the lines of bulk requests, and batches as requests of a bounded size."""

from collections.abc import Iterator, Sequence

from pydantic_core import to_json

from services.index.core.document import Document


def operation(article_id: str, version: int, document: Document) -> bytes:
    """Return the two lines that write ``document``, unless a newer version is there already.

    ``external_gte`` lets the same fetch be written again, as redelivery does.
    """
    action = {"_id": article_id, "version": version, "version_type": "external_gte"}
    return b"%b\n%b\n" % (to_json({"index": action}), to_json(document))


def split_by_bytes(operations: Sequence[bytes], max_bytes: int) -> Iterator[range]:
    """Yield the requests: ranges of ``operations`` of at most ``max_bytes``, at least one each."""
    start = size = 0
    for number, lines in enumerate(operations):
        if number > start and size + len(lines) > max_bytes:
            yield range(start, number)
            start, size = number, 0
        size += len(lines)
    if start < len(operations):
        yield range(start, len(operations))
