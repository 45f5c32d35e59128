"""``rasid sources``: look at the catalogue's sources, find others, exchange them, watch them."""

import asyncio
import dataclasses
import json
import os
import re
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
from kafka.errors import KafkaError
from rich.console import Console

from services.cli.sources_tables import show_checked, show_found, show_status
from services.contract.articles import SourceState
from services.contract.catalogues import CatalogueError
from services.ingest.check import Checked, check_source
from services.ingest.config import IngestSettings
from services.ingest.core.entries import as_entries, with_entries
from services.ingest.core.items import FeedError
from services.ingest.core.opml import read_opml, write_opml
from services.ingest.core.retrying import given_up
from services.ingest.core.sources import LANGUAGE_TAG, Source, read_sources
from services.ingest.core.status import status_of
from services.ingest.discover import DiscoveryError
from services.ingest.discover import discover as discover_sources
from services.ingest.edges.cursors import read_states
from services.ingest.edges.http import Fetcher, open_fetcher
from services.ingest.edges.publisher import PublishError
from services.ingest.edges.requests import ask_to_retry
from services.ingest.edges.web_address import BadUrlError, web_address
from services.ingest.rules import fetch_rules
from services.runtime.logs import configure_logs
from services.runtime.settings import ConfigurationError, load

CHECKED_AT_ONCE = 16

sources_app = typer.Typer(
    no_args_is_help=True, help="The sources: look at them, find others, exchange them."
)

Ids = Annotated[list[str] | None, typer.Argument(metavar="[ID]...", help="none: all of them")]
AsJson = Annotated[bool, typer.Option("--json", help="print one JSON list")]
T = TypeVar("T")


@sources_app.command()
def check(ids: Ids = None, as_json: AsJson = False) -> None:
    """Fetch each source once and say what it is; the exit code is 1 if one gives nothing.

    Nothing is published, and no cursor moves.
    """
    settings = _settings()
    sources = _chosen(_catalogue(settings), ids)
    checked = _fetching(settings, lambda fetcher: _check_all(fetcher, sources))
    if as_json:
        _print_json(checked)
    else:
        show_checked(_console(), checked)
    if any(one.outcome != "ok" for one in checked):
        raise typer.Exit(1)


@sources_app.command()
def discover(
    url: Annotated[str, typer.Argument(help="of a site or a page")], as_json: AsJson = False
) -> None:
    """Find the feeds and sitemaps of a site: what it names itself, then the usual addresses."""
    settings = _settings()
    address = url if "://" in url else f"https://{url}"
    try:
        web_address(address)
    except BadUrlError as error:
        raise typer.BadParameter(str(error)) from error
    try:
        found = _fetching(settings, lambda fetcher: discover_sources(fetcher, address))
    except DiscoveryError as error:
        raise _failure(f"{address}: {error}") from error
    if as_json:
        _print_json(found)
    else:
        show_found(_console(), found)
    if not found:
        raise _failure(f"{address}: no feed or sitemap found")


@sources_app.command("import")
def import_command(
    path: Annotated[Path, typer.Argument(metavar="FILE", help="OPML, as feed readers export it")],
    language: Annotated[str, typer.Option(help="of the sources that name none")] = "ar",
    add: Annotated[bool, typer.Option("--add", help="put them into the catalogue")] = False,
) -> None:
    """Print what an OPML file adds to the catalogue, without the addresses that it has."""
    if not re.fullmatch(LANGUAGE_TAG, language):
        raise typer.BadParameter(f"--language {language}: a language tag such as ar, en or fr")
    settings = _settings()
    catalogue = _catalogue(settings)
    known = {source.url for source in catalogue}
    try:
        named = read_opml(_text_of(path), language, {source.id for source in catalogue})
        entries = [entry for entry in named if _is_on_the_web(entry)]
        if not entries:
            raise _failure(f"{path}: no feeds in it")
        new = [entry for entry in entries if entry["url"] not in known]
        if not add:
            typer.echo(f"sources:\n{as_entries(new)}", nl=False)
        elif new:
            longer = with_entries(_text_of(settings.sources), new, str(settings.sources))
            settings.sources.write_text(longer, encoding="utf-8")
    except (FeedError, CatalogueError) as error:
        raise _failure(f"{path}: {error}") from error
    done = "added" if add else "new"
    typer.echo(f"{len(new)} {done}, {len(entries) - len(new)} known before", err=True)


@sources_app.command()
def export() -> None:
    """Print the catalogue as OPML, which feed readers and ``rasid sources import`` understand."""
    typer.echo(write_opml(_catalogue(_settings())), nl=False)


@sources_app.command()
def status(ids: Ids = None, as_json: AsJson = False) -> None:
    """Show what each source gave: last success, next poll, failures, items a day, silence."""
    settings = _settings()
    sources = _chosen(_catalogue(settings), ids)
    states = _states(settings)
    now = datetime.now(UTC)
    rows = [status_of(source, states.get(source.id), now) for source in sources]
    if as_json:
        _print_json(rows)
    else:
        show_status(_console(), rows, now)


@sources_app.command()
def retry(ids: Ids = None) -> None:
    """Try again the items that were given up and that their sources still list.

    A running ingest does it at once: rasid sources status shows what is left of them.
    """
    settings = _settings()
    sources = _chosen(_catalogue(settings), ids)
    states = _states(settings)
    counts = {
        source.id: len(items)
        for source in sources
        if source.id in states and (items := given_up(states[source.id]))
    }
    if not counts:
        typer.echo("Nothing is given up.")
        return
    try:
        ask_to_retry(settings, counts, datetime.now(UTC))
    except PublishError as error:
        raise _failure(f"Kafka at {settings.kafka_bootstrap} does not answer: {error}") from error
    for source_id, count in counts.items():
        typer.echo(f"{source_id}: {count} {'item' if count == 1 else 'items'} to be tried again")


def _states(settings: IngestSettings) -> dict[str, SourceState]:
    try:
        return read_states(settings)
    except KafkaError as error:
        raise _failure(f"Kafka at {settings.kafka_bootstrap} does not answer: {error}") from error


def _settings() -> IngestSettings:
    settings = load(IngestSettings, os.environ)
    configure_logs("critical", settings.log_format)  # what fails is said in so many words
    return settings


def _catalogue(settings: IngestSettings) -> tuple[Source, ...]:
    try:
        return read_sources(settings.sources.read_bytes(), str(settings.sources))
    except OSError as error:
        why = f"RASID_INGEST_SOURCES={settings.sources}: {error.strerror}"
        raise ConfigurationError(why) from error
    except CatalogueError as error:
        raise ConfigurationError(str(error)) from error


def _chosen(sources: tuple[Source, ...], ids: list[str] | None) -> list[Source]:
    if not ids:
        return [source for source in sources if source.enabled]
    by_id = {source.id: source for source in sources}
    if unknown := [name for name in ids if name not in by_id]:
        raise _failure(f"not in the catalogue: {', '.join(unknown)}")
    return [by_id[name] for name in ids]


def _fetching(settings: IngestSettings, work: Callable[[Fetcher], Awaitable[T]]) -> T:
    async def run() -> T:
        async with open_fetcher(fetch_rules(settings)) as fetcher:
            return await work(fetcher)

    return asyncio.run(run())


async def _check_all(fetcher: Fetcher, sources: list[Source]) -> list[Checked]:
    turns = asyncio.Semaphore(CHECKED_AT_ONCE)

    async def one(source: Source) -> Checked:
        async with turns:
            return await check_source(fetcher, source, datetime.now(UTC))

    return list(await asyncio.gather(*map(one, sources)))


def _is_on_the_web(entry: Mapping[str, str]) -> bool:
    """Return whether an entry has an address that can be polled, and say so if not."""
    try:
        web_address(entry["url"])
    except BadUrlError as error:
        typer.echo(f"left out: {entry['name']}: {error}", err=True)
        return False
    return True


def _text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise _failure(f"{path}: not UTF-8 text") from error
    except OSError as error:
        raise _failure(f"{path}: {error.strerror}") from error


def _print_json(rows: list[Any]) -> None:
    plain = [dataclasses.asdict(row) for row in rows]
    typer.echo(json.dumps(plain, ensure_ascii=False, indent=2, default=_as_json))


def _as_json(value: datetime | timedelta) -> str | float:
    return value.total_seconds() if isinstance(value, timedelta) else value.isoformat()


def _console() -> Console:
    return Console(highlight=False)


def _failure(message: str) -> typer.Exit:
    typer.echo(message, err=True)
    return typer.Exit(1)
