"""What the subcommands of ``rasid alerts`` begin with: the index, the watches, one alert."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import typer
from elasticsearch import ApiError, Elasticsearch, TransportError
from elasticsearch.helpers import ScanError

from services.alert.catalogue import WatchFile, channels_of
from services.alert.config import AlertSettings, alerts_index
from services.alert.core.watches import Watch
from services.alert.edges.alerts import AlertsIndex
from services.alert.edges.counts import CountError
from services.contract.alerts import Alert
from services.runtime.elasticsearch import make_client
from services.runtime.settings import load


@contextmanager
def opened_index() -> Iterator[tuple[Elasticsearch, AlertSettings]]:
    """Give the client and the settings; what Elasticsearch cannot do ends the command."""
    settings = load(AlertSettings, os.environ)
    try:
        with make_client(settings) as client:
            yield client, settings
    except (ApiError, TransportError, CountError, ScanError) as error:
        typer.echo(f"{settings.elasticsearch_url}: {error}", err=True)
        raise typer.Exit(1) from error


def enabled_watches(settings: AlertSettings) -> tuple[Watch, ...]:
    """Return the watches of the file. Raises ConfigurationError."""
    channels = frozenset(channel.id for channel in channels_of(settings.channels))
    return WatchFile(settings.watches, channels).watches


def alert_beginning_with(alert_id: str, client: Elasticsearch, settings: AlertSettings) -> Alert:
    """Return the incident whose id begins so; end the command if there is not just one."""
    found = AlertsIndex(client, alerts_index(settings)).beginning_with(alert_id)
    if len(found) != 1:
        problem = "no alert has" if not found else f"{len(found)} alerts have"
        raise ended(f"{problem} an id that begins with {alert_id!r}")
    return found[0]


def ended(problem: str) -> typer.Exit:
    """Say ``problem``, and return what ends the command."""
    typer.echo(problem, err=True)
    return typer.Exit(1)
