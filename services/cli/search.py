"""``rasid search``: the arguments of a search, and its result as text or JSON."""

import dataclasses
import json
import os
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from rich.console import Console

from services.contract.search_language import InvalidSearchError, parse_moment
from services.index.config import IndexSettings
from services.index.present import show_hits
from services.index.search import (
    Hit,
    SearchRequest,
    SearchResult,
    Snippet,
    search,
)
from services.index.view import SearchError
from services.runtime.elasticsearch import make_client
from services.runtime.settings import load

_TIMEOUT_S = 10


def search_command(
    words: Annotated[
        list[str] | None,
        typer.Argument(
            help="words and conditions, all of which must hold; none: the newest. "
            "One quoted argument keeps the shell out of it: '\"مجلس النواب\" -كرة'"
        ),
    ] = None,
    size: Annotated[int, typer.Option("--size", "-n", min=1, max=1000, help="hits to show")] = 10,
    since: Annotated[
        str | None, typer.Option(help="published since: 24h, 7d, 2w, or a date (2020-11-25)")
    ] = None,
    facets: Annotated[
        bool, typer.Option("--facets", help="count sources, languages, entities and days, too")
    ] = False,
    copies: Annotated[
        bool, typer.Option("--copies", help="show every copy of a story, not only the best")
    ] = False,
    page: Annotated[
        str | None, typer.Option("--next", help="go on where an earlier page of it ended")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print one JSON object")] = False,
) -> None:
    """Search the articles, best first, with the passages that matched; copies of one story once.

    Beside words: "a phrase", -without, this OR that, (groups), entity:حفتر, place:سرت, source:NAME,
    lang:ar, after:7d, before:2020-11 (published), about:2019-04-04 or about:2019..2020 (mentioned).
    """
    settings = load(IndexSettings, os.environ)
    try:
        earliest = parse_moment(since, datetime.now(UTC)) if since else None
        request = SearchRequest(" ".join(words or []), size, earliest, page, facets, copies)
        with make_client(settings, _TIMEOUT_S) as client:
            result = search(client, settings, request, known_ids)
    except (InvalidSearchError, SearchError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    if as_json:
        typer.echo(json.dumps(_plain(result), ensure_ascii=False, indent=2))
    else:
        show_hits(Console(highlight=False), request, result)


def known_ids(name: str) -> list[str]:
    """Return the ids of the entities that are called ``name``, in whatever spelling."""
    if ":" in name:
        return []  # an id as it is: nothing has to be looked up
    try:  # what takes a second to load is loaded only for a name
        from services.enrich.core.lookup import called
        from services.enrich.edges.knowledge import read_context, read_entities
    except ModuleNotFoundError:
        return []  # without the knowledge a name is looked for as it is written
    return [entity.id for entity in called(name, read_entities(read_context()))]


def _plain(result: SearchResult) -> dict[str, Any]:
    return {
        "total": result.total,
        "stories": result.stories,
        "took_ms": result.took_ms,
        "next": result.next,
        "has_some_words_only": result.loosely,
        "did_you_mean": result.meant,
        "entities": {name: list(ids) for name, ids in result.ids.items()},
        "facets": {name: dict(values) for name, values in result.facets.items()},
        "hits": [
            dataclasses.asdict(hit)
            | {
                "published_at": hit.published_at and hit.published_at.isoformat(),
                "first_seen_at": hit.first_seen_at.isoformat(),
                "title": _unmarked(hit.title),
                "snippets": [_unmarked(snippet) for snippet in hit.snippets],
                "matched": sorted(_matched(hit)),
            }
            for hit in result.hits
        ],
    }


def _unmarked(snippet: Snippet) -> str:
    return "".join(piece.text for piece in snippet)


def _matched(hit: Hit) -> set[str]:
    pieces = [piece for snippet in (hit.title, *hit.snippets) for piece in snippet]
    return {piece.text for piece in pieces if piece.matched}
