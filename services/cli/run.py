"""``rasid run``: the local stack and all services on the live sources, until Ctrl-C."""

import os
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

import deploy
from deploy.demo.demo import NAMESPACE as DEMO_NAMESPACE
from deploy.local.config import StackConfig, StackError
from deploy.local.run import local_stack, services
from deploy.local.services import SERVICES, service_environ, service_url
from services.runtime.logs import configure_logs
from services.runtime.settings import ConfigurationError, load

SOURCES = Path(deploy.__file__).with_name("sources.yaml")


def run_command(
    sources: Annotated[
        Path, typer.Option(exists=True, dir_okay=False, help="the sources to poll")
    ] = SOURCES,
) -> None:
    """Run everything on this machine, polling the live sources, until Ctrl-C."""
    configure_logs("warning", "auto")  # the services write their own logs
    console = Console()
    config = StackConfig.from_environ(os.environ)
    if config.namespace == DEMO_NAMESPACE:
        raise ConfigurationError(
            f"RASID_NAMESPACE={DEMO_NAMESPACE} is the demo's, which deletes it. Choose another."
        )
    environ = service_environ(config, os.environ, RASID_INGEST_SOURCES=str(sources.resolve()))
    try:
        with local_stack(config, console.print), services(config, environ) as running:
            console.print(f"Kafka          {config.kafka_address}")
            console.print(f"Elasticsearch  {config.elasticsearch_address}")
            for name, kind in SERVICES.items():
                console.print(f"{name:<14} {service_url(load(kind, environ), 'metrics')}")
            console.print(f"logs           {running.logs}")
            console.print('Search with: rasid search "طرابلس". Ctrl-C stops.')
            running.until_interrupted()
    except StackError as error:
        console.print(str(error), style="red", markup=False)
        raise typer.Exit(1) from error
    except KeyboardInterrupt:
        console.print("stopped")
