"""Shows what a search found in a terminal; needs rich, which the services themselves do not.

Terminals differ in what they do with text from right to left. Each Arabic piece therefore stands
inside isolates, so that a terminal that knows the Unicode bidirectional algorithm cannot mix it
with the Latin text and numbers around it; one that does not know it shows nothing for them.
"""

from rich.bar import Bar
from rich.console import Console
from rich.table import Table
from rich.text import Text

from services.index.search import Facet, Hit, Piece, SearchRequest, SearchResult, Snippet

_ISOLATE, _POP_ISOLATE = "\u2068", "\u2069"  # first strong isolate: the text says its direction
_BAR_WIDTH = 30
_CONTROLS = dict.fromkeys([*range(32), *range(127, 160)])  # a page may try to steer the terminal


def show_hits(console: Console, request: SearchRequest, result: SearchResult) -> None:
    """Print the stories, each with its passages; the demo shows its searches the same way."""
    for name, ids in result.ids.items():
        console.print(Text(f"{name.translate(_CONTROLS)}: {', '.join(ids)}", style="dim"))
    if not result.hits:
        _show_nothing(console, request, result)
        return
    if result.loosely:
        console.print("No article has all of the words. These have some:", style="yellow")
        _show_meant(console, result)
    whole_lines = not console.is_terminal  # a terminal would break them in the middle of a word
    for number, hit in enumerate(result.hits, start=1):
        console.print(_heading(number, hit), soft_wrap=True)
        console.print(_isolated(hit.title, "bold"), soft_wrap=whole_lines)
        for snippet in hit.snippets:
            passage = Text("  ").append_text(_isolated(snippet, ""))
            console.print(passage, soft_wrap=whole_lines)
        console.print(Text(f"  {hit.url.translate(_CONTROLS)}", style="dim"), soft_wrap=True)
        console.print()
    for name, values in result.facets.items():
        console.print(_facet(name, values))
    console.print(Text(_summary(result), style="dim"))
    if result.next:
        console.print(Text(f"The next ones: --next {result.next}", style="dim"), soft_wrap=True)


def _show_nothing(console: Console, request: SearchRequest, result: SearchResult) -> None:
    console.print("No article was found.", style="yellow")
    if request.since:
        console.print("It may be older: try without --since.")
    _show_meant(console, result)


def _show_meant(console: Console, result: SearchResult) -> None:
    if result.meant:
        console.print(Text(f"Did you mean {_contained(result.meant)}?"))


def _summary(result: SearchResult) -> str:
    articles = "article" if result.total == 1 else "articles"
    more, whole = ("", result.stories) if result.stories is not None else ("over ", result.total)
    stories = f" in {whole:,} stories" if whole < result.total else ""
    shown = f", {len(result.hits)} shown" if len(result.hits) < whole else ""
    return f"{more}{result.total:,} {articles} found{stories}{shown}, in {result.took_ms} ms"


def _facet(name: str, values: Facet) -> Table:
    table = Table(title=name, title_justify="left", show_header=False, box=None)
    most = max((count for _, count in values), default=1)
    for value, count in values:
        bar = Bar(most, 0, count, width=_BAR_WIDTH)
        table.add_row(_isolated((Piece(value, matched=False),), ""), f"{count:,}", bar)
    return table


def _heading(number: int, hit: Hit) -> Text:
    date = hit.published_at or hit.first_seen_at
    dated = f"{date:%Y-%m-%d %H:%M}" if hit.published_at else f"seen {date:%Y-%m-%d %H:%M}"
    others = [source for source in hit.sources if source != hit.source]
    copies = f"  {hit.copies - 1} more" if hit.copies > 1 else ""
    also = f" ({', '.join(map(_contained, others))})" if others else ""
    return Text.assemble(
        (f"{number}. ", "bold cyan"),
        (_contained(hit.source), "cyan"),
        (f"  {dated} UTC  {hit.language}  {hit.score:.2f}{copies}{also}", "dim"),
    )


def _contained(name: str) -> str:
    return f"{_ISOLATE}{name.translate(_CONTROLS)}{_POP_ISOLATE}"


def _isolated(snippet: Snippet, style: str) -> Text:
    text = Text(_ISOLATE)
    for piece in snippet:
        text.append(piece.text.translate(_CONTROLS), style="bold red" if piece.matched else style)
    return text.append(_POP_ISOLATE)
