"""``rasid setup``: secrets before the servers run, rights when they do. For operators."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from deploy.setup import SetupError
from deploy.setup.elasticsearch import make_keys, set_up_elasticsearch
from deploy.setup.kafka import set_up_kafka
from deploy.setup.secrets import Secrets
from services.runtime.logs import configure_logs
from services.runtime.settings import Settings, load

setup_app = typer.Typer(
    no_args_is_help=True, help="Secrets, users, rights, topics and indices of an installation."
)

_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?|[0-9a-fA-F:]*:[0-9a-fA-F:.]*")

Folder = Annotated[Path, typer.Argument(file_okay=False, help="the folder of secrets")]


@setup_app.command()
def secrets(
    folder: Folder,
    host: Annotated[
        list[str], typer.Option(help="name or address of a server, as its clients say it")
    ],
) -> None:
    """Make passwords and certificates, before Kafka and Elasticsearch start.

    What is there is kept; a certificate is renewed two months before its end. Run it again then,
    and start the servers anew.
    """
    settings = load(Settings, os.environ)
    for name in host:
        if not _HOST.fullmatch(name):
            raise typer.BadParameter(f"--host {name!r}: a name or an address, without a port")
    try:
        Secrets(folder, settings.namespace).make(host, datetime.now(UTC))
    except OSError as error:
        typer.echo(f"{error.filename or folder}: {error.strerror}", err=True)
        raise typer.Exit(1) from error
    except ValueError as error:
        typer.echo(f"{folder} holds a key or certificate that cannot be read: {error}", err=True)
        raise typer.Exit(1) from error
    typer.echo(f"The secrets are in {folder}: keep it from others.")


@setup_app.command()
def rights(folder: Folder) -> None:
    """Give each account what it needs and no more: topics, users, indices, keys.

    Kafka and Elasticsearch must run, and RASID_* say how their administrator reaches them. Safe to
    run again: what is there is brought to what this release needs. A key whose file was removed is
    made anew, and the old one is refused from then on.
    """
    settings = load(Settings, os.environ)
    configure_logs("warning", settings.log_format)
    known = Secrets(folder, settings.namespace)
    with _explained():
        set_up_kafka(settings, known)
        set_up_elasticsearch(settings, known)
    typer.echo(f"Kafka's users and Elasticsearch's keys are as {folder} has them.")


@setup_app.command()
def keys(folder: Folder) -> None:
    """Make Elasticsearch's indices and keys only, where Kafka's users are made by others.

    As rights does it, with RASID_ELASTICSEARCH_* of an administrator; no other secret is needed.
    """
    settings = load(Settings, os.environ)
    configure_logs("warning", settings.log_format)
    with _explained():
        make_keys(settings, Secrets(folder, settings.namespace))
    typer.echo(f"Elasticsearch's keys are in {folder}: keep it from others.")


@contextmanager
def _explained() -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        typer.echo(f"{error.filename} is missing: run rasid setup secrets first", err=True)
        raise typer.Exit(1) from error
    except OSError as error:
        typer.echo(f"{error.filename}: {error.strerror}", err=True)
        raise typer.Exit(1) from error
    except SetupError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(75) from error
