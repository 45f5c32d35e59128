"""Documents as the lines of bulk requests, and batches as requests of a bounded size."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Literal

from pydantic_core import to_json

from services.index.core.document import Document


def operation(
    article_id: str,
    version: int,
    document: Document,
    version_type: Literal["external_gte", "external"] = "external_gte",
) -> bytes:
    """Return the two lines that write ``document``, unless a newer version is there already.

    ``external_gte`` lets the same fetch be written again, as redelivery does; with ``external``
    what is there of the same fetch stays.
    """
    action = {"_id": article_id, "version": version, "version_type": version_type}
    return b"%b\n%b\n" % (to_json({"index": action}), to_json(document))


def in_story(lines: bytes, article_id: str, story_id: str) -> bytes:
    """Return the operation on an article, which is a story of its own, as part of another."""
    own, other = (b'"story_id":%b' % to_json(one) for one in (article_id, story_id))
    return lines.replace(own, other)  # in a text the quotes would be escaped


def plan(articles: Sequence[str], operations: Sequence[bytes], max_bytes: int) -> list[list[int]]:
    """Return the requests in the order to be sent, each as the numbers of its operations.

    A request has at most ``max_bytes``, unless one operation alone is larger, and no article twice:
    then what is sent again can never come after, and undo, a later operation on the same article.
    """
    rounds: list[list[int]] = []
    seen: Counter[str] = Counter()
    for number, article_id in enumerate(articles):
        if seen[article_id] == len(rounds):
            rounds.append([])
        rounds[seen[article_id]].append(number)
        seen[article_id] += 1
    return [request for one in rounds for request in _split(one, operations, max_bytes)]


def _split(
    numbers: Sequence[int], operations: Sequence[bytes], max_bytes: int
) -> Iterator[list[int]]:
    request: list[int] = []
    size = 0
    for number in numbers:
        if request and size + len(operations[number]) > max_bytes:
            yield request
            request, size = [], 0
        request.append(number)
        size += len(operations[number])
    yield request
