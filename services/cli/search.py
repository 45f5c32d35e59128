"""``rasid search``: finds articles and shows where they say it.

Terminals differ in what they do with text from right to left. Each Arabic piece therefore stands
inside isolates, so that a terminal that knows the Unicode bidirectional algorithm cannot mix it
with the Latin text and numbers around it; one that does not know it shows nothing for them.
"""

import dataclasses
import json
import os
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.text import Text

from services.index.config import IndexSettings
from services.index.core.query import InvalidSearchError, SearchRequest, parse_since
from services.index.edges.elasticsearch import make_client
from services.index.search import Hit, SearchError, SearchResult, Snippet, search
from services.runtime.settings import load

_ISOLATE, _POP_ISOLATE = "\u2068", "\u2069"  # first strong isolate: the text says its direction
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
        _show(Console(highlight=False), request, result)


def _show(console: Console, request: SearchRequest, result: SearchResult) -> None:
    if not result.hits:
        console.print("No article was found.", style="yellow")
        if request.since:
            console.print("It may be older: try without --since.")
        return
    for number, hit in enumerate(result.hits, start=1):
        console.print(_heading(number, hit), soft_wrap=True)
        console.print(_isolated(hit.title, "bold"), soft_wrap=True)
        for snippet in hit.snippets:
            console.print(Text("  ").append_text(_isolated(snippet, "")), soft_wrap=True)
        console.print(Text(f"  {hit.url}", style="dim"), soft_wrap=True)
        console.print()
    articles = "article" if result.total == 1 else "articles"
    shown = f", {len(result.hits)} shown" if len(result.hits) < result.total else ""
    console.print(f"{result.total:,} {articles} found{shown}, in {result.took_ms} ms", style="dim")


def _heading(number: int, hit: Hit) -> Text:
    date = hit.published_at or hit.first_seen_at
    dated = f"{date:%Y-%m-%d %H:%M}" if hit.published_at else f"seen {date:%Y-%m-%d %H:%M}"
    return Text.assemble(
        (f"{number}. ", "bold cyan"),
        (f"{_ISOLATE}{hit.source}{_POP_ISOLATE}", "cyan"),
        (f"  {dated} UTC  {hit.language}  {hit.score:.2f}", "dim"),
    )


def _isolated(snippet: Snippet, style: str) -> Text:
    text = Text(_ISOLATE)
    for piece in snippet:
        text.append(piece.text, style="bold red" if piece.matched else style)
    return text.append(_POP_ISOLATE)


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
