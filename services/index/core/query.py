"""The requests of a search: its articles, the best of each story, facets, other spellings.

What articles have to match is in matching.py.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.contract.search_clauses import Ids
from services.contract.search_language import InvalidSearchError, Part
from services.index.core.matching import Query, count_parts, has_words, matching

MAX_PARTS = 40
"""Words and conditions, each of which Elasticsearch looks for in a dozen fields."""

MARK_START, MARK_END = "\ue000", "\ue001"
"""Around what matched in a snippet: private-use characters, which no article contains."""

COUNTED = 1_000
"""Articles are counted so far; of more, Elasticsearch looks only at what may be the best."""

_NEWEST = {"published_at": {"order": "desc", "missing": "_last"}}
_SNIPPET_CHARS = 160
_DAYS_SHOWN = 20
_FACET_SIZE = 10
_SOURCE_FIELDS = [
    "canonical_url",
    "source",
    "title",
    "language.tag",
    "published_at",
    "first_seen_at",
    "story_id",
]


@dataclass(frozen=True, slots=True)
class Search:
    """What is asked for, and when: that is what the age of an article counts from."""

    part: Part
    ids: Ids
    asked_at: datetime

    @property
    def ranked(self) -> bool:
        """Whether there is something to be relevant to; if not, the newest come first."""
        return has_words(self.part)


def build_query(search: Search) -> Query:
    """Return the query and the order of ``search``. Raises InvalidSearchError."""
    if count_parts(search.part) > MAX_PARTS:
        raise InvalidSearchError(f"A search has at most {MAX_PARTS} words and conditions.")
    wanted = matching(search.part, search.ids)
    return {
        "query": _mildly_fresh(wanted, search.asked_at) if search.ranked else wanted,
        "sort": [*(["_score"] if search.ranked else []), _NEWEST],
    }


def build_page(query: Query, size: int, after: list[Any] | None) -> Query:
    """Return the request of ``size`` articles of ``query``, the first or those behind ``after``."""
    return {
        **query,
        **({"search_after": after} if after else {}),
        "size": size,
        "track_total_hits": COUNTED,
        "_source": _SOURCE_FIELDS,
        "highlight": _highlight(),
    }


def build_best_copies(query: Query, stories: Collection[str], *, count_all: bool) -> Query:
    """Return the request of the best article of each of ``stories``, and of who has copies.

    With ``count_all`` it asks how many stories there are besides, which takes every article.
    """
    shown = {"terms": {"story_id": list(stories)}}
    asked = query | {
        "size": len(stories),
        "_source": False,
        "track_total_hits": False,
        "collapse": {"field": "story_id"},
    }
    if count_all:
        whole = {"stories": {"cardinality": {"field": "story_id"}}}
        return asked | {"post_filter": shown, "aggs": _copies(stories, shown) | whole}
    among = {"bool": {"must": query["query"], "filter": shown}}
    return asked | {"query": among, "aggs": _copies(stories, shown)}


def _copies(stories: Collection[str], shown: Query) -> Query:
    def count(field: str, size: int, **inner: Query) -> Query:
        # By «map»: the few values as they are, not by the numbers of all values of the index.
        return {"terms": {"field": field, "size": size, "execution_hint": "map"}, **inner}

    sources = {"sources": count("source.name", _FACET_SIZE)}
    by_story = count("story_id", len(stories), aggs=sources)
    return {"copies": {"filter": shown, "aggs": {"by_story": by_story}}}


def build_facets(query: Query) -> Query:
    """Return the request of what the articles of ``query`` are: from whom, about what, of when."""
    terms = {"sources": "source.name", "languages": "language.tag", "entities": "entities.name"}
    days = {"field": "published_at", "buckets": _DAYS_SHOWN, "minimum_interval": "day"}
    return {
        "query": query["query"],
        "size": 0,
        "track_total_hits": False,
        "aggs": {
            **{name: {"terms": {"field": f, "size": _FACET_SIZE}} for name, f in terms.items()},
            "days": {"auto_date_histogram": {**days, "format": "yyyy-MM-dd"}},
        },
    }


def build_spelling(words: Collection[str]) -> Query:
    """Return the request of words of the index that are almost written as ``words`` are."""
    options = {"field": "text.exact", "suggest_mode": "missing", "prefix_length": 1, "size": 1}
    return {
        "size": 0,
        "suggest": {
            str(number): {"text": word, "term": {**options, "sort": "score"}}
            for number, word in enumerate(words)
        },
    }


def _mildly_fresh(query: Query, asked_at: datetime) -> Query:
    """A little more for an article of today, half of that after a month, nothing for undated.

    It is added: a factor would hide from Elasticsearch which articles cannot be among the best.
    """
    fresh = {"field": "published_at", "origin": asked_at.isoformat(), "pivot": "30d"}
    return {"bool": {"must": query, "should": {"distance_feature": {**fresh, "boost": 0.5}}}}


def _highlight() -> Query:
    return {
        "pre_tags": [MARK_START],
        "post_tags": [MARK_END],
        "order": "score",
        "fields": {
            "title": {
                "number_of_fragments": 0,
                "matched_fields": ["title", "title.exact", "title.stem"],
            },
            "text": {
                "number_of_fragments": 2,
                "fragment_size": _SNIPPET_CHARS,
                "no_match_size": _SNIPPET_CHARS,
                "matched_fields": ["text", "text.exact"],
            },
        },
    }
