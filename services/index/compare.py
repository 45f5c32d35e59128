"""Compares a new index with the old one: how many documents, a sample of them, and their titles."""

from dataclasses import dataclass
from typing import Any

from elasticsearch import Elasticsearch

from services.index.edges.documents import Stored, refreshed_count

_DOCUMENTS = 200
_TITLES = 40
_SEED = 1
_NAMED = 5


@dataclass(frozen=True, slots=True)
class Sample:
    """How many documents the old index had at a moment, and some of them, chosen by chance."""

    total: int
    documents: list[Stored]


@dataclass(frozen=True, slots=True)
class Comparison:
    """What was compared, for people; and what is wrong with the new index, if anything."""

    figures: str
    problems: list[str]


def take_sample(client: Elasticsearch, index: str) -> Sample:
    """Return what the new index must have once it has caught up with all that Kafka has then."""
    total = refreshed_count(client, index)
    chance = {"random_score": {"seed": _SEED, "field": "_seq_no"}}
    found = client.search(
        index=index,
        query={"function_score": {"query": {"match_all": {}}, "functions": [chance]}},
        size=_DOCUMENTS,
        source_includes=["title"],
        version=True,
    )
    return Sample(total, [_stored(hit) for hit in found["hits"]["hits"]])


def compare(client: Elasticsearch, sample: Sample, old: str, new: str) -> Comparison:
    """Return what ``new`` lacks of what ``old`` had when the sample was taken."""
    total = refreshed_count(client, new)
    problems = []
    if total < sample.total:
        problems.append(f"{total:,} documents instead of {sample.total:,}")
    there = _versions(client, new, [document.article_id for document in sample.documents])
    missing = [
        document.article_id
        for document in sample.documents
        if there.get(document.article_id, -1) < document.version
    ]
    if missing:
        problems.append(f"{len(missing)} of the sample are missing or older: {_some(missing)}")
    asked = [document for document in sample.documents if document.document["title"]][:_TITLES]
    found = {index: [_finds(client, index, document) for document in asked] for index in (old, new)}
    unfound = [
        document
        for document, before, now in zip(asked, found[old], found[new], strict=True)
        if before[0] and not now[0]
    ]
    versions = _versions(client, new, [document.article_id for document in unfound])
    # A newer fetch may have come meanwhile, with another title.
    lost = [one.article_id for one in unfound if versions.get(one.article_id) == one.version]
    if lost:
        problems.append(f"{len(lost)} are no longer found by their titles: {_some(lost)}")
    hits = {index: sum(total for _, total in answers) for index, answers in found.items()}
    return Comparison(
        f"{total:,} documents, {sample.total:,} before; {len(sample.documents)} of them looked at; "
        f"{len(asked)} titles find {hits[new]:,} documents, {hits[old]:,} before",
        problems,
    )


def _stored(hit: dict[str, Any]) -> Stored:
    return Stored(hit["_id"], hit["_version"], hit["_source"])


def _versions(client: Elasticsearch, index: str, ids: list[str]) -> dict[str, int]:
    found = client.search(
        index=index, query={"ids": {"values": ids}}, size=_DOCUMENTS, source=False, version=True
    )
    return {hit["_id"]: hit["_version"] for hit in found["hits"]["hits"]}


def _finds(client: Elasticsearch, index: str, document: Stored) -> tuple[bool, int]:
    """Return whether the words of its title find the document, and how many others they find."""
    words = {"match": {"title": {"query": document.document["title"], "operator": "and"}}}
    own = {"bool": {"must": words, "filter": {"ids": {"values": [document.article_id]}}}}
    finds_it = client.count(index=index, query=own)["count"] == 1
    return finds_it, int(client.count(index=index, query=words)["count"])


def _some(ids: list[str]) -> str:
    return ", ".join(ids[:_NAMED]) + (" ..." if len(ids) > _NAMED else "")
