"""The indices of articles: one for each mapping, and the alias that says which one is searched.

``news-articles`` leads to the index that is searched, say ``news-articles-v2``. The service writes
to ``news-articles-v2-write``, an alias that only this index has: so it never writes documents into
an index of another mapping, nor into one that Elasticsearch makes up.
"""

import re
from dataclasses import dataclass
from typing import Any

import structlog
from elasticsearch import BadRequestError, Elasticsearch

from services.index.edges.elasticsearch import MAPPING, VERSION, client_url, load_definition
from services.runtime.settings import ConfigurationError

NAMES_FILE = "names.synonyms.txt"
"""The spellings of names, where the mapping looks for them: beside elasticsearch.yml."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Found:
    """An index that is there: its mapping's name and digest (None: not made by Rasid)."""

    name: str
    mapping: str | None
    digest: str | None
    is_searched: bool

    @property
    def number(self) -> int:
        """The number of the mapping, by which the newer of two is told; -1: not made by Rasid."""
        version = re.fullmatch(r"articles-v(\d+)", self.mapping or "")
        return int(version[1]) if version else -1


def index_name(alias: str, version: str = VERSION) -> str:
    """Return the name of the index of a mapping."""
    return f"{alias}-{version}"


def write_alias(alias: str, version: str = VERSION) -> str:
    """Return the name that documents of this build are written to."""
    return f"{index_name(alias, version)}-write"


def find_indices(client: Elasticsearch, alias: str) -> list[Found]:
    """Return what ``alias`` leads to and the indices of all mappings, oldest mapping first.

    Raises ConfigurationError if the alias is an index.
    """
    answer = client.indices.get(
        index=[alias, f"{alias}-v*"], ignore_unavailable=True, filter_path="*.aliases,*.mappings"
    )
    if alias in answer.body:
        raise ConfigurationError(_wrong(client, alias, "this is an index, not an alias"))
    found = [
        _found(name, index, alias)
        for name, index in answer.body.items()
        if alias in index.get("aliases", {}) or re.fullmatch(rf"{re.escape(alias)}-v\d+", name)
    ]
    return sorted(found, key=lambda index: index.number)


def ensure_index(client: Elasticsearch, alias: str) -> None:
    """Return if the index of this build's mapping is there; where there is none at all, make it.

    Raises ConfigurationError if there are only indices that this build cannot write to, and
    elasticsearch's own errors if it cannot be reached or does not allow it.
    """
    found = find_indices(client, alias)
    if not found:
        create_index(client, alias, searched=True)
        found = find_indices(client, alias)
    own = own_index(client, alias, found)
    if own is None:
        others = ", ".join(f"{index.name} ({index.mapping or 'not of Rasid'})" for index in found)
        raise ConfigurationError(
            f"{client_url(client)}/{alias}: there is {others}, and this build of Rasid reads and "
            f"writes {MAPPING}. rasid index migrate makes an index of it and copies the articles "
            "there, while the services of the other build go on."
        )
    if not own.is_searched:
        log.warning("searches go to another index until rasid index migrate ends", index=own.name)


def own_index(client: Elasticsearch, alias: str, found: list[Found]) -> Found | None:
    """Return the index of this build's mapping; None if it is not there.

    Raises ConfigurationError if it has another content than its name says.
    """
    searched = [index.name for index in found if index.is_searched]
    if len(searched) > 1:
        problem = f"the alias leads to {len(searched)} indices ({', '.join(searched)})"
        raise ConfigurationError(_wrong(client, alias, problem))
    own = next((index for index in found if index.name == index_name(alias)), None)
    meta = load_definition()["mappings"]["_meta"]
    if own and own.mapping != meta["rasid_mapping"]:
        problem = f"index {own.name} has an unknown mapping ({own.mapping or 'not of Rasid'})"
        raise ConfigurationError(_wrong(client, alias, problem))
    if own and own.digest != meta["digest"]:
        problem = f"index {own.name} was made from another edition of {MAPPING}"
        raise ConfigurationError(_wrong(client, alias, problem))
    return own


def create_index(client: Elasticsearch, alias: str, *, searched: bool) -> None:
    """Make the index of this build's mapping, with its aliases in the same step."""
    definition = load_definition()
    aliases: dict[str, Any] = {write_alias(alias): {}} | ({alias: {}} if searched else {})
    try:
        client.indices.create(
            index=index_name(alias),
            settings=definition["settings"],
            mappings=definition["mappings"],
            aliases=aliases,
        )
    except BadRequestError as error:
        if "synonyms_path" in str(error):
            raise ConfigurationError(_without_names(client)) from error
        if error.error != "resource_already_exists_exception":  # else another process was quicker
            raise


def lead_to(client: Elasticsearch, alias: str, old: str | None, new: str) -> None:
    """Let ``alias`` lead to ``new`` instead of ``old``, in one step."""
    actions = [{"remove": {"index": old, "alias": alias, "must_exist": True}}] if old else []
    client.indices.update_aliases(actions=[*actions, {"add": {"index": new, "alias": alias}}])


def _without_names(client: Elasticsearch) -> str:
    return (
        f"{client_url(client)}: Elasticsearch has no {NAMES_FILE} in its configuration folder, or "
        "cannot read it. Put deploy/elasticsearch/names.synonyms.txt there, on every node (the "
        "local stack and docker-compose.yml do), and start again."
    )


def _found(name: str, index: dict[str, Any], alias: str) -> Found:
    meta = index.get("mappings", {}).get("_meta", {})
    is_searched = alias in index.get("aliases", {})
    return Found(name, meta.get("rasid_mapping"), meta.get("digest"), is_searched)


def _wrong(client: Elasticsearch, alias: str, problem: str) -> str:
    return (
        f"{client_url(client)}/{alias}: {problem}. Where this build of Rasid reads and writes, "
        f"{alias} is an alias, and {index_name(alias)} has its mapping {MAPPING}. Either give it a "
        "RASID_NAMESPACE of its own, which begins empty; or fill a new index with the articles "
        f"that Kafka still has: stop index, delete {alias} and what is behind it, reset the "
        f"consumer group that ends in rasid-index-{VERSION} (kafka-consumer-groups.sh "
        "--reset-offsets --to-earliest), and start index again."
    )
