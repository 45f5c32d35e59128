"""``rasid import``: texts, pages and archives into the same stream as the polled articles."""

import os
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from services.contract.articles import RawArticle
from services.ingest.edges.publisher import Publisher, PublishError
from services.ingest.imports import (
    BATCH,
    FORMATS,
    Format,
    Ignored,
    Rejected,
    batches,
    current_time,
    read_paths,
)
from services.runtime.kafka import ensure_topics
from services.runtime.settings import Settings, load

USUAL_RATE = 100.0
"""Articles a second: a third of what one enrich does, so live articles find it free."""

MAX_NAMED = 20
WAIT_FOR_KAFKA_S = 15


def import_command(
    paths: Annotated[
        list[Path],
        typer.Argument(
            metavar="PATH...",
            help=f"files ({', '.join(FORMATS)}), folders of them, - for standard input",
        ),
    ],
    stdin_format: Annotated[
        Format, typer.Option("--format", help="what standard input holds")
    ] = "text",
    rate: Annotated[
        float, typer.Option(min=0, help="articles a second at most; 0 for as many as it can")
    ] = USUAL_RATE,
) -> None:
    """Import articles: text files (first line the title), HTML pages, JSONL, web archives.

    Slower than the live stream can take, so that imported articles never hold up live ones.
    """
    console = Console(stderr=True)
    settings = load(Settings, os.environ)
    deadline = time.monotonic() + WAIT_FOR_KAFKA_S
    ensure_topics(settings, give_up=lambda: time.monotonic() > deadline)
    publisher = Publisher(settings)
    counts: Counter[str] = Counter()
    try:
        with Progress(
            SpinnerColumn(),
            TextColumn("{task.fields[done]} imported"),
            TimeElapsedColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        ) as progress:
            task = progress.add_task("import", total=None, done=0)
            found = read_paths(paths, sys.stdin.buffer, stdin_format, current_time)
            started = time.monotonic()
            for batch in batches(found, _batch_size(rate)):
                articles = [item for item in batch if isinstance(item, RawArticle)]
                publisher.publish_articles(articles)
                counts["imported"] += len(articles)
                for item in batch:
                    _note(item, counts, console)
                progress.update(task, done=counts["imported"])
                if rate:
                    time.sleep(max(0.0, started + counts["imported"] / rate - time.monotonic()))
    except PublishError as error:
        console.print(f"Kafka at {settings.kafka_bootstrap} does not confirm: {error}", style="red")
        raise typer.Exit(75) from error
    finally:
        publisher.close()
    console.print(
        f"{counts['imported']} imported, {counts['rejected']} bad, {counts['ignored']} ignored"
    )
    if counts["rejected"]:
        raise typer.Exit(1)


def _batch_size(rate: float) -> int:
    """Return how many go out at once: a live article waits for no more than a second's worth."""
    return max(1, min(BATCH, int(rate))) if rate else BATCH


def _note(item: RawArticle | Rejected | Ignored, counts: Counter[str], console: Console) -> None:
    """Count what was not imported and name it, as far as anybody would read on."""
    match item:
        case Rejected(place, reason):
            kind, line, style = "rejected", f"{place}: {reason}", "red"
        case Ignored(place, reason):
            kind, line, style = "ignored", f"{place}: ignored, {reason}", ""
        case _:
            return
    counts[kind] += 1
    if counts[kind] <= MAX_NAMED:
        console.print(line, style=style, markup=False, highlight=False, soft_wrap=True)
    elif counts[kind] == MAX_NAMED + 1:
        console.print(f"more of the {kind} are not named", style=style)
