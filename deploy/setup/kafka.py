"""Kafka: the topics, a user for each account, and what each may do."""

import time
from collections.abc import Iterator

from kafka import KafkaAdminClient
from kafka.admin import (
    ACL,
    ACLFilter,
    ACLOperation,
    ACLPermissionType,
    ACLResourcePatternType,
    ResourcePattern,
    ResourcePatternFilter,
    ResourceType,
    ScramMechanism,
    UserScramCredentialUpsertion,
)
from kafka.errors import KafkaError

from deploy.setup import SetupError
from deploy.setup.secrets import Secrets
from services.contract.access import ACCESS, Access, user_name
from services.contract.topics import Topic, namespaced
from services.runtime.kafka import connection, ensure_topics, group_name
from services.runtime.settings import Settings

_ANSWER_WITHIN_S = 30


def set_up_kafka(settings: Settings, secrets: Secrets) -> None:
    """Make topics, users and rights; what is there is brought to what it should be.

    Raises SetupError if Kafka does not let the administrator of ``settings`` do so.
    """
    deadline = time.monotonic() + _ANSWER_WITHIN_S
    if not ensure_topics(settings, give_up=lambda: time.monotonic() > deadline):
        raise SetupError(
            f"Kafka at {settings.kafka_bootstrap} gave no answer within {_ANSWER_WITHIN_S} s by "
            f"{settings.kafka_security_protocol}, user {settings.kafka_username or 'none'}. Is it "
            "there? Are user, password and RASID_KAFKA_CA_FILE those of its administrator?"
        )
    try:
        admin = KafkaAdminClient(
            **connection(settings), bootstrap_timeout_ms=_ANSWER_WITHIN_S * 1_000
        )
        try:
            _set_users(admin, settings, secrets)
            for account in ACCESS:
                _set_rights(admin, settings, account)
        finally:
            admin.close()
    except KafkaError as error:
        raise SetupError(f"Kafka at {settings.kafka_bootstrap}: {error}") from error


def rights_of(settings: Settings, account: str) -> set[ACL]:
    """Return what the account may do, as Kafka has it. Everything else is refused."""
    user = f"User:{user_name(account, settings.namespace)}"
    return {
        ACL(user, "*", operation, ACLPermissionType.ALLOW, pattern)
        for operation, pattern in _permitted(settings, ACCESS[account])
    }


def _permitted(
    settings: Settings, access: Access
) -> Iterator[tuple[ACLOperation, ResourcePattern]]:
    # Who may read or write a topic may also see that it is there.
    for operation, topics in (
        (ACLOperation.READ, access.reads),
        (ACLOperation.WRITE, access.writes),
        (ACLOperation.DESCRIBE, access.looks_at),
    ):
        for topic in topics:
            yield operation, _topic(settings, topic)
    for operation, groups in (
        (ACLOperation.READ, access.joins),
        (ACLOperation.DESCRIBE, access.watches),
    ):
        for group in groups:
            yield operation, _groups(settings, group)


def _topic(settings: Settings, topic: Topic) -> ResourcePattern:
    return ResourcePattern(ResourceType.TOPIC, namespaced(topic.name, settings.namespace))


def _groups(settings: Settings, beginning: str) -> ResourcePattern:
    """Return the pattern of a service's groups: one for each mapping, or for each channel."""
    name = group_name(settings, beginning)
    return ResourcePattern(ResourceType.GROUP, name, ACLResourcePatternType.PREFIXED)


def _set_users(admin: KafkaAdminClient, settings: Settings, secrets: Secrets) -> None:
    answers = admin.alter_user_scram_credentials(
        [
            UserScramCredentialUpsertion(
                user_name(account, settings.namespace),
                ScramMechanism.SCRAM_SHA_512,
                secrets.kafka_password(account).read_text("utf-8"),
            )
            for account in ACCESS
        ]
    )
    problems = [f"user {user}: {problem}" for user, problem in answers.items() if problem]
    if problems:
        raise SetupError("; ".join(problems))


def _set_rights(admin: KafkaAdminClient, settings: Settings, account: str) -> None:
    """Give the account its rights, and take away those of an earlier release."""
    wanted = rights_of(settings, account)
    anything = ResourcePatternFilter(ResourceType.ANY, None, ACLResourcePatternType.ANY)
    user = f"User:{user_name(account, settings.namespace)}"
    of_the_user = ACLFilter(user, None, ACLOperation.ANY, ACLPermissionType.ANY, anything)
    present, _ = admin.describe_acls(of_the_user)
    failed = admin.create_acls(list(wanted - set(present)))["failed"]
    failed += [error for *_, error in admin.delete_acls(list(set(present) - wanted)) if error.errno]
    if failed:
        raise SetupError(f"rights of {user}: {', '.join(error.__name__ for error in failed)}")
