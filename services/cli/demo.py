"""``rasid demo``: the whole path on the bundled sample site."""

import os
from typing import Annotated

import typer
from rich.console import Console

from deploy.demo.demo import run_demo
from deploy.local.config import StackError
from services.runtime.logs import configure_logs


def demo_command(
    exit_when_found: Annotated[
        bool, typer.Option("--exit", help="end when all articles are found, non-zero if not")
    ] = False,
) -> None:
    """Show the whole path at work on a small sample news site of its own."""
    configure_logs("warning", "auto")  # the services write their own logs
    console = Console()
    try:
        code = run_demo(os.environ, console, exit_when_found=exit_when_found)
    except StackError as error:
        console.print(str(error), style="red", markup=False)
        code = 1
    except KeyboardInterrupt:
        console.print("stopped")
        code = 0
    raise typer.Exit(code)
