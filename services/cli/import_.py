"""``rasid import``: texts, pages, archives and sites into the stream of the polled articles."""

import os
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime, timedelta
from itertools import chain
from pathlib import Path
from typing import Annotated

import typer
from kafka.errors import KafkaError
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from services.cli.import_site import open_site
from services.contract.access import ACCESS
from services.contract.articles import RawArticle
from services.ingest.backfill import SiteAwayError
from services.ingest.core.period import Period
from services.ingest.core.sources import DEFAULT_ZONE
from services.ingest.edges.backlog import Backlog
from services.ingest.edges.publisher import Publisher, PublishError
from services.ingest.imports import (
    BATCH,
    FORMATS,
    Format,
    Ignored,
    Imported,
    Rejected,
    Settled,
    batches,
    current_time,
    read_paths,
)
from services.ingest.tempo import Tempo
from services.runtime.kafka import ensure_topics
from services.runtime.logs import configure_logs
from services.runtime.settings import Settings, load

USUAL_RATE = 100.0
"""Articles a second: a third of what one enrich does where it has a processor to itself."""

MOMENT_S = 0.1

MAX_NAMED = 20
WAIT_FOR_KAFKA_S = 15
TRY_AGAIN = 75
INTERRUPTED = 130

ISO_DAY = "%Y-%m-%d"


def import_command(
    paths: Annotated[
        list[str],
        typer.Argument(
            metavar="PATH",
            help=f"files ({', '.join(FORMATS)}), folders of them, - for standard input,"
            " the address of a sitemap or of an index of sitemaps",
        ),
    ],
    stdin_format: Annotated[
        Format, typer.Option("--format", help="what standard input holds")
    ] = "text",
    rate: Annotated[
        float,
        typer.Option(
            min=0, help="articles a second at most; 0 for as many as it can, even if live ones wait"
        ),
    ] = USUAL_RATE,
    since: Annotated[
        datetime | None,
        typer.Option(formats=[ISO_DAY], metavar="YYYY-MM-DD", help="of a site: the first day"),
    ] = None,
    until: Annotated[
        datetime | None,
        typer.Option(formats=[ISO_DAY], metavar="YYYY-MM-DD", help="of a site: the last day"),
    ] = None,
) -> None:
    """Import articles: text files (first line the title), HTML pages, JSONL, web archives, sites.

    Slower than the live stream can take, so that imported articles never hold up live ones. A site
    is read by its robots.txt, a page at a time; run again after an interruption, it goes on.
    """
    console = Console(stderr=True)
    settings = load(Settings, os.environ)
    configure_logs("critical", settings.log_format)  # what fails is said in so many words
    period = _period(paths, since, until)
    counts: Counter[str] = Counter()
    with ExitStack() as opened:
        found = chain(*[_open(path, stdin_format, period, opened) for path in paths])
        _wait_for_kafka(settings, console)
        publisher = Publisher(settings)
        opened.callback(publisher.close)
        # What a site has given is noted when the next page is asked for: so one at a time.
        size = 1 if any(map(_is_address, paths)) else _batch_size(rate)
        try:
            _import(found, publisher, size, _tempo(settings, rate, opened), counts, console)
        except (PublishError, KafkaError) as error:
            stopped = f"Kafka at {settings.kafka_bootstrap} does not confirm: {error}"
            raise _stopped(console, counts, stopped, TRY_AGAIN) from error
        except SiteAwayError as error:
            raise _stopped(console, counts, f"{error}. Run it again later.", TRY_AGAIN) from error
        except KeyboardInterrupt as error:
            raise _stopped(console, counts, "interrupted", INTERRUPTED) from error
    _sum_up(console, counts)
    if counts["rejected"]:
        raise typer.Exit(1)


def _period(paths: list[str], since: datetime | None, until: datetime | None) -> Period:
    """Return the days that are asked for, as they are in Libya."""
    if (since or until) and not any(map(_is_address, paths)):
        raise typer.BadParameter("--since and --until are for the address of a sitemap")
    if since and until and since > until:
        raise typer.BadParameter(f"--since {since:%Y-%m-%d} is after --until {until:%Y-%m-%d}")
    first = since.replace(tzinfo=DEFAULT_ZONE) if since else None
    after = (until + timedelta(days=1)).replace(tzinfo=DEFAULT_ZONE) if until else None
    return Period(first, after)


def _is_address(path: str) -> bool:
    return path.startswith(("http://", "https://"))


def _open(path: str, stdin_format: Format, period: Period, opened: ExitStack) -> Iterator[Imported]:
    """Return what is to be read at ``path``. Exits if that is nothing."""
    if _is_address(path):
        return open_site(path, period, opened)
    if path != "-" and not Path(path).exists():
        hint = f"; if it is on the web: https://{path}" if "." in path.partition("/")[0] else ""
        raise typer.BadParameter(f"{path}: no such file or folder{hint}")
    return read_paths([Path(path)], sys.stdin.buffer, stdin_format, current_time)


def _wait_for_kafka(settings: Settings, console: Console) -> None:
    deadline = time.monotonic() + WAIT_FOR_KAFKA_S
    with console.status(f"waiting for Kafka at {settings.kafka_bootstrap}"):
        answers = ensure_topics(
            settings, ACCESS["ingest"].topics, give_up=lambda: time.monotonic() > deadline
        )
    if not answers:
        console.print(
            f"Kafka at {settings.kafka_bootstrap} does not answer. RASID_KAFKA_BOOTSTRAP says where"
            " it is; rasid stack up starts one.",
            style="red",
            soft_wrap=True,
        )
        raise typer.Exit(TRY_AGAIN)


def _import(
    found: Iterator[Imported],
    publisher: Publisher,
    size: int,
    tempo: Tempo | None,
    counts: Counter[str],
    console: Console,
) -> None:
    """Publish the articles that are ``found``, and count and name what is none."""
    with Progress(
        SpinnerColumn(),
        TextColumn("{task.fields[done]} imported"),
        TimeElapsedColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    ) as progress:
        task = progress.add_task("import", total=None, done=0)
        for batch in batches(found, size):
            articles = [item for item in batch if isinstance(item, RawArticle)]
            if tempo and articles:
                tempo.wait(len(articles))
            publisher.publish_articles(articles)
            counts["imported"] += len(articles)
            for item in batch:
                _note(item, counts, console)
            progress.update(task, done=counts["imported"])


def _tempo(settings: Settings, rate: float, opened: ExitStack) -> Tempo | None:
    """Return what slows the import down, None if it is to go as fast as it can."""
    if not rate:
        return None
    backlog = Backlog(settings)
    opened.callback(backlog.close)
    return Tempo(rate, backlog.count)


def _batch_size(rate: float) -> int:
    """Return how many go out at once: a live article waits for no more than a moment's worth."""
    return max(1, min(BATCH, int(rate * MOMENT_S))) if rate else BATCH


def _note(item: Imported, counts: Counter[str], console: Console) -> None:
    """Count what was not imported and name it, as far as anybody would read on."""
    match item:
        case Rejected(place, reason):
            kind, line, style = "rejected", f"{place}: {reason}", "red"
        case Ignored(place, reason):
            kind, line, style = "ignored", f"{place}: ignored, {reason}", ""
        case Settled():
            counts["settled"] += 1
            return
        case _:
            return
    counts[kind] += 1
    if counts[kind] <= MAX_NAMED:
        console.print(line, style=style, markup=False, highlight=False, soft_wrap=True)
    elif counts[kind] == MAX_NAMED + 1:
        console.print(f"more of the {kind} are not named", style=style)


def _stopped(console: Console, counts: Counter[str], why: str, code: int) -> typer.Exit:
    console.print(why, style="red", markup=False, soft_wrap=True)
    _sum_up(console, counts)
    return typer.Exit(code)


def _sum_up(console: Console, counts: Counter[str]) -> None:
    settled = f", {counts['settled']} known before" if counts["settled"] else ""
    console.print(
        f"{counts['imported']} imported, {counts['rejected']} bad, "
        f"{counts['ignored']} ignored{settled}",
        highlight=False,
    )
