"""The knowledge files: read, checked, and made into what the core matches with.

Raises ConfigurationError, whose message names the file of every fault, and the line where it can.
"""

from pathlib import Path
from typing import Any

import yaml

from services.enrich.core.context import Context, compile_context
from services.enrich.core.known import KnownEntity
from services.enrich.edges.curated import read_curated
from services.runtime.settings import ConfigurationError

KNOWLEDGE = Path(__file__).parent.parent / "knowledge"


def read_entities() -> tuple[KnownEntity, ...]:
    """Return all that is known of people, places and bodies, what people wrote first."""
    return tuple(entry.entity for entry in read_curated())


def read_context(path: Path = KNOWLEDGE / "ambiguous.yaml") -> Context:
    """Return what decides on doubtful names."""
    try:
        return compile_context(read_mapping(path))
    except ValueError as error:
        raise ConfigurationError(f"{path}: {error}") from error


def read_mapping(path: Path) -> dict[str, Any]:
    """Return the mapping that the YAML file ``path`` holds."""
    try:
        content = yaml.load(path.read_bytes(), Loader=yaml.CSafeLoader)
    except yaml.YAMLError as error:
        raise ConfigurationError(f"{path}: {error}") from error
    if not isinstance(content, dict):
        raise ConfigurationError(f"{path}: a mapping is expected")
    return content


def read_date_tables(folder: Path = KNOWLEDGE / "dates") -> dict[str, Any]:
    """Return the words and rules of date expressions."""
    return read_mapping(folder / "words.yaml") | read_mapping(folder / "rules.yaml")
