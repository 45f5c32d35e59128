"""The articles of a watch, read from Elasticsearch: when, which story, which source."""

from datetime import datetime

import numpy as np
from elasticsearch import Elasticsearch
from elasticsearch.helpers import scan

from services.alert.core.counting import Body, counted
from services.alert.core.sightings import Sightings
from services.contract.search_clauses import Clause

_IN_ONE_ANSWER = 10_000
_FIELDS: dict[str, dict[str, str]] = {
    "first_seen_at": {"format": "epoch_millis"},
    "story_id": {},
    "source.id": {},
}


class SightingsReader:
    """Reads one index, ten thousand articles in an answer. Raises what elasticsearch raises."""

    def __init__(self, client: Elasticsearch, index: str) -> None:
        self._client = client
        self._index = index

    def read(self, query: Clause, since: datetime, until: datetime) -> Sightings:
        """Return the articles of ``query`` that count, first seen from ``since`` to ``until``."""
        stories: dict[str, int] = {}
        sources: dict[str, int] = {}
        seen: list[tuple[int, int, int]] = []
        search = _search(counted(query, since, until))
        for hit in scan(self._client, search, index=self._index, size=_IN_ONE_ANSWER):
            (at_ms,), (story,), (source,) = (hit["fields"][name] for name in _FIELDS)
            numbered = stories.setdefault(story, len(stories))
            seen.append((int(at_ms), numbered, sources.setdefault(source, len(sources))))
        at_ms, story_numbers, source_numbers = np.array(seen, np.int64).reshape(len(seen), 3).T
        return Sightings(at_ms, story_numbers, source_numbers, tuple(sources))


def _search(articles: Clause) -> Body:
    fields = [{"field": name, **how} for name, how in _FIELDS.items()]
    return {"query": articles, "docvalue_fields": fields, "stored_fields": "_none_"}
