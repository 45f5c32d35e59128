"""``rasid index``: the index from one mapping to the next, and against what Kafka holds."""

import dataclasses
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer
from elasticsearch import ApiError, TransportError
from kafka.errors import KafkaError
from rich.console import Console

from services.cli.index_tables import show_verified
from services.index.config import IndexSettings
from services.index.edges.kafka import SourceError
from services.index.migrate import Migration, MigrationError, roll_back
from services.index.verify import verify as verify_index
from services.runtime.elasticsearch import make_client
from services.runtime.logs import configure_logs
from services.runtime.settings import load

index_app = typer.Typer(
    no_args_is_help=True, help="The index: bring it to a new mapping, compare it with Kafka."
)


@index_app.command()
def migrate(
    rollback: Annotated[
        bool, typer.Option("--rollback", help="search the index of the mapping before again")
    ] = False,
) -> None:
    """Make the index of this build's mapping, fill it beside the old one, and have it searched.

    Services of the other build go on meanwhile. Run it again if it was interrupted.
    """
    settings = _settings()
    with _explained(settings), make_client(settings) as client:
        if rollback:
            roll_back(settings, client, typer.echo)
        else:
            Migration(settings, client, typer.echo).run()


@index_app.command()
def verify(
    as_json: Annotated[bool, typer.Option("--json", help="print one JSON object")] = False,
) -> None:
    """Compare the index that is searched with what Kafka holds; the exit code is 1 if they differ.

    What the service has still to write, dead letters and what Kafka has forgotten are not compared.
    """
    settings = _settings()
    with _explained(settings), make_client(settings) as client:
        verified = verify_index(settings, client)
    if as_json:
        facts = {"good": verified.is_good} | dataclasses.asdict(verified)
        typer.echo(json.dumps(facts, ensure_ascii=False, indent=2, default=str))
    else:
        show_verified(Console(highlight=False), verified)
    if not verified.is_good:
        raise typer.Exit(1)


def _settings() -> IndexSettings:
    settings = load(IndexSettings, os.environ)
    configure_logs("warning", settings.log_format)
    return settings


@contextmanager
def _explained(settings: IndexSettings) -> Iterator[None]:
    """Turn what can go wrong into a message and exit code 1."""
    try:
        yield
    except MigrationError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    except (SourceError, KafkaError) as error:
        typer.echo(f"Kafka cannot be used: {error}", err=True)
        raise typer.Exit(1) from error
    except (ApiError, TransportError) as error:
        url = settings.elasticsearch_url
        typer.echo(f"Elasticsearch at {url} cannot be used: {error}", err=True)
        raise typer.Exit(1) from error
