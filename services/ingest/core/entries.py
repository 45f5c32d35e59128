"""New entries for a catalogue, as text that leaves the rest of the file as it is."""

import json
from collections.abc import Iterable, Mapping

import yaml

from services.contract.catalogues import CatalogueError
from services.ingest.core.sources import load_sources


def as_entries(entries: Iterable[Mapping[str, str]], indent: int = 2) -> str:
    """Return a line ``- {id: ..., name: ...}`` for each entry, ``indent`` columns in."""
    return "".join(f"{' ' * indent}- {{{_fields(entry)}}}\n" for entry in entries)


def with_entries(text: str, entries: Iterable[Mapping[str, str]], filename: str) -> str:
    """Return the catalogue ``text`` with ``entries`` at its end.

    Raises CatalogueError if that would be wrong.
    """
    load_sources(text, filename)
    end = "" if text.endswith("\n") else "\n"
    longer = text + end + as_entries(entries, _indent(text))
    try:
        load_sources(longer, filename)
    except CatalogueError as error:
        raise CatalogueError(f"nothing was added, for then\n{error}") from error
    return longer


def _indent(catalogue: str) -> int:
    """Return the column of the hyphens of the list of sources."""
    tokens = yaml.scan(catalogue, Loader=yaml.SafeLoader)
    hyphens = (token for token in tokens if isinstance(token, yaml.BlockEntryToken))
    first = next(hyphens, None)
    return int(first.start_mark.column) if first else 2


def _fields(entry: Mapping[str, str]) -> str:
    # JSON's strings are YAML's, in whatever script.
    return ", ".join(
        f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in entry.items()
    )
