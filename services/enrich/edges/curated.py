"""The entries that people write, knowledge/curated/*.yaml: read, and checked with file and line.

Raises ConfigurationError, whose message names the file and the line of every fault.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Self

import yaml
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)

from services.contract.articles import EntityType, GeoPoint
from services.enrich.core.known import KnownEntity, comparable
from services.runtime.settings import ConfigurationError

CURATED = Path(__file__).parent.parent / "knowledge" / "curated"

Form = Annotated[str, StringConstraints(min_length=2, max_length=120, strip_whitespace=True)]

# YAML reads 2016 as a number and 2016-03-30 as a date.
Day = Annotated[str, BeforeValidator(str), StringConstraints(pattern=r"^\d{4}(-\d{2}(-\d{2})?)?$")]


@dataclass(frozen=True, slots=True)
class CuratedEntry:
    """An entity and the file and line that it was read from."""

    entity: KnownEntity
    where: str


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

    @model_validator(mode="after")
    def _ends_after_it_began(self) -> Self:
        if self.since and self.until and self.until < self.since[: len(self.until)]:
            raise ValueError(f"until {self.until} is before since {self.since}")
        return self

    def known_entity(self) -> KnownEntity:
        """Return the entity; what it is called is a full form too, unless that is ``cued``."""
        doubtful = {comparable(form) for form in (*self.short, *self.cued)}
        named = (self.name, self.name_en, *self.forms, *self.latin)
        forms = dict.fromkeys(form for form in named if comparable(form) not in doubtful)
        return KnownEntity(
            id=self.id,
            type=self.type,
            name=self.name,
            name_en=self.name_en,
            country=self.country,
            ids=self.ids,
            geo=GeoPoint(lat=self.geo[0], lon=self.geo[1]) if self.geo else None,
            forms=tuple(forms),
            short=self.short,
            cued=self.cued,
            titles=self.titles,
        )


def read_curated(folder: Path = CURATED) -> tuple[CuratedEntry, ...]:
    """Return the entries of all curated files in ``folder``.

    Two entries may not share an id or a full form: which of them is meant would be chance.
    """
    faults: list[str] = []
    entries: list[CuratedEntry] = []
    owners: dict[str, str] = {}
    for path in sorted(folder.glob("*.yaml")):
        for line, item in _items(path):
            where = f"{path.name}:{line}"
            try:
                entity = _Entry.model_validate(item).known_entity()
            except ValidationError as error:
                faults += [f"  {where}: {_explain(fault)}" for fault in error.errors()]
                continue
            for key in (entity.id, *{comparable(form) for form in entity.forms}):
                if key in owners:
                    faults.append(f"  {where}: {key} is already that of {owners[key]}")
                owners[key] = f"{entity.id} ({where})"
            entries.append(CuratedEntry(entity, where))
    if faults:
        raise ConfigurationError("\n".join([f"The knowledge in {folder} is wrong:", *faults]))
    return tuple(entries)


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
