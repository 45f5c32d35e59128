"""The knowledge files: read, checked with file and line, and made into what the core matches with.

Raises ConfigurationError, whose message names the file and the line of every fault.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
)

from services.contract.articles import EntityType, GeoPoint
from services.enrich.core.entities import KnownEntity
from services.enrich.core.normalise import fold
from services.runtime.settings import ConfigurationError

KNOWLEDGE = Path(__file__).parent.parent / "knowledge"

Form = Annotated[str, StringConstraints(min_length=2, max_length=120, strip_whitespace=True)]

# YAML reads 2016 as a number and 2016-03-30 as a date.
Day = Annotated[str, BeforeValidator(str), StringConstraints(pattern=r"^\d{4}(-\d{2}(-\d{2})?)?$")]


class _Entry(BaseModel):
    """One entry of a curated file: knowledge/README.md says what each field means."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Annotated[str, StringConstraints(pattern=r"^(person|place|org|event|thing):[a-z0-9-]+$")]
    type: EntityType
    name: Form
    name_en: Form
    forms: tuple[Form, ...] = ()
    latin: tuple[Form, ...] = ()
    short: tuple[Form, ...] = ()
    cued: tuple[Form, ...] = ()
    titles: tuple[Form, ...] = ()
    since: Day | None = None
    until: Day | None = None
    country: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")] | None = None
    geo: Annotated[tuple[float, ...], Field(min_length=2, max_length=2)] | None = None
    ids: dict[str, str] = Field(default_factory=dict)

    def known_entity(self) -> KnownEntity:
        return KnownEntity(
            id=self.id,
            type=self.type,
            name=self.name,
            name_en=self.name_en,
            country=self.country,
            ids=self.ids,
            geo=GeoPoint(lat=self.geo[0], lon=self.geo[1]) if self.geo else None,
            forms=tuple(dict.fromkeys((self.name, self.name_en, *self.forms, *self.latin))),
            short=self.short,
        )


def read_entities(folder: Path = KNOWLEDGE / "curated") -> tuple[KnownEntity, ...]:
    """Return the entries of all curated files in ``folder``.

    Two entries may not share an id or a full form: which of them is meant would be chance.
    """
    faults: list[str] = []
    entities: list[KnownEntity] = []
    owners: dict[str, str] = {}
    for path in sorted(folder.glob("*.yaml")):
        for line, item in _items(path):
            where = f"{path.name}:{line}"
            try:
                entity = _Entry.model_validate(item).known_entity()
            except ValidationError as error:
                faults += [f"  {where}: {_explain(fault)}" for fault in error.errors()]
                continue
            for key in (entity.id, *{fold(form) for form in entity.forms}):
                if key in owners:
                    faults.append(f"  {where}: {key} is already that of {owners[key]}")
                owners[key] = f"{entity.id} ({where})"
            entities.append(entity)
    if faults:
        raise ConfigurationError("\n".join([f"The knowledge in {folder} is wrong:", *faults]))
    return tuple(entities)


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


def _items(path: Path) -> Iterator[tuple[int, Any]]:
    """Yield each item of the list in ``path`` with its line."""
    loader = yaml.CSafeLoader(path.read_bytes())
    try:
        root = loader.get_single_node()
        if not isinstance(root, yaml.SequenceNode):
            raise ConfigurationError(f"{path}: a list of entries is expected")
        for node in root.value:
            yield node.start_mark.line + 1, loader.construct_object(node, deep=True)
    except yaml.YAMLError as error:
        raise ConfigurationError(f"{path}: {error}") from error
    finally:
        loader.dispose()


def _explain(fault: Any) -> str:
    field = ".".join(map(str, fault["loc"])) or "entry"
    return f"{field}: {fault['msg']}"
