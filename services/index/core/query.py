"""What is asked for (search_language.py), as a query that Elasticsearch cannot misunderstand.

Every word goes into a query that has no syntax of its own, so that no input can be a broken query,
a costly one (wildcards, regular expressions, fuzzy terms), or one that reaches another field or
index.
"""

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.contract.search_clauses import Ids, any_of, condition, phrase
from services.contract.search_language import (
    AllOf,
    AnyOf,
    InvalidSearchError,
    Named,
    Not,
    Part,
    Phrase,
    Words,
)
from services.index.core.document import STEMMED_LANGUAGES

Query = dict[str, Any]

MAX_PARTS = 40
"""Words and conditions, each of which Elasticsearch looks for in a dozen fields."""

MARK_START, MARK_END = "\ue000", "\ue001"
"""Around what matched in a snippet: private-use characters, which no article contains."""

ALL_BUT_ONE_OF_MANY = "2<-1"
"""How many words an article must have: both of two, but of three or more one may be missing."""

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
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Search:
    """What is asked for, and when: that is what the age of an article counts from."""

    part: Part
    ids: Ids
    asked_at: datetime

    @property
    def ranked(self) -> bool:
        """Whether there is something to be relevant to; if not, the newest come first."""
        return _has_words(self.part)


def build_query(search: Search) -> Query:
    """Return the query and the order of ``search``. Raises InvalidSearchError."""
    if _size(search.part) > MAX_PARTS:
        raise InvalidSearchError(f"A search has at most {MAX_PARTS} words and conditions.")
    matching = _clause(search.part, search.ids)
    return {
        "query": _mildly_fresh(matching, search.asked_at) if search.ranked else matching,
        "sort": [*(["_score"] if search.ranked else []), _NEWEST],
        "track_scores": True,
    }


def build_page(query: Query, size: int, after: list[Any] | None) -> Query:
    """Return the request of ``size`` articles of ``query``, the first or those behind ``after``."""
    return {
        **query,
        **({"search_after": after} if after else {}),
        "size": size,
        "track_total_hits": True,
        "aggs": {"stories": {"cardinality": {"field": "story_id"}}},
        "_source": _SOURCE_FIELDS,
        "highlight": _highlight(),
    }


def build_best_copies(query: Query, stories: Collection[str]) -> Query:
    """Return the request of the best article of each of ``stories``, and of who has copies."""
    return {
        **query,
        "query": {
            "bool": {
                "must": query["query"],
                "filter": {"terms": {"story_id": list(stories)}},
            }
        },
        "size": len(stories),
        "_source": False,
        "track_total_hits": False,
        "collapse": {"field": "story_id"},
        "aggs": {
            "copies": {
                "terms": {"field": "story_id", "size": len(stories)},
                "aggs": {"sources": {"terms": {"field": "source.name", "size": _FACET_SIZE}}},
            }
        },
    }


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


_NEWEST = {"published_at": {"order": "desc", "missing": "_last"}}


def _clause(part: Part, ids: Ids, excluded: bool = False) -> Query:
    match part:
        case Words(text):
            return {"dis_max": {"queries": _in_their_forms(text)}} if excluded else _words(text)
        case Phrase(text):
            return {"dis_max": {"queries": [phrase(text, "title", 3), phrase(text, "text", 1)]}}
        case AllOf(parts):
            return _all(parts, ids, excluded)
        case AnyOf(parts):
            return any_of([_clause(inner, ids, excluded) for inner in parts])
        case Not(inner):
            return {"bool": {"must_not": _clause(inner, ids, excluded=True)}}
        case _:
            return condition(part, ids)


def _all(parts: tuple[Part, ...], ids: Ids, excluded: bool) -> Query:
    """All of ``parts``: what has words counts for the order, the rest only decides."""
    return {
        "bool": {
            "must": [_clause(part, ids, excluded) for part in parts if _has_words(part)],
            "filter": [_clause(part, ids, excluded) for part in parts if not _has_words(part)],
        }
    }


def _has_words(part: Part) -> bool:
    match part:
        case Words() | Phrase():
            return True
        case AllOf(parts) | AnyOf(parts):
            return any(map(_has_words, parts))
    return False


def _size(part: Part) -> int:
    match part:
        case Words(text) | Phrase(text) | Named(name=text):
            return max(_count_words(text), 1)
        case AllOf(parts) | AnyOf(parts):
            return sum(map(_size, parts))
        case Not(inner):
            return _size(inner)
    return 1


def _count_words(text: str) -> int:
    """Count as Elasticsearch does: ﷺ is four words, ``a,b`` two; in 利比亚 each sign is one."""
    written = unicodedata.normalize("NFKC", text)
    letters = "".join(sign for sign in written if not unicodedata.combining(sign))
    alone = sum(unicodedata.east_asian_width(letter) == "W" for letter in letters)
    return len(_WORD.findall(letters)) + alone


def _words(words: str) -> Query:
    """Articles with all words, best in the forms of their language; less for what is nearly so.

    The stemmed forms find more but count little; so do articles that lack one of many words.
    """
    queries = [
        *_in_their_forms(words),
        _combined(words, ["title.stem^3", "text.stem"], boost=0.2),
        _combined(words, _weighted(""), boost=0.1, at_least=ALL_BUT_ONE_OF_MANY),
    ]
    return {"bool": {"must": {"dis_max": {"queries": queries}}, "should": _as_written(words)}}


def _in_their_forms(words: str) -> list[Query]:
    """Articles with all words: also what is to be left out, which nothing else may take along."""
    own = [_combined(words, _weighted(f"in.{tag}."), boost=0.8) for tag in STEMMED_LANGUAGES]
    return [_combined(words, _weighted(""), boost=1.0), *own]


def _weighted(prefix: str) -> list[str]:
    return [f"{prefix}title^3", f"{prefix}text"]


def _combined(words: str, fields: list[str], boost: float, at_least: str = "100%") -> Query:
    how = {"fields": fields, "boost": boost, "minimum_should_match": at_least}
    return {"combined_fields": {"query": words, **how}}


def _as_written(words: str) -> Query:
    """Prefer articles with the very forms that were asked for, best side by side."""
    fields = ["title.exact^3", "text.exact"]
    return {"multi_match": {"query": words, "fields": fields, "type": "phrase", "slop": 3}}


def _mildly_fresh(query: Query, asked_at: datetime) -> Query:
    """A quarter more for an article of today, half of that after a month, nothing for undated."""
    origin = asked_at.isoformat()
    fresh = {"exp": {"published_at": {"origin": origin, "scale": "30d", "decay": 0.5}}}
    dated = {"filter": {"exists": {"field": "published_at"}}, "weight": 0.25}
    return {
        "function_score": {
            "query": query,
            "functions": [{"weight": 1}, fresh | dated],
            "score_mode": "sum",
            "boost_mode": "multiply",
        }
    }


def _highlight() -> Query:
    def matched_as(field: str) -> Query:
        return {"matched_fields": [field, f"{field}.exact", f"{field}.stem"]}

    return {
        "pre_tags": [MARK_START],
        "post_tags": [MARK_END],
        "order": "score",
        "fields": {
            "title": {"number_of_fragments": 0, **matched_as("title")},
            "text": {
                "number_of_fragments": 2,
                "fragment_size": _SNIPPET_CHARS,
                "no_match_size": _SNIPPET_CHARS,
                **matched_as("text"),
            },
        },
    }
