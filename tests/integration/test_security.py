"""Servers that ask everybody who they are: each account does its own work, and nothing beyond."""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from elasticsearch import AuthenticationException, AuthorizationException, Elasticsearch
from kafka import KafkaAdminClient
from kafka.admin import ACLOperation
from kafka.errors import (
    KafkaTimeoutError,
    TopicAuthorizationFailedError,
)
from pydantic import SecretStr

from deploy.local import stack as local_stack
from deploy.local.config import StackConfig
from deploy.local.credentials import secrets_of, set_up, settings_of, variables
from deploy.local.run import Running, services
from deploy.local.services import SERVICES, service_environ
from deploy.setup.secrets import Secrets
from services.contract.access import ACCESS
from services.contract.topics import ENRICHED, RAW, TOPICS
from services.index.edges.elasticsearch import VERSION
from services.runtime.elasticsearch import make_client
from services.runtime.kafka import connection, make_producer
from tests.local_site import LOCALHOST, LocalSite
from tests.processes import rasid
from tests.releases import GOLDEN, put_back
from tests.servers import own_stack
from tests.support import eventually, free_port

TEXT = "عقد المجلس البلدي في طرابلس جلسة عادية ناقش فيها أعضاؤه صيانة الطرق قبل موسم الأمطار."
ARTICLES, ALERTS = "news-articles", "news-alerts"


@pytest.fixture(scope="module")
def secured() -> Iterator[StackConfig]:
    with own_stack("secured", RASID_STACK_SECURE="1") as config:
        yield config


@pytest.fixture(scope="module")
def site() -> Iterator[LocalSite]:
    with LocalSite() as site:
        site.publish(1, TEXT)
        site.feed(1, etag='"1"')
        yield site


@pytest.fixture(scope="module")
def running(
    secured: StackConfig, site: LocalSite, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Running]:
    """The four services, which all got ready, each with an account of its own."""
    ports = {f"RASID_{name.upper()}_HTTP_PORT": str(free_port()) for name in SERVICES}
    sources = tmp_path_factory.mktemp("sources") / "sources.yaml"
    sources.write_text(
        f"sources: [{{id: local, name: موقع, url: '{site.url}/feed.xml', language: ar}}]\n"
    )
    environ = service_environ(
        secured,
        os.environ,
        RASID_INGEST_SOURCES=str(sources),
        RASID_INGEST_ALLOW_ADDRESSES=LOCALHOST,
        **ports,
    )
    with services(secured, environ) as running:
        yield running


def test_what_a_feed_lists_is_found_by_who_may_only_search(
    secured: StackConfig, running: Running
) -> None:
    account = variables(secured, "search")

    def titles() -> list[str]:
        answer = rasid("search", "المجلس البلدي", "--json", environ=account)
        assert answer.returncode == 0, answer.stderr.decode()
        return [hit["title"] for hit in json.loads(answer.stdout)["hits"]]

    assert eventually(titles, every_s=1) == ["خبر رقم 1"]


def test_the_operator_sees_repairs_and_migrates(secured: StackConfig, running: Running) -> None:
    with closing(make_producer(settings_of(secured, "operator"))) as producer:
        producer.send(RAW.name, key=b"x", value=b"no article").get(timeout=10)
    catalogue = running.environ["RASID_INGEST_SOURCES"]
    account = variables(secured, "operator") | {"RASID_INGEST_SOURCES": catalogue}

    def letters() -> bool:
        listed = rasid("dead-letters", "list", environ=account)
        assert listed.returncode == 0, listed.stderr.decode()
        return "not-json" in listed.stdout.decode()

    assert eventually(letters, every_s=1)
    for command in (
        ("dead-letters", "replay"),
        ("sources", "retry", "local"),
        ("index", "migrate"),
        ("index", "verify"),
        ("alerts", "list"),
    ):
        done = rasid(*command, environ=account)
        assert done.returncode == 0, (command, done.stdout.decode(), done.stderr.decode())


@pytest.mark.parametrize("account", ACCESS)
def test_a_user_of_kafka_may_do_what_the_table_says_and_no_more(
    secured: StackConfig, account: str
) -> None:
    access = ACCESS[account]
    names = [topic.name for topic in TOPICS]
    with closing(KafkaAdminClient(**connection(settings_of(secured, account)))) as admin:
        described = admin.describe_topic_partitions(names)["topics"]
    assert {
        topic["name"]: operations(topic["topic_authorized_operations"])
        for topic in described
        if topic["error_code"] != TopicAuthorizationFailedError.errno
    } == {
        topic.name: {ACLOperation.DESCRIBE}
        | ({ACLOperation.READ} if topic in access.reads else set())
        | ({ACLOperation.WRITE} if topic in access.writes else set())
        for topic in access.topics
    }


def operations(bits: int) -> set[ACLOperation]:
    """Return what Kafka says is allowed: a bit for each operation."""
    return {operation for operation in ACLOperation if bits >> operation & 1}


def test_kafka_refuses_a_forged_article_and_another_topic(secured: StackConfig) -> None:
    with (
        closing(make_producer(settings_of(secured, "index"), max_block_ms=10_000)) as producer,
        pytest.raises(TopicAuthorizationFailedError),
    ):
        producer.send(ENRICHED.name, value=b"forged").get(timeout=20)
    with closing(KafkaAdminClient(**connection(settings_of(secured, "alert")))) as admin:
        with pytest.raises(TopicAuthorizationFailedError):
            admin.create_topics({"another": {"num_partitions": 1, "replication_factor": 1}})
        with pytest.raises(TopicAuthorizationFailedError):
            admin.delete_topics([TOPICS[-1].name])


@pytest.mark.parametrize(
    "change",
    [
        {"kafka_password": SecretStr("guessed")},
        {"kafka_ca_file": None},
        {"kafka_security_protocol": "PLAINTEXT", "kafka_password": None, "kafka_ca_file": None},
    ],
    ids=["a wrong password", "a certificate of somebody unknown", "no password"],
)
def test_kafka_is_not_reached_with(secured: StackConfig, change: dict[str, Any]) -> None:
    wrong = settings_of(secured, "ingest").model_copy(update=change)
    with pytest.raises(KafkaTimeoutError):
        KafkaAdminClient(**connection(wrong), bootstrap_timeout_ms=3_000)


Call = Callable[[Elasticsearch], Any]
BEYOND: dict[str, list[Call]] = {
    "index": [
        lambda client: client.indices.delete(index=f"{ARTICLES}-v2"),
        lambda client: client.indices.create(index=f"{ARTICLES}-v9"),
        lambda client: client.search(index=ALERTS),
        lambda client: client.security.get_api_key(),
    ],
    "alert": [
        lambda client: client.index(index=f"{ARTICLES}-v2-write", document={}),
        lambda client: client.indices.delete(index=ALERTS),
        lambda client: client.cluster.put_settings(persistent={"action.auto_create_index": True}),
    ],
    "search": [
        lambda client: client.index(index=f"{ARTICLES}-v2-write", document={}),
        lambda client: client.index(index=ALERTS, document={}),
        lambda client: client.search(index=".security-7"),
    ],
    "operator": [
        lambda client: client.security.create_api_key(name="another"),
        lambda client: client.search(index=".security-7"),
        lambda client: client.indices.create(index="another"),
    ],
}


@pytest.mark.parametrize(
    ("account", "call"),
    [(account, call) for account, calls in BEYOND.items() for call in calls],
)
def test_elasticsearch_refuses_what_is_beyond_an_account(
    secured: StackConfig, account: str, call: Call
) -> None:
    with (
        make_client(settings_of(secured, account)) as client,
        pytest.raises(AuthorizationException),
    ):
        call(client)


@pytest.mark.parametrize("account", ["ingest", "enrich"])
def test_who_has_no_work_there_has_no_key(secured: StackConfig, account: str) -> None:
    with (
        make_client(settings_of(secured, account)) as client,
        pytest.raises(AuthenticationException),
    ):
        client.search(index=ARTICLES)


def test_set_up_again_keeps_the_keys_and_one_that_is_missing_is_replaced(
    secured: StackConfig,
) -> None:
    keys = {account: key_of(secured, account) for account in ("index", "search")}
    former = settings_of(secured, "search")
    secrets_of(secured).elasticsearch_key("search").unlink()
    set_up(secured)
    assert key_of(secured, "index") == keys["index"]
    assert key_of(secured, "search") != keys["search"]
    with make_client(settings_of(secured, "search")) as client:
        assert client.count(index=ARTICLES)["count"] >= 0
    with make_client(former) as client, pytest.raises(AuthenticationException):
        client.count(index=ARTICLES)


def key_of(secured: StackConfig, account: str) -> str:
    return secrets_of(secured).elasticsearch_key(account).read_text("utf-8")


def test_keys_alone_are_made_where_others_run_kafka(secured: StackConfig, tmp_path: Path) -> None:
    admin = variables(secured, "admin")
    environ = {name: admin[name] for name in admin if name.startswith("RASID_ELASTICSEARCH_")}
    made = Secrets(tmp_path / "new" / "secrets", "keys")
    for _ in range(2):
        environ["RASID_NAMESPACE"] = made.namespace
        done = rasid("setup", "keys", str(made.folder), environ=environ)
        assert done.returncode == 0, done.stderr.decode()
    for account, (reads, writes) in {"index": (True, True), "search": (True, False)}.items():
        key = SecretStr(made.elasticsearch_key(account).read_text("utf-8"))
        own = settings_of(secured).model_copy(
            update={"elasticsearch_api_key": key, "elasticsearch_username": None,
                    "elasticsearch_password": None},
        )  # fmt: skip
        with make_client(own) as client:
            allowed = client.security.has_privileges(
                index=[{"names": [f"keys-{ARTICLES}"], "privileges": ["read", "index"]}]
            )["index"][f"keys-{ARTICLES}"]
        assert allowed == {"read": reads, "index": writes}


def test_no_secret_is_in_a_log_or_an_argument(secured: StackConfig, running: Running) -> None:
    secrets = {
        file.read_text("utf-8")
        for file in secrets_of(secured).folder.rglob("*")
        if file.is_file() and file.suffix != ".pem"
    }
    assert len(secrets) > len(ACCESS)
    texts = [file.read_text("utf-8", errors="replace") for file in local_stack.log_files(secured)]
    texts += [file.read_text("utf-8", errors="replace") for file in commands_of(secured)]
    assert any("articles.raw.v1" in text for text in texts)
    assert not [secret for secret in secrets for text in texts if secret in text]


def commands_of(secured: StackConfig) -> list[Path]:
    """Return the files with the arguments of the processes that this test made."""
    return [file for file in Path("/proc").glob("[0-9]*/cmdline") if secured.name in text_of(file)]


def text_of(file: Path) -> str:
    try:
        return file.read_text("utf-8", errors="replace")
    except OSError:
        return ""  # it has ended


def test_the_rights_are_those_of_one_installation(secured: StackConfig) -> None:
    other = secured.model_copy(update={"namespace": "other"})
    local_stack.up(other)
    with (
        make_client(settings_of(other, "operator")) as client,
        pytest.raises(AuthorizationException),
    ):
        client.search(index=ARTICLES)
    with closing(KafkaAdminClient(**connection(settings_of(other, "ingest")))) as admin:
        assert set(admin.list_topics()) == {
            f"other.{topic.name}" for topic in ACCESS["ingest"].topics
        }


def test_an_installation_of_an_earlier_mapping_is_set_up_and_migrated(
    secured: StackConfig,
) -> None:
    older = secured.model_copy(update={"namespace": "older"})
    secrets_of(older).make(["127.0.0.1", "localhost"], datetime.now(UTC))
    with make_client(settings_of(older)) as admin:
        put_back(settings_of(older), admin, GOLDEN / "articles-v1")
    set_up(older)
    account = variables(older, "operator") | {"RASID_NAMESPACE": "older"}
    migrated = rasid("index", "migrate", environ=account)
    assert migrated.returncode == 0, migrated.stdout.decode() + migrated.stderr.decode()
    with make_client(settings_of(older, "search")) as client:
        found = client.indices.get_alias(name=f"older-{ARTICLES}")
    assert list(found) == [f"older-{ARTICLES}-{VERSION}"]
