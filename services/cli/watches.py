"""``rasid watches``: the watches as a person wrote them."""

from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

import deploy
from services.alert.core.watches import read_watches
from services.contract.catalogues import CatalogueError

PACKAGED_WATCHES = Path(deploy.__path__[0]) / "watches.yaml"

watches_app = typer.Typer(no_args_is_help=True, help="The watches: what is worth an alert.")

File = Annotated[Path, typer.Argument(metavar="[FILE]", help="the file of watches")]


@watches_app.callback()
def _root() -> None:
    """Keep ``watches`` a group, also while it has one subcommand."""


@watches_app.command()
def check(file: File = PACKAGED_WATCHES) -> None:
    """Say what is wrong in FILE, each mistake with its line; the exit code is 1 if anything is."""
    try:
        watches = read_watches(file.read_bytes(), str(file))
    except OSError as error:
        typer.echo(f"{file}: {error.strerror}", err=True)
        raise typer.Exit(1) from error
    except CatalogueError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    kinds = Counter(watch.kind if watch.enabled else "disabled" for watch in watches)
    typer.echo(f"{file}: {', '.join(f'{count} {kind}' for kind, count in sorted(kinds.items()))}")
