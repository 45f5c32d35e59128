"""Articles of the index that share a paragraph or a band with others: one search for a batch."""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from typing import Any

import structlog
from elasticsearch import ApiError, Elasticsearch, TransportError

from services.index.core.stories import Signed

_TERMS = 60_000  # Elasticsearch takes 65,536 in a clause
_MOST = 5_000
_FIELDS = ["signature", "story_id", "first_seen_at"]

log = structlog.get_logger()


def find_signed(
    client: Elasticsearch,
    indices: list[str],
    paragraphs: frozenset[str],
    bands: frozenset[str],
    seen: tuple[datetime, datetime],
) -> list[Signed]:
    """Return articles that share any of these and were first seen in that time; never raises.

    If Elasticsearch does not answer, there are none: an article is not kept back for its story.
    """
    found: list[Signed] = []
    clauses = [("signature.paragraphs", paragraphs), ("signature.bands", bands)]
    # It comes first: in segments without such articles no key is looked for.
    then = {"range": {"first_seen_at": {"gte": seen[0].isoformat(), "lte": seen[1].isoformat()}}}
    try:
        for field, keys in clauses:
            for terms in _portions(keys):
                found += _search(client, indices, [then, {"terms": {field: terms}}])
    except (ApiError, TransportError) as error:
        log.warning("copies cannot be looked for", error=str(error))
    return found


def _search(
    client: Elasticsearch, indices: list[str], conditions: list[dict[str, Any]]
) -> Iterator[Signed]:
    answer = client.search(
        index=indices,
        ignore_unavailable=True,
        query={"bool": {"filter": conditions}},
        size=_MOST,
        sort=["_doc"],
        source_includes=_FIELDS,
        track_total_hits=False,
    )
    for hit in answer["hits"]["hits"]:
        stored = hit["_source"]
        signature = stored.get("signature") or {}
        yield Signed(
            hit["_id"],
            datetime.fromisoformat(stored["first_seen_at"]).astimezone(UTC),
            frozenset(signature.get("paragraphs", ())),
            frozenset(signature.get("bands", ())),
            stored.get("story_id"),
        )


def _portions(keys: frozenset[str]) -> Iterator[list[str]]:
    left = iter(sorted(keys))
    while portion := list(islice(left, _TERMS)):
        yield portion
