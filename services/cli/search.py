"""``rasid search``: the arguments of a search, and its result as text or JSON."""

import dataclasses
import json
import os
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from rich.console import Console

from services.index.config import IndexSettings
from services.index.core.query import InvalidSearchError, SearchRequest, parse_since
from services.index.edges.elasticsearch import make_client
from services.index.present import show_hits
from services.index.search import Hit, SearchError, SearchResult, Snippet, search
from services.runtime.settings import load

_TIMEOUT_S = 10


def search_command(
    words: Annotated[
        list[str] | None,
        typer.Argument(help='words and "exact phrases", all of which must occur; none: the newest'),
    ] = None,
    size: Annotated[int, typer.Option("--size", "-n", min=1, max=1000, help="hits to show")] = 10,
    since: Annotated[
        str | None, typer.Option(help="published since: 24h, 7d, 2w, or a date (2020-11-25)")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print one JSON object")] = False,
) -> None:
    """Search the articles, best first, with the passages that matched."""
    settings = load(IndexSettings, os.environ)
    try:
        request = SearchRequest(
            " ".join(words or []), size, parse_since(since, datetime.now(UTC)) if since else None
        )
        with make_client(settings, _TIMEOUT_S) as client:
            result = search(client, settings, request)
    except (InvalidSearchError, SearchError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    if as_json:
        typer.echo(json.dumps(_plain(result), ensure_ascii=False, indent=2))
    else:
        show_hits(Console(highlight=False), request, result)


def _plain(result: SearchResult) -> dict[str, Any]:
    return {
        "total": result.total,
        "took_ms": result.took_ms,
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
