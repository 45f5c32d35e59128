"""``rasid watches``: the watches as a person wrote them."""

from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from services.alert.config import PACKAGED_CHANNELS, PACKAGED_WATCHES
from services.alert.core.channels import Channel, read_channels
from services.alert.core.watches import Watch, read_watches
from services.contract.catalogues import CatalogueError

watches_app = typer.Typer(no_args_is_help=True, help="The watches: what is worth an alert.")

File = Annotated[Path, typer.Argument(metavar="[FILE]", help="the file of watches")]
Channels = Annotated[Path, typer.Option("--channels", help="the file of channels")]


@watches_app.callback()
def _root() -> None:
    """Keep ``watches`` a group, also while it has one subcommand."""


@watches_app.command()
def check(file: File = PACKAGED_WATCHES, channels: Channels = PACKAGED_CHANNELS) -> None:
    """Say what is wrong in FILE and in the channels, each mistake with its line.

    A watch may only name channels that there are, and a channel watches. The exit code is 1 if
    anything is wrong.
    """
    watches, known = _read(file, channels)
    kinds = Counter(watch.kind if watch.enabled else "disabled" for watch in watches)
    typer.echo(f"{file}: {', '.join(f'{count} {kind}' for kind, count in sorted(kinds.items()))}")
    names = ", ".join(sorted(channel.id for channel in known)) or "none"
    typer.echo(f"{channels}: {names}")


def _read(file: Path, channels: Path) -> tuple[tuple[Watch, ...], tuple[Channel, ...]]:
    try:
        content, channels_content = file.read_bytes(), channels.read_bytes()
        known = read_channels(channels_content, str(channels))
        watches = read_watches(content, str(file), frozenset(channel.id for channel in known))
        ids = frozenset(watch.id for watch in watches)
        return watches, read_channels(channels_content, str(channels), ids)
    except OSError as error:
        typer.echo(f"{error.filename}: {error.strerror}", err=True)
        raise typer.Exit(1) from error
    except CatalogueError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
