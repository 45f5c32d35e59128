"""What operators write for the services: lists in YAML, every mistake named with file and line."""

import difflib
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Catalogue(Generic[M]):
    """A file that is a list of ``kind`` under ``key``; no two entries share a ``unique`` field.

    ``entry`` is one of them in words. The descriptions of the fields of ``kind`` are what an error
    says is allowed.
    """

    key: str
    entry: str
    kind: type[M]
    unique: tuple[str, ...]
    may_be_empty: bool = False


class CatalogueError(ValueError):
    """The file is wrong. The message has a line ``file:line: what, and what is allowed`` a fault.

    It is the fault of who wrote the file: show the message.
    """


def read_catalogue(
    content: bytes, filename: str, catalogue: Catalogue[M], context: Any = None
) -> tuple[M, ...]:
    """Return the entries of a file as it is on disk; raise CatalogueError as load_catalogue."""
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise CatalogueError(f"{filename}:{line}: not UTF-8 text") from error
    return load_catalogue(text, filename, catalogue, context)


def load_catalogue(
    text: str, filename: str, catalogue: Catalogue[M], context: Any = None
) -> tuple[M, ...]:
    """Return the entries in the order of the file.

    ``context`` is what the validators of ``kind`` are told of other files. Raises CatalogueError
    with every mistake in the file at once.
    """
    root = _composed(text, filename, catalogue)
    listed = _value(root, catalogue.key)
    if not isinstance(listed, yaml.SequenceNode) or not (listed.value or catalogue.may_be_empty):
        expected = f"expected '{catalogue.key}:' with a list of {catalogue.key}"
        raise CatalogueError(f"{filename}:{_line(listed or root)}: {expected}")
    problems = [
        f"{_line(key)}: {key.value}: no such key. Allowed: {catalogue.key}"
        for key, _ in _pairs(root)
        if key.value != catalogue.key
    ]
    problems += _repeated_keys(root)
    entries: list[M] = []
    lines: dict[str, int] = {}
    for node in listed.value:
        problems += _repeated_keys(node)
        try:
            entry = catalogue.kind.model_validate(_fields(node), context=context)
        except ValidationError as error:
            problems += _explain(error, node, catalogue)
            continue
        problems += _taken(entry, node, catalogue, lines)
        entries.append(entry)
    if problems:
        raise CatalogueError("\n".join(f"{filename}:{problem}" for problem in problems))
    return tuple(entries)


def _composed(text: str, filename: str, catalogue: Catalogue[M]) -> yaml.Node | None:
    try:
        return yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        hint = "; is it indented like its neighbours?" if "block" in (error.problem or "") else ""
        raise CatalogueError(f"{filename}:{line}: not YAML: {error.problem}{hint}") from error
    except yaml.YAMLError as error:
        raise CatalogueError(f"{filename}:1: not YAML: {error}") from error
    except RecursionError as error:
        what = f"nested too deeply for a list of {catalogue.key}"
        raise CatalogueError(f"{filename}:1: {what}") from error


def _taken(entry: M, node: yaml.Node, catalogue: Catalogue[M], lines: dict[str, int]) -> list[str]:
    """Return what ``entry`` repeats of those whose ``lines`` are known; add its own to them."""
    problems = []
    for field in catalogue.unique:
        value, line = getattr(entry, field), _line(_value(node, field))
        taken = lines.setdefault(f"{field} {value}", line)
        if taken != line:
            problems.append(f"{line}: {field}: {value} is taken by line {taken}")
    return problems


def _fields(node: yaml.Node) -> dict[str, Any] | None:
    """Return what ``node`` says, as written: the model knows which words are numbers or true.

    YAML itself would take the country NO for false.
    """
    if not isinstance(node, yaml.MappingNode):
        return None
    return {str(key.value): _written(value) for key, value in node.value}


def _written(value: yaml.Node) -> Any:
    """Return a word, or a list or a mapping of words: nothing is nested deeper than that."""
    if isinstance(value, yaml.SequenceNode):
        return [_word(item) for item in value.value]
    if isinstance(value, yaml.MappingNode):
        return {str(key.value): _word(item) for key, item in value.value}
    return _word(value)


def _word(value: yaml.Node) -> Any:
    if not isinstance(value, yaml.ScalarNode):
        return []
    return None if value.tag.endswith(":null") else value.value


def _repeated_keys(node: yaml.Node | None) -> list[str]:
    """Return a line ``number: key: what is wrong`` for each key that is given twice."""
    first: dict[str, int] = {}
    return [
        f"{_line(key)}: {key.value}: given twice, first in line {line}"
        for key, _ in _pairs(node)
        if (line := first.setdefault(str(key.value), _line(key))) != _line(key)
    ]


def _explain(error: ValidationError, node: yaml.Node, catalogue: Catalogue[M]) -> list[str]:
    """Return a line ``number: field: what is wrong. Allowed: ...`` for each fault.

    What was given is not shown of a field without ``repr``: it may be a secret.
    """
    fields = catalogue.kind.model_fields
    explained = []
    for fault in error.errors(include_url=False):
        field = str(fault["loc"][0]) if fault["loc"] else ""
        if fault["type"] == "extra_forbidden":
            close = difflib.get_close_matches(field, fields, n=1)
            hint = f"did you mean {close[0]}?" if close else f"Allowed: {', '.join(fields)}"
            explained.append(f"{_line(_key(node, field))}: {field}: no such key; {hint}")
        elif fault["type"] == "value_error" and not field:  # fields that do not fit together
            explained.append(f"{_line(node)}: {fault['msg'].removeprefix('Value error, ')}")
        elif field not in fields:
            names = ", ".join(fields)
            explained.append(f"{_line(node)}: {catalogue.entry} is a mapping with {names}")
        else:
            line = _line(_value(node, field) or node)
            unsaid = fault["type"] == "missing" or fault["input"] is None
            given = "" if unsaid or not fields[field].repr else f"{fault['input']!r}: "
            wrong = fault["msg"].removeprefix("Value error, ")
            allowed = fields[field].description
            explained.append(f"{line}: {field}: {given}{wrong}. Allowed: {allowed}")
    return explained


def _key(node: yaml.Node | None, name: str) -> yaml.Node | None:
    return next((key for key, _ in _pairs(node) if key.value == name), None)


def _value(node: yaml.Node | None, name: str) -> yaml.Node | None:
    return next((value for key, value in _pairs(node) if key.value == name), None)


def _pairs(node: yaml.Node | None) -> list[tuple[yaml.Node, yaml.Node]]:
    return node.value if isinstance(node, yaml.MappingNode) else []


def _line(node: yaml.Node | None) -> int:
    return node.start_mark.line + 1 if node is not None else 1
