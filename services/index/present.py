"""Shows what a search found in a terminal; needs rich, which the services themselves do not.

Terminals differ in what they do with text from right to left. Each Arabic piece therefore stands
inside isolates, so that a terminal that knows the Unicode bidirectional algorithm cannot mix it
with the Latin text and numbers around it; one that does not know it shows nothing for them.
"""

from rich.console import Console
from rich.text import Text

from services.index.core.query import SearchRequest
from services.index.search import Hit, SearchResult, Snippet

_ISOLATE, _POP_ISOLATE = "\u2068", "\u2069"  # first strong isolate: the text says its direction
_CONTROLS = dict.fromkeys([*range(32), *range(127, 160)])  # a page may try to steer the terminal


def show_hits(console: Console, request: SearchRequest, result: SearchResult) -> None:
    """Print the hits, each with its passages; the demo shows its searches the same way."""
    if not result.hits:
        console.print("No article was found.", style="yellow")
        if request.since:
            console.print("It may be older: try without --since.")
        return
    whole_lines = not console.is_terminal  # a terminal would break them in the middle of a word
    for number, hit in enumerate(result.hits, start=1):
        console.print(_heading(number, hit), soft_wrap=True)
        console.print(_isolated(hit.title, "bold"), soft_wrap=whole_lines)
        for snippet in hit.snippets:
            passage = Text("  ").append_text(_isolated(snippet, ""))
            console.print(passage, soft_wrap=whole_lines)
        console.print(Text(f"  {hit.url.translate(_CONTROLS)}", style="dim"), soft_wrap=True)
        console.print()
    articles = "article" if result.total == 1 else "articles"
    shown = f", {len(result.hits)} shown" if len(result.hits) < result.total else ""
    console.print(f"{result.total:,} {articles} found{shown}, in {result.took_ms} ms", style="dim")


def _heading(number: int, hit: Hit) -> Text:
    date = hit.published_at or hit.first_seen_at
    dated = f"{date:%Y-%m-%d %H:%M}" if hit.published_at else f"seen {date:%Y-%m-%d %H:%M}"
    return Text.assemble(
        (f"{number}. ", "bold cyan"),
        (f"{_ISOLATE}{hit.source.translate(_CONTROLS)}{_POP_ISOLATE}", "cyan"),
        (f"  {dated} UTC  {hit.language}  {hit.score:.2f}", "dim"),
    )


def _isolated(snippet: Snippet, style: str) -> Text:
    text = Text(_ISOLATE)
    for piece in snippet:
        text.append(piece.text.translate(_CONTROLS), style="bold red" if piece.matched else style)
    return text.append(_POP_ISOLATE)
