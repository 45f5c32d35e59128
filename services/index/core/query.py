"""What a person types, as a query that Elasticsearch cannot misunderstand.

The words are taken apart here and put into queries that have no syntax of their own, so that no
input can be a broken query, a costly one (wildcards, regular expressions, fuzzy terms), or one
that reaches another field or index.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from services.index.core.document import STEMMED_LANGUAGES

Query = dict[str, Any]

MAX_QUERY_CHARS = 500
"""Longer input is refused: it would be a text, not a search."""

MARK_START, MARK_END = "\ue000", "\ue001"
"""Around what matched in a snippet: private-use characters, which no article contains."""

ALL_BUT_ONE_OF_MANY = "2<-1"
"""How many words an article must have: both of two, but of three or more one may be missing."""

_SNIPPET_CHARS = 160
_QUOTED = re.compile(r'["“”„«]([^"“”„«»]*)["“”„»]')
_AGO = re.compile(r"(\d{1,5})([hdw])")
_UNITS = {"h": "hours", "d": "days", "w": "weeks"}


class InvalidSearchError(ValueError):
    """The search cannot be asked; the message says what is allowed."""


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """Articles that contain all words and "quoted phrases" of ``words``; the newest if it is empty.

    ``since`` is the earliest publication; articles whose date is not known count by first sight.
    """

    words: str
    size: int = 10
    since: datetime | None = None


def build_query(request: SearchRequest) -> Query:
    """Return the body of a search request. Raises InvalidSearchError."""
    if len(request.words) > MAX_QUERY_CHARS:
        raise InvalidSearchError(f"A search is at most {MAX_QUERY_CHARS} characters long.")
    phrases = [phrase.strip() for phrase in _QUOTED.findall(request.words) if phrase.strip()]
    loose = _QUOTED.sub(" ", request.words).strip()
    must = [_phrase(phrase) for phrase in phrases] + ([_words(loose)] if loose else [])
    matching: Query = {"must": must, "filter": [_since(request.since)] if request.since else []}
    if loose:
        matching["should"] = [_as_written(loose)]
    return {
        "query": _mildly_fresh({"bool": matching}) if must else {"bool": matching},
        "size": request.size,
        "sort": ["_score", _NEWEST] if must else [_NEWEST],
        "track_scores": True,
        "track_total_hits": True,
        "_source": [
            "canonical_url",
            "source",
            "title",
            "language.tag",
            "published_at",
            "first_seen_at",
        ],
        "highlight": _highlight(),
    }


def parse_since(text: str, now: datetime) -> datetime:
    """Return the moment that ``24h``, ``7d``, ``2w`` (ago) or an ISO date (UTC) means.

    Raises InvalidSearchError.
    """
    ago = _AGO.fullmatch(text.strip())
    try:
        if ago:
            return now - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
        moment = datetime.fromisoformat(text.strip())
        return moment.replace(tzinfo=moment.tzinfo or now.tzinfo)
    except ValueError as error:
        raise InvalidSearchError(
            f"{text!r} is not a time: write 24h, 7d, 2w, or a date such as 2020-11-25."
        ) from error


_NEWEST = {"published_at": {"order": "desc", "missing": "_last"}}


def _words(words: str) -> Query:
    """Articles with all words, best in the forms of their language; less for what is nearly so.

    The stemmed forms find more but count little; so do articles that lack one of many words.
    """
    own = [_combined(words, _weighted(f"in.{tag}."), boost=0.8) for tag in STEMMED_LANGUAGES]
    return {
        "dis_max": {
            "queries": [
                _combined(words, _weighted(""), boost=1.0),
                *own,
                _combined(words, ["title.stem^3", "text.stem"], boost=0.2),
                _combined(words, _weighted(""), boost=0.1, at_least=ALL_BUT_ONE_OF_MANY),
            ]
        }
    }


def _weighted(prefix: str) -> list[str]:
    return [f"{prefix}title^3", f"{prefix}text"]


def _combined(words: str, fields: list[str], boost: float, at_least: str = "100%") -> Query:
    how = {"fields": fields, "boost": boost, "minimum_should_match": at_least}
    return {"combined_fields": {"query": words, **how}}


def _phrase(phrase: str) -> Query:
    fields = ["title.exact^3", "text.exact"]
    return {"multi_match": {"query": phrase, "fields": fields, "type": "phrase"}}


def _as_written(words: str) -> Query:
    """Prefer articles with the very forms that were asked for, best side by side."""
    fields = ["title.exact^3", "text.exact"]
    return {"multi_match": {"query": words, "fields": fields, "type": "phrase", "slop": 3}}


def _since(moment: datetime) -> Query:
    later = {"gte": moment.isoformat()}
    undated: Query = {
        "must_not": {"exists": {"field": "published_at"}},
        "filter": {"range": {"first_seen_at": later}},
    }
    return {"bool": {"should": [{"range": {"published_at": later}}, {"bool": undated}]}}


def _mildly_fresh(query: Query) -> Query:
    """A quarter more for an article of today, half of that after a month, nothing for undated."""
    fresh = {"exp": {"published_at": {"origin": "now", "scale": "30d", "decay": 0.5}}}
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
