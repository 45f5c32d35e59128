"""The knowledge files: read, checked, and made into what the core matches with.

Raises ConfigurationError, whose message names the file of every fault, and the line where it can.
"""

import gzip
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import yaml

from services.contract.articles import GeoPoint
from services.enrich.core.combine import combine, doubt
from services.enrich.core.context import Context, compile_context
from services.enrich.core.known import KnownEntity, last_names
from services.enrich.core.latin.vocabulary import Vocabulary, compile_vocabularies
from services.enrich.core.patterns import Patterns, compile_patterns
from services.enrich.core.word_features import Lexicon
from services.enrich.edges.curated import CURATED, read_curated
from services.runtime.settings import ConfigurationError

KNOWLEDGE = Path(__file__).parent.parent / "knowledge"
GAZETTEER = ("places.jsonl.gz", "names.jsonl.gz")
"""What `make knowledge` makes of public sources."""
PERSONAL_NAMES = "latin/personal_names.txt"
"""Given names and surnames, made of one of them as well."""


def read_entities(context: Context, curated_in: Path = CURATED) -> tuple[KnownEntity, ...]:
    """Return all that is known of people, places and bodies, what people wrote first."""
    curated = [entry.entity for entry in read_curated(curated_in)]
    return combine(curated, (doubt(entity, context) for entity in read_gazetteer()))


def read_gazetteer(folder: Path = KNOWLEDGE) -> Iterator[KnownEntity]:
    """Yield what public sources know, of more note first."""
    for name in GAZETTEER:
        for line in gzip.decompress((folder / name).read_bytes()).splitlines():
            yield _entity(json.loads(line))


def _entity(entry: dict[str, Any]) -> KnownEntity:
    geo = entry.get("geo")
    return KnownEntity(
        id=entry["id"],
        type=entry["type"],
        name=entry["name"],
        name_en=entry.get("name_en"),
        country=entry.get("country"),
        ids=entry["ids"],
        geo=GeoPoint(lat=geo[0], lon=geo[1]) if geo else None,
        forms=tuple(entry.get("forms", ())),
        cued=tuple(entry.get("cued", ())),
    )


def read_context(path: Path = KNOWLEDGE / "ambiguous.yaml") -> Context:
    """Return what decides on doubtful names; places called like people are doubtful as well."""
    patterns = read_mapping(path.with_name("patterns.yaml"))
    try:
        given = f"{patterns['given']} {patterns['given_or_word']}".split()
        return compile_context(read_mapping(path), given)
    except ValueError as error:
        raise ConfigurationError(f"{path}: {error}") from error


def read_vocabularies(
    entities: Iterable[KnownEntity], folder: Path = KNOWLEDGE
) -> dict[str, Vocabulary]:
    """Return by language what tells names in Latin letters that ``entities`` lack."""
    tables = {path.stem: read_mapping(path) for path in sorted((folder / "latin").glob("*.yaml"))}
    names = set((folder / PERSONAL_NAMES).read_text(encoding="utf-8").split())
    names.update(one.name_en.split()[0] for one in entities if one.type == "PER" and one.name_en)
    try:
        return compile_vocabularies(tables, names)
    except ValueError as error:
        raise ConfigurationError(f"{folder / 'latin'}: {error}") from error


def read_patterns(
    lexicon: Lexicon,
    entities: Iterable[KnownEntity],
    context: Context,
    path: Path = KNOWLEDGE / "patterns.yaml",
) -> Patterns:
    """Return the words that give names away; surnames of known ``entities`` are some of them."""
    surnames = {name for one in entities for name in last_names(one, context.not_alone)}
    try:
        return compile_patterns(read_mapping(path), lexicon, surnames)
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


def read_other_date_tables(
    folder: Path = KNOWLEDGE / "dates" / "other",
) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    """Return the rules of dates in other languages, and by tag the words of each."""
    paths = sorted(set(folder.glob("*.yaml")) - {folder / "rules.yaml"})
    return read_mapping(folder / "rules.yaml"), {path.stem: read_mapping(path) for path in paths}
