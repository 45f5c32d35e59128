"""Documents read from an index: all of them in pages, or how many there are."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from elasticsearch import Elasticsearch

PAGE = 500  # documents, of some 6 kB
_KEEP_ALIVE = "5m"  # between two pages


class Stored(NamedTuple):
    """A document with its id and version."""

    article_id: str
    version: int
    document: dict[str, Any]


def refreshed_count(client: Elasticsearch, index: str) -> int:
    """Return the number of documents, of which those written by now can be found and read."""
    client.indices.refresh(index=index)
    return int(client.count(index=index)["count"])


def read_documents(
    client: Elasticsearch, index: str, fields: Sequence[str] | None = None, page: int = PAGE
) -> Iterator[list[Stored]]:
    """Yield pages of all documents as they are at the beginning, with all ``fields`` or some."""
    point = client.open_point_in_time(index=index, keep_alive=_KEEP_ALIVE)["id"]
    after: list[Any] | None = None
    try:
        while True:
            found = client.search(
                pit={"id": point, "keep_alive": _KEEP_ALIVE},
                size=page,
                sort=["_shard_doc"],
                search_after=after,
                source_includes=fields,
                version=True,
                track_total_hits=False,
            )
            hits, point = found["hits"]["hits"], found["pit_id"]
            if not hits:
                return
            after = hits[-1]["sort"]
            yield [Stored(hit["_id"], hit["_version"], hit["_source"]) for hit in hits]
    finally:
        client.options(ignore_status=404).close_point_in_time(id=point)
