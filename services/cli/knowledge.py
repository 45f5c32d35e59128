"""``rasid knowledge``: what enrich knows of people, places and bodies, for those who write it."""

from pathlib import Path
from typing import Annotated

import typer

from services.enrich.core.known import KnownEntity
from services.enrich.core.lookup import Collision, collisions, look_up
from services.enrich.core.name_synonyms import synonym_rules
from services.enrich.edges.curated import CURATED, read_curated
from services.enrich.edges.knowledge import read_context, read_entities

knowledge_app = typer.Typer(
    no_args_is_help=True, help="Names that enrich knows: check what was written, look one up."
)

_MOST_SHOWN = 12
_PUBLIC = "public sources"


@knowledge_app.command()
def check(
    folder: Annotated[Path, typer.Option(help="where the curated files are")] = CURATED,
) -> None:
    """Check the curated files: faults with file and line, then forms that need a second look.

    A form needs one when several entries have it, or when another entry's form is part of it: the
    longer one wins. The code is 78 for a fault, 0 otherwise.
    """
    entries = read_curated(folder)
    where = {entry.entity.id: entry.where for entry in entries}
    found = collisions(read_entities(read_context(), folder))
    for collision in found:
        if any(entity.id in where for entity in collision.bearers):
            typer.echo(_explain(collision, where))
    typer.echo(f"{len(entries)} entries, no faults.")


@knowledge_app.command()
def find(
    name: Annotated[str, typer.Argument(help="a name as you would write it, or an id")],
    size: Annotated[int, typer.Option("--size", "-n", min=1, help="show so many")] = _MOST_SHOWN,
) -> None:
    """Show who or what is called NAME, or almost so; the closest first."""
    entries = {entry.entity.id: entry.where for entry in read_curated()}
    found = look_up(name, read_entities(read_context()))[:size]
    for entity in found:
        typer.echo(_describe(entity, entries.get(entity.id, _PUBLIC)))
    if not found:
        typer.echo("Nothing of that name.", err=True)
        raise typer.Exit(1)


@knowledge_app.command()
def synonyms() -> None:
    """Print the spellings of the curated names as Elasticsearch reads them (make synonyms)."""
    typer.echo("# The spellings of names, one name a line; made by `make synonyms`.")
    for rule in synonym_rules(entry.entity for entry in read_curated()):
        typer.echo(rule)


def _explain(collision: Collision, where: dict[str, str]) -> str:
    bearer, *others = collision.bearers
    named = ", ".join(f"{e.id} ({where.get(e.id, _PUBLIC)})" for e in others)
    return (
        f"{where.get(bearer.id, _PUBLIC)}: {collision.form} of {bearer.id} {collision.kind} {named}"
    )


def _describe(entity: KnownEntity, where: str) -> str:
    facts = [f"{entity.id}  {entity.type}  {entity.name}"]
    if entity.name_en:
        facts.append(entity.name_en)
    if entity.country:
        facts.append(entity.country)
    if entity.geo:
        facts.append(f"{entity.geo.lat}, {entity.geo.lon}")
    lines = ["  ".join(facts)]
    for label, forms in (
        ("forms", entity.forms),
        ("short", entity.short),
        ("cued", entity.cued),
        ("titles", entity.titles),
    ):
        if forms:
            lines.append(f"    {label}: {', '.join(forms)}")
    ids = ", ".join(f"{key} {value}" for key, value in (entity.ids or {}).items())
    lines.append(f"    {ids + '; ' if ids else ''}{where}")
    return "\n".join(lines)
