"""``rasid stack``: the local Kafka and Elasticsearch of this machine."""

import os
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from deploy.local import stack
from deploy.local.config import StackConfig, StackError
from deploy.local.credentials import variables, without_credentials
from deploy.setup.secrets import ACCOUNTS, SEARCH

stack_app = typer.Typer(
    no_args_is_help=True, help="Kafka and Elasticsearch on this machine, without Docker."
)
_console = Console()


@stack_app.command()
def up() -> None:
    """Start both servers and wait until they answer; fetch them the first time."""
    config = StackConfig.from_environ(os.environ)
    with _stack_errors():
        _print_status(stack.up(config, lambda line: _console.print(line, markup=False)))


@stack_app.command()
def status() -> None:
    """Show what runs and where; code 1 if a server does not answer."""
    config = StackConfig.from_environ(os.environ)
    state = stack.status(config)
    _print_status(state)
    if not state.answers:
        raise typer.Exit(1)


@stack_app.command()
def env(
    account: Annotated[
        str, typer.Argument(help="who the commands act as; search may only read")
    ] = SEARCH,
) -> None:
    """Print what the shell needs to use this stack: eval "$(rasid stack env)"."""
    if account not in ACCOUNTS:
        raise typer.BadParameter(f"{account}: one of {', '.join(ACCOUNTS)}")
    config = StackConfig.from_environ(os.environ)
    for name in sorted(os.environ.keys() - without_credentials(os.environ).keys()):
        typer.echo(f"unset {name}")
    for name, value in variables(config, account).items():
        typer.echo(f"export {name}={shlex.quote(value)}")


@stack_app.command()
def logs(
    lines: Annotated[int, typer.Option("--lines", "-n", min=1, help="of each log")] = 20,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="go on until Ctrl-C")] = False,
) -> None:
    """Show the last lines of every log."""
    config = StackConfig.from_environ(os.environ)
    files = [str(file) for file in stack.log_files(config)]
    if not files:
        _console.print(f"No logs in {config.logs}", markup=False)
        raise typer.Exit(1)
    if follow:
        os.execvp("tail", ["tail", "-n", str(lines), "-F", *files])  # noqa: S606, S607
    for process, line in stack.logs(config, lines):
        _console.print(Text.assemble((f"{process} ", "cyan"), line), soft_wrap=True)


@stack_app.command()
def down() -> None:
    """Stop both servers; their data and logs stay."""
    config = StackConfig.from_environ(os.environ)
    with _stack_errors():
        stopped = stack.down(config)
    _console.print(f"The stack {config.name} {'is stopped' if stopped else 'did not run'}.")


@contextmanager
def _stack_errors() -> Iterator[None]:
    try:
        yield
    except StackError as error:
        Console(stderr=True).print(str(error), style="red", markup=False, soft_wrap=True)
        raise typer.Exit(1) from error


def _print_status(state: stack.StackStatus) -> None:
    table = Table("server", "address", "state", "process", "restarts", box=None, pad_edge=False)
    for server in state.servers:
        process = server.process
        table.add_row(
            server.name,
            server.address,
            Text(_condition(server), "green" if server.answers else "red"),
            str(process.pid) if process and process.pid else "",
            str(process.restarts) if process else "",
        )
    _console.print(table)


def _condition(server: stack.ServerStatus) -> str:
    if server.answers:
        return "answers" if server.own else "answers, external"
    if not server.own:
        return "does not answer, external"
    return server.process.condition if server.process else "stopped"
