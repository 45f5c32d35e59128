"""Elasticsearch as a counter: many small searches in few requests."""

from collections.abc import Iterator, Sequence

from elasticsearch import Elasticsearch

from services.alert.core.counting import Answer, Body

_SEARCHES = 50
"""In one request: more would only wait longer for the first answer, and take more memory."""


class CountError(Exception):
    """Elasticsearch cannot answer one of the searches; the message has its reason."""


class Counter:
    """Asks one index. Raises what elasticsearch raises if it cannot be reached."""

    def __init__(self, client: Elasticsearch, index: str) -> None:
        self._client = client
        self._index = index

    def ask(self, searches: Sequence[Body]) -> Iterator[Answer | CountError]:
        """Yield the answer to each of ``searches``, or why there is none."""
        for at in range(0, len(searches), _SEARCHES):
            yield from self._ask(searches[at : at + _SEARCHES])

    def _ask(self, searches: Sequence[Body]) -> Iterator[Answer | CountError]:
        lines = [line for search in searches for line in ({}, search)]
        for answer in self._client.msearch(searches=lines, index=self._index)["responses"]:
            if "error" in answer:
                yield CountError(str(answer["error"].get("reason", answer["error"])))
            elif answer["_shards"]["failed"]:
                yield CountError(str(answer["_shards"]["failures"][0]["reason"]))
            else:
                yield answer
