"""What ``rasid import`` of a site needs: whose it is, what is known of it, and where it was."""

import os
from collections.abc import Iterator
from contextlib import ExitStack

import typer

from services.contract.articles import article_id
from services.ingest.backfill import Site, SiteReader, at_host, known_ids, source_of
from services.ingest.catalogue import Catalogue
from services.ingest.config import IngestSettings
from services.ingest.core.period import Period
from services.ingest.core.sources import Source
from services.ingest.edges.cursors import read_cursors
from services.ingest.edges.fence import partition_of
from services.ingest.edges.journal import Journal
from services.ingest.edges.web_address import BadUrlError, web_address
from services.ingest.imports import Imported
from services.ingest.rules import fetch_rules
from services.runtime.settings import load


def open_site(url: str, period: Period, opened: ExitStack) -> Iterator[Imported]:
    """Return what the sitemap at ``url`` gives of ``period``; what is ``opened`` is to be closed.

    Exits if that cannot be. Reading it raises KafkaError, and what SiteReader raises.
    """
    try:
        web_address(url)
    except BadUrlError as error:
        raise typer.BadParameter(str(error)) from error
    settings = load(IngestSettings, os.environ)
    catalogue = Catalogue(settings.sources).sources
    journal = _journal(url, settings)
    opened.callback(journal.close)
    return _read(url, period, settings, catalogue, journal)


def _read(
    url: str, period: Period, settings: IngestSettings, catalogue: list[Source], journal: Journal
) -> Iterator[Imported]:
    live = {source.id for source in at_host(url, catalogue)}
    partitions = {partition_of(source_id) for source_id in live}
    cursors = read_cursors(settings, partitions) if partitions else {}
    known = known_ids(cursor for source_id, cursor in cursors.items() if source_id in live)
    site = Site(url, source_of(url, catalogue), period, known)
    yield from SiteReader(site, fetch_rules(settings), journal).articles()


def _journal(url: str, settings: IngestSettings) -> Journal:
    """Open the journal of importing ``url`` into this Kafka. Exits if that cannot be."""
    name = article_id(f"{settings.kafka_bootstrap} {settings.namespace} {url}")
    path = settings.home / "imports" / f"{name}.txt"
    try:
        return Journal(path)
    except BlockingIOError as error:
        typer.echo(f"{url} is being imported by another rasid import", err=True)
        raise typer.Exit(1) from error
    except OSError as error:
        why = error.strerror or error
        typer.echo(f"{path}: {why}. RASID_HOME can name another folder.", err=True)
        raise typer.Exit(1) from error
