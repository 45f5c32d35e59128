"""Searches the index: a request in, hits with snippets out."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from elasticsearch import ApiError, Elasticsearch, NotFoundError, TransportError

from services.index.config import alias
from services.index.core.query import MARK_END, MARK_START, SearchRequest, build_query
from services.runtime.settings import Settings


class SearchError(Exception):
    """The search could not be answered; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a text, and whether it is what was searched for."""

    text: str
    matched: bool


Snippet = tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Hit:
    """One article that was found. The snippets show where."""

    article_id: str
    score: float
    url: str
    source: str
    language: str
    published_at: datetime | None
    first_seen_at: datetime
    title: Snippet
    snippets: tuple[Snippet, ...]


@dataclass(frozen=True, slots=True)
class SearchResult:
    """The best hits, of how many in all, and how long Elasticsearch took."""

    total: int
    took_ms: int
    hits: tuple[Hit, ...]


def search(client: Elasticsearch, settings: Settings, request: SearchRequest) -> SearchResult:
    """Return the articles that ``request`` asks for. Raises InvalidSearchError and SearchError."""
    body = build_query(request)
    try:
        found = client.search(index=alias(settings), body=body).body
    except NotFoundError as error:
        raise SearchError(
            f"There is no index {alias(settings)} at {settings.elasticsearch_url} yet: "
            "the index service makes it when it starts (rasid run)."
        ) from error
    except TransportError as error:
        raise SearchError(
            f"Elasticsearch at {settings.elasticsearch_url} cannot be reached ({error.message}). "
            "Start the local stack with rasid stack up, or set RASID_ELASTICSEARCH_URL."
        ) from error
    except ApiError as error:
        raise SearchError(
            f"Elasticsearch at {settings.elasticsearch_url} refused the search: {error}"
        ) from error
    hits = found["hits"]
    return SearchResult(hits["total"]["value"], found["took"], tuple(map(_hit, hits["hits"])))


def _hit(found: dict[str, Any]) -> Hit:
    source, marked = found["_source"], found.get("highlight", {})
    published = source["published_at"]
    return Hit(
        article_id=found["_id"],
        score=found["_score"] or 0.0,
        url=source["canonical_url"],
        source=source["source"]["name"] or source["source"]["id"],
        language=source["language"]["tag"],
        published_at=datetime.fromisoformat(published) if published else None,
        first_seen_at=datetime.fromisoformat(source["first_seen_at"]),
        title=_pieces(marked.get("title", [source["title"]])[0]),
        snippets=tuple(_pieces(" ".join(text.split())) for text in marked.get("text", [])),
    )


def _pieces(marked: str) -> Snippet:
    pieces = []
    for number, part in enumerate(marked.split(MARK_START)):
        matched, _, rest = part.rpartition(MARK_END) if number else ("", "", part)
        pieces += [Piece(matched, matched=True), Piece(rest, matched=False)]
    return tuple(piece for piece in pieces if piece.text)
