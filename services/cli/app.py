"""The ``rasid`` command and its subcommands. Only the one that is asked for is imported."""

import importlib
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import structlog
import typer

from services.runtime.settings import ConfigurationError


@dataclass(frozen=True, slots=True)
class Subcommand:
    """Where a subcommand is defined, and the extra of the distribution that it needs.

    ``takes_dashes``: a word with a dash before it that is no option is an argument like others.
    """

    module: str
    attribute: str
    extra: str
    takes_dashes: bool = False


SUBCOMMANDS = {
    "demo": Subcommand("services.cli.demo", "demo_command", "all"),
    "run": Subcommand("services.cli.run", "run_command", "all"),
    "status": Subcommand("services.cli.status", "status_command", "all"),
    "search": Subcommand("services.cli.search", "search_command", "index", takes_dashes=True),
    "index": Subcommand("services.cli.index", "index_app", "index"),
    "import": Subcommand("services.cli.import_", "import_command", "ingest"),
    "annotate": Subcommand("services.cli.annotate", "annotate_command", "enrich"),
    "sources": Subcommand("services.cli.sources", "sources_app", "ingest"),
    "alerts": Subcommand("services.cli.alerts", "alerts_app", "alert"),
    "watches": Subcommand("services.cli.watches", "watches_app", "alert"),
    "knowledge": Subcommand("services.cli.knowledge", "knowledge_app", "enrich"),
    "dead-letters": Subcommand("services.cli.dead_letters", "dead_letters_app", "cli"),
    "setup": Subcommand("services.cli.setup", "setup_app", "setup"),
    "stack": Subcommand("services.cli.stack", "stack_app", "setup"),
}


def build(names: Iterable[str]) -> typer.Typer:
    """Return the command with the subcommands ``names``."""
    app = typer.Typer(
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        help="راصد Rasid watches Libya's news, from the feeds to a searchable Arabic archive.",
    )
    app.callback()(_root)
    for name in names:
        target = _target(name, SUBCOMMANDS[name])
        if isinstance(target, typer.Typer):
            app.add_typer(target, name=name)
        else:
            settings = {"ignore_unknown_options": SUBCOMMANDS[name].takes_dashes}
            app.command(name, context_settings=settings)(target)
    return app


def _root() -> None:
    """Keep ``rasid`` a group of subcommands, also when only one of them is loaded."""


def _target(name: str, subcommand: Subcommand) -> typer.Typer | Callable[..., None]:
    try:
        module = importlib.import_module(subcommand.module)
    except ModuleNotFoundError as error:
        missing = error.name or ""
        if missing.partition(".")[0] in ("services", "deploy"):
            raise
        needed = f"rasid {name} needs {missing}: pip install 'rasid[cli,{subcommand.extra}]'"
        return _not_installed(needed)
    target: typer.Typer | Callable[..., None] = getattr(module, subcommand.attribute)
    return target


def _not_installed(needed: str) -> Callable[[], None]:
    def explain() -> None:
        typer.echo(needed, err=True)
        raise typer.Exit(1)

    explain.__doc__ = f"(not installed) {needed}"
    return explain


def main() -> None:
    """Run the command; a wrong configuration is one message on standard error and code 78."""
    asked = sys.argv[1] if len(sys.argv) > 1 else ""
    names = [asked] if asked in SUBCOMMANDS else list(SUBCOMMANDS)
    structlog.configure(  # for those that configure no logs: what they print may be JSON
        wrapper_class=structlog.make_filtering_bound_logger("warning"),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    try:
        build(names)()
    except ConfigurationError as error:
        print(error, file=sys.stderr)  # noqa: T201 - the last word of the command
        sys.exit(78)
