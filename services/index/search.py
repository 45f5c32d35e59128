"""Searches the index: a request in, stories with snippets out."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from elasticsearch import Elasticsearch

from services.contract.search_language import AllOf, Part, Published, names_in, parse, words_of
from services.index.core.matching import Query, with_any_word
from services.index.core.page import Position, from_token, to_token
from services.index.core.query import (
    MARK_END,
    MARK_START,
    Search,
    build_facets,
    build_page,
    build_query,
    build_spelling,
)
from services.index.view import View
from services.runtime.settings import Settings

_FEW = 10
"""Articles are asked for in no smaller numbers: some are copies of stories that were shown."""


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """What is asked for of search_language.py; the newest articles if ``words`` is empty.

    ``since`` is the earliest publication; articles whose date is not known count by first sight.
    ``page`` is what an earlier result named as its ``next``, and begins when that one did. With
    ``copies`` every article of a story is found, not only the best.
    """

    words: str
    size: int = 10
    since: datetime | None = None
    page: str | None = None
    facets: bool = False
    copies: bool = False


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a text, and whether it is what was searched for."""

    text: str
    matched: bool


Snippet = tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Hit:
    """The best article of a story that was found. The snippets show where.

    ``copies`` is how many articles of the story were found, ``sources`` whose they are.
    """

    article_id: str
    score: float
    url: str
    source: str
    language: str
    published_at: datetime | None
    first_seen_at: datetime
    title: Snippet
    snippets: tuple[Snippet, ...]
    story_id: str
    copies: int
    sources: tuple[str, ...]


Facet = tuple[tuple[str, int], ...]
"""How many articles have which value, the most first; days in their order."""


@dataclass(frozen=True, slots=True)
class SearchResult:
    """The best stories, of how many articles and (about) how many stories.

    Of more than COUNTED articles it is not known how many: ``total`` is that, ``stories`` None.
    ``next`` names the page behind this one, None at the end. ``ids`` are the entities that names
    were understood as. If no article has all the words, those are found that have any of them,
    ``loosely``, and ``meant`` is how the search may have been meant.
    """

    total: int
    stories: int | None
    hits: tuple[Hit, ...]
    loosely: bool
    ids: Mapping[str, Collection[str]]
    facets: Mapping[str, Facet]
    meant: str | None
    next: str | None
    took_ms: int


def no_names(name: str) -> Collection[str]:
    """Know no entity by ``name``: names are then looked for as the index has them."""
    return ()


def search(
    client: Elasticsearch,
    settings: Settings,
    request: SearchRequest,
    ids_of: Callable[[str], Collection[str]] = no_names,
) -> SearchResult:
    """Return the stories that ``request`` asks for; ``ids_of`` knows entities by their names.

    Raises InvalidSearchError and SearchError.
    """
    start = from_token(request.page, request.words) if request.page else None
    asked_at = start.asked_at if start else datetime.now(UTC)
    since = start.since if start else request.since
    part = parse(request.words, asked_at)
    ids = {name: found for name in names_in(part) if (found := ids_of(name))}
    queries = [
        (loosely, build_query(Search(_limited(wanted, since), ids, asked_at)))
        for loosely, wanted in _ways(part, start)
    ]
    view = View(client, settings, start.view if start else None)
    for loosely, query in queries:  # noqa: B007 - what they were at the end counts
        articles = _found(view, query, request, start.after if start else None)
        if hits := list(islice(articles, request.size)):
            break
    more = len(hits) == request.size and next(articles, None) is not None
    end = Position(asked_at, view.id, hits[-1][1], since, loosely) if more else None
    result = SearchResult(
        total=view.total,
        stories=view.stories,
        hits=tuple(hit for hit, _ in hits),
        loosely=loosely and bool(hits),
        ids=ids,
        facets=_facets(view.ask(build_facets(query))) if request.facets else {},
        meant=_meant(view, request.words, part) if not start and (loosely or not hits) else None,
        next=to_token(end, request.words) if end else None,
        took_ms=view.took_ms,
    )
    if not more:
        view.close()
    return result


def _ways(part: Part, start: Position | None) -> list[tuple[bool, Part]]:
    """Return how to look for ``part``, in turn until something is found, and if that is loosely.

    A page behind another is looked for as that was.
    """
    looser = with_any_word(part)
    if start:
        return [(start.loosely, looser if start.loosely else part)]
    return [(False, part), (True, looser)] if looser != part else [(False, part)]


def _limited(part: Part, since: datetime | None) -> Part:
    return AllOf((part, Published(since=since))) if since else part


def _found(
    view: View, query: Query, request: SearchRequest, after: list[float] | None
) -> Iterator[tuple[Hit, list[float]]]:
    """Yield the best article of every story behind ``after`` with its sort values, best first.

    An article that is not the best of its story stands for one that was shown before.
    """
    size = request.size + _FEW
    while True:
        articles = view.page(build_page(query, size, after))
        if not articles:
            return
        stories = {article["_source"]["story_id"] for article in articles}
        found = view.best_copies(query, stories)
        best = {article["_id"] for article in found["hits"]["hits"]}
        copies = {one["key"]: one for one in found["aggregations"]["copies"]["by_story"]["buckets"]}
        for article in articles:
            if request.copies or article["_id"] in best:
                yield _hit(article, copies[article["_source"]["story_id"]]), article["sort"]
        if len(articles) < size:
            return
        after = articles[-1]["sort"]


def _facets(found: dict[str, Any]) -> dict[str, Facet]:
    return {
        name: tuple(
            (bucket.get("key_as_string", bucket["key"]), bucket["doc_count"])
            for bucket in facet["buckets"]
        )
        for name, facet in found["aggregations"].items()
    }


def _meant(view: View, typed: str, part: Part) -> str | None:
    """Return what was typed with words of the index for those that it has not, if there are any."""
    wanted = list(dict.fromkeys(words_of(part)))
    meant = typed
    for number, suggested in view.ask(build_spelling(wanted))["suggest"].items() if wanted else ():
        word = wanted[int(number)]
        likely = word
        for piece in reversed(suggested):  # from the end, so that what is before keeps its place
            start, end = piece["offset"], piece["offset"] + piece["length"]
            for option in piece["options"]:
                likely = likely[:start] + option["text"] + likely[end:]
        meant = re.sub(rf"(?<![^\s(]){re.escape(word)}(?![^\s)])", lambda _: likely, meant)  # noqa: B023 - used at once
    return meant if meant != typed else None


def _hit(found: dict[str, Any], story: dict[str, Any]) -> Hit:
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
        story_id=source["story_id"],
        copies=story["doc_count"],
        sources=tuple(bucket["key"] for bucket in story["sources"]["buckets"]),
    )


def _pieces(marked: str) -> Snippet:
    pieces = []
    for number, part in enumerate(marked.split(MARK_START)):
        matched, _, rest = part.rpartition(MARK_END) if number else ("", "", part)
        pieces += [Piece(matched, matched=True), Piece(rest, matched=False)]
    return tuple(piece for piece in pieces if piece.text)
