"""``rasid dead-letters``: what could not be used, why, and a second chance for it."""

import json
import os
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC
from typing import Annotated, Any

import typer
from kafka.errors import KafkaError
from rich.console import Console
from rich.text import Text

from services.contract.dead_letters import DeadLetter
from services.contract.topics import DEAD_LETTER_SERVICES
from services.runtime.dead_letters import StoredDeadLetter, read_dead_letters, replay
from services.runtime.settings import Settings, load

dead_letters_app = typer.Typer(
    no_args_is_help=True, help="Messages that could not be used: look at them, send them again."
)

_SHOWN_CHARS = 4_000

ServiceOption = Annotated[
    str | None, typer.Option(help=f"only of this service: {', '.join(DEAD_LETTER_SERVICES)}")
]
ReasonOption = Annotated[str | None, typer.Option(help="only with this reason")]
Id = Annotated[str, typer.Argument(help="as rasid dead-letters list shows it: index:17")]


@dead_letters_app.command("list")
def list_command(
    service: ServiceOption = None,
    reason: ReasonOption = None,
    size: Annotated[int, typer.Option("--size", "-n", min=1, help="the newest so many")] = 50,
    as_json: Annotated[bool, typer.Option("--json", help="print one JSON object a line")] = False,
) -> None:
    """Show the newest dead letters of each service, oldest first."""
    settings = load(Settings, os.environ)
    with _kafka_errors(settings):
        found = [
            stored
            for name in _services(service)
            for stored in deque(_select(settings, name, reason), maxlen=size)
        ]
    if as_json:
        for stored in found:
            typer.echo(json.dumps(_facts(stored), ensure_ascii=False))
    elif not found:
        typer.echo("No dead letters.")
    else:
        print_lines(found)


@dead_letters_app.command()
def show(letter_id: Id) -> None:
    """Show one dead letter whole: who gave up on it, why, and what it holds."""
    settings = load(Settings, os.environ)
    with _kafka_errors(settings):
        stored = _find(settings, letter_id)
    for name, value in _facts(stored).items():
        typer.echo(f"{name}: {_printable(str(value))}")
    typer.echo("")
    typer.echo(_readable(stored.letter.value))


@dead_letters_app.command("replay")
def replay_command(
    letter_id: Annotated[str | None, typer.Argument(help="one of them: index:17")] = None,
    service: ServiceOption = None,
    reason: ReasonOption = None,
) -> None:
    """Send dead letters to their topics again, each once; all of them unless told otherwise.

    What was replayed before is left out, unless it is asked for by its ID.
    """
    settings = load(Settings, os.environ)
    with _kafka_errors(settings):
        if letter_id:
            count = replay(settings, [_find(settings, letter_id)])
        else:
            names = _services(service)
            letters = (s for name in names for s in _select(settings, name, reason))
            count = replay(settings, (stored for stored in letters if not stored.replayed))
    typer.echo(f"{count} {'message' if count == 1 else 'messages'} sent again.")


def _services(service: str | None) -> tuple[str, ...]:
    if service is None:
        return DEAD_LETTER_SERVICES
    if service not in DEAD_LETTER_SERVICES:
        raise typer.BadParameter(f"--service is one of {', '.join(DEAD_LETTER_SERVICES)}")
    return (service,)


def _select(settings: Settings, service: str, reason: str | None) -> Iterator[StoredDeadLetter]:
    for stored in read_dead_letters(settings, service):
        if reason in (None, stored.letter.reason):
            yield stored


def _find(settings: Settings, letter_id: str) -> StoredDeadLetter:
    service, _, offset = letter_id.partition(":")
    if service in DEAD_LETTER_SERVICES and offset.isdecimal():
        for stored in read_dead_letters(settings, service):
            if stored.offset == int(offset):
                return stored
    typer.echo(
        f"There is no dead letter {letter_id}; rasid dead-letters list shows them.", err=True
    )
    raise typer.Exit(1)


def _facts(stored: StoredDeadLetter) -> dict[str, Any]:
    letter = stored.letter
    return {
        "id": stored.id,
        "failed_at": letter.failed_at.isoformat(),
        "stage": letter.stage,
        "reason": letter.reason,
        "error": letter.error,
        "attempts": letter.attempts,
        "origin": f"{letter.topic}/{letter.partition}/{letter.offset}",
        "key": None if letter.key is None else letter.key.decode("utf-8", "replace"),
        "bytes": len(letter.value or b""),
        "replayed": stored.replayed,
    }


def print_lines(found: list[StoredDeadLetter]) -> None:
    """Print one line for each letter, cut where the terminal ends.

    ``sent`` are those that were sent again; ``show`` tells the rest.
    """
    console = Console(highlight=False)
    rows = [("ID", "failed UTC", "reason", "tries", "error"), *map(_row, found)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row[:-1], widths[:-1], strict=True)]
        line = Text("  ".join([*cells, row[-1]]), style="bold" if row is rows[0] else "")
        console.print(line, no_wrap=True, overflow="ellipsis")


def _row(stored: StoredDeadLetter) -> tuple[str, ...]:
    letter = stored.letter
    failed_at = letter.failed_at.astimezone(UTC)
    return (
        stored.id,
        f"{failed_at:%m-%d %H:%M}",  # they are kept for 30 days
        letter.reason,
        f"{letter.attempts} sent" if stored.replayed else f"{letter.attempts}",
        _short(letter),
    )


def _short(letter: DeadLetter) -> str:
    """Return the first line of the error, without the reason, which has a column of its own."""
    first_line = letter.error.partition("\n")[0]
    return _printable(first_line.removeprefix(f"{letter.reason}: "))


def _readable(value: bytes | None) -> str:
    """Return the value as JSON with indents, else as text, else as what can be read of it."""
    if value is None:
        return "(the record had no value)"
    try:
        text = json.dumps(json.loads(value), ensure_ascii=False, indent=2)
        text.encode()
    except (ValueError, RecursionError):
        text = _printable(value.decode("utf-8", "backslashreplace"))
    left_out = len(text) - _SHOWN_CHARS
    return text if left_out <= 0 else f"{text[:_SHOWN_CHARS]}\n... {left_out:,} characters more"


def _printable(text: str) -> str:
    """Return ``text`` with what could steer a terminal made visible."""
    return "".join(c if c.isprintable() or c == "\n" else ascii(c)[1:-1] for c in text)


@contextmanager
def _kafka_errors(settings: Settings) -> Iterator[None]:
    try:
        yield
    except KafkaError as error:
        typer.echo(
            f"Kafka at {settings.kafka_bootstrap} cannot be used ({error!r}). "
            "Start the local stack with rasid stack up, or set RASID_KAFKA_BOOTSTRAP.",
            err=True,
        )
        raise typer.Exit(1) from error
