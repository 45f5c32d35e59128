"""What a release left in Kafka and Elasticsearch, kept in files: read there, and put back.

``tests/golden/<release>/`` holds ``<topic>.jsonl`` (a record a line, its value as text),
``groups.json`` (how far each consumer group was), ``indices.json`` (settings, mappings and
aliases), ``<index>.jsonl`` (a document a line), and the JSON Schemas of its messages. Names are
without the namespace.
"""

import json
from collections import defaultdict
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from elasticsearch import Elasticsearch
from elasticsearch.helpers import bulk, scan
from kafka import KafkaAdminClient, TopicPartition
from kafka.consumer.fetcher import ConsumerRecord
from kafka.errors import CoordinatorNotAvailableError, NoError
from kafka.structs import OffsetAndMetadata

from services.contract.topics import TOPICS, Topic, namespaced
from services.runtime.kafka import connection, ensure_topics, make_producer
from services.runtime.settings import Settings
from tests.raw_topic import records
from tests.support import eventually

GOLDEN = Path(__file__).parent / "golden"
RELEASES = sorted(folder.name for folder in GOLDEN.iterdir() if folder.is_dir())

SITE_PORT = 28417
"""Of the site that the releases read: their cursors and articles hold its address."""

_MADE_BY_ELASTICSEARCH = ("creation_date", "uuid", "version", "provided_name", "routing")


def write_lines(file: Path, lines: list[dict[str, Any]]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines))


def read_lines(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def kept_records(folder: Path, topic: Topic) -> list[dict[str, Any]]:
    """Return the records of ``topic`` that the release left; none if it had no such topic."""
    file = folder / f"{topic.name}.jsonl"
    return read_lines(file) if file.is_file() else []


def keep_topics(settings: Settings, folder: Path) -> None:
    """Write what is on the topics of a stack without namespaces, and how far the groups are."""
    admin = KafkaAdminClient(**connection(settings))
    there = set(admin.list_topics())
    for topic in TOPICS:
        if topic.name in there:
            lines = [_line(record) for record in records(settings, topic)]
            if lines:
                write_lines(folder / f"{topic.name}.jsonl", lines)
    groups: dict[str, dict[str, dict[int, int]]] = {}
    names = [group["group_id"] for group in admin.list_groups()]
    for group in sorted(name for name in names if name.startswith("rasid-")):
        topics: dict[str, dict[int, int]] = defaultdict(dict)
        for place, found_at in admin.list_group_offsets(group)[group].items():
            topics[place.topic][place.partition] = found_at.offset
        groups[group] = topics
    admin.close()
    (folder / "groups.json").write_text(json.dumps(groups, indent=1, sort_keys=True) + "\n")


def _line(record: ConsumerRecord) -> dict[str, Any]:
    return {
        "partition": record.partition,
        "key": record.key.decode() if record.key else None,
        "value": record.value.decode() if record.value else None,
        "headers": {name: value.decode() for name, value in record.headers},
    }


def keep_indices(client: Elasticsearch, folder: Path) -> None:
    """Write what the indices are and hold."""
    kept: dict[str, Any] = {}
    for name, index in client.indices.get(index="news-*").items():
        client.indices.refresh(index=name)
        settings = index["settings"]["index"]
        for made in _MADE_BY_ELASTICSEARCH:
            settings.pop(made, None)
        kept[name] = {
            "settings": settings,
            "mappings": index["mappings"],
            "aliases": index["aliases"],
        }
        documents = [
            {"id": hit["_id"], "version": hit["_version"], "document": hit["_source"]}
            for hit in scan(client, index=name, version=True)
        ]
        write_lines(folder / f"{name}.jsonl", sorted(documents, key=lambda one: str(one["id"])))
    (folder / "indices.json").write_text(json.dumps(kept, ensure_ascii=False, indent=1) + "\n")


def put_back(settings: Settings, client: Elasticsearch, folder: Path) -> None:
    """Make topics, groups and indices as the release left them, in the settings' namespace."""
    ensure_topics(settings)
    producer = make_producer(settings)
    sent = [
        producer.send(
            namespaced(topic.name, settings.namespace),
            record["value"].encode() if record["value"] else None,
            key=record["key"].encode() if record["key"] else None,
            headers=_headers(record["headers"], settings.namespace),
            partition=record["partition"],
        )
        for topic in TOPICS
        for record in kept_records(folder, topic)
    ]
    for future in sent:
        future.get(timeout=30)
    producer.close()
    _put_back_groups(settings, json.loads((folder / "groups.json").read_text()))
    prefix = f"{settings.namespace}-"
    for name, index in json.loads((folder / "indices.json").read_text(encoding="utf-8")).items():
        aliases = {f"{prefix}{alias}": how for alias, how in index.pop("aliases").items()}
        client.indices.create(index=f"{prefix}{name}", aliases=aliases, **index)
        bulk(client, _documents(f"{prefix}{name}", folder / f"{name}.jsonl"), refresh=True)


def _headers(headers: dict[str, str], namespace: str) -> list[tuple[str, bytes]]:
    """Return a record's headers; a dead letter says which topic it is from."""
    origin = headers.get("origin-topic")
    put = headers | ({"origin-topic": namespaced(origin, namespace)} if origin else {})
    return [(name, value.encode()) for name, value in put.items()]


def _documents(index: str, file: Path) -> Iterator[dict[str, Any]]:
    for line in read_lines(file):
        yield {
            "_index": index,
            "_id": line["id"],
            "_source": line["document"],
            "version": line["version"],
            "version_type": "external",
        }


def _put_back_groups(settings: Settings, groups: dict[str, dict[str, dict[str, int]]]) -> None:
    admin = KafkaAdminClient(**connection(settings))
    for group, topics in groups.items():
        places = {
            TopicPartition(namespaced(topic, settings.namespace), int(number)): OffsetAndMetadata(n)
            for topic, offsets in topics.items()
            for number, n in offsets.items()
        }
        if places:
            name = namespaced(group, settings.namespace)
            eventually(partial(_moved, admin, name, places), what=f"{group} where it was")
    admin.close()


def _moved(
    admin: KafkaAdminClient, group: str, places: dict[TopicPartition, OffsetAndMetadata]
) -> bool:
    try:
        answers = admin.alter_group_offsets(group, places)
    except CoordinatorNotAvailableError:  # the first group of a Kafka that is new
        return False
    return set(answers.values()) == {NoError}
