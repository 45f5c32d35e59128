"""Dead letters are looked at and replayed with the command, on a real Kafka."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from services.contract.dead_letters import DeadLetter
from services.contract.topics import ENRICHED, dead_letters, namespaced
from services.contract.wire import encode
from services.runtime.dead_letters import DeadLetterProducer
from services.runtime.kafka import ensure_topics, make_producer
from services.runtime.settings import Settings
from tests.fake_elasticsearch import FakeElasticsearch
from tests.processes import ServiceProcess, rasid
from tests.support import enriched_article, eventually

STILL_BAD = b"\x00 still bad \x1b[31m"


def write_letters(settings: Settings, values: list[bytes]) -> None:
    """Leave dead letters behind, as a build that could not use ``values`` would have."""
    ensure_topics(settings)
    producer = DeadLetterProducer(settings, dead_letters("index"))
    assert not producer.send(
        [
            DeadLetter(
                value=value,
                key=b"key",
                service="index",
                stage="decode",
                reason="not-json" if value == STILL_BAD else "bug",
                error="why",
                failed_at=datetime(2020, 11, 26, tzinfo=UTC),
                attempts=1,
                topic=namespaced(ENRICHED.name, settings.namespace),
                partition=0,
                offset=number,
            )
            for number, value in enumerate(values)
        ]
    )
    producer.close()


def listed(environ: dict[str, str], *arguments: str) -> list[dict[str, Any]]:
    done = rasid("dead-letters", "list", "--json", *arguments, environ=environ)
    assert done.returncode == 0, done.stderr.decode()
    return [json.loads(line) for line in done.stdout.splitlines()]


def replayed(environ: dict[str, str], *arguments: str) -> str:
    done = rasid("dead-letters", "replay", *arguments, environ=environ)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode().strip()


def test_replay_brings_back_what_is_good_now_and_keeps_what_is_still_bad(
    settings_environ: dict[str, str], settings: Settings, tmp_path: Path
) -> None:
    server = FakeElasticsearch()
    environ = settings_environ | {"RASID_ELASTICSEARCH_URL": server.url}
    good = [enriched_article(number) for number in range(3)]
    write_letters(settings, [STILL_BAD, *map(encode, good)])
    assert replayed(environ) == "4 messages sent again."
    with ServiceProcess("index", environ, tmp_path):
        eventually(lambda: len(server.documents) == 3)
        eventually(lambda: len(listed(environ)) == 5)
    server.stop()
    first, *others, again = listed(environ)
    assert all(letter["replayed"] for letter in (first, *others))
    assert (again["attempts"], again["reason"], again["replayed"]) == (2, "not-json", False)
    assert replayed(environ) == "1 message sent again.", "what was replayed is not sent twice"
    assert replayed(environ) == "0 messages sent again."


def test_replay_takes_one_letter_or_those_of_a_reason(
    settings_environ: dict[str, str], settings: Settings
) -> None:
    write_letters(settings, [STILL_BAD, encode(enriched_article(1)), encode(enriched_article(2))])
    assert replayed(settings_environ, "index:1") == "1 message sent again."
    assert replayed(settings_environ, "--reason", "bug") == "1 message sent again."
    assert [letter["replayed"] for letter in listed(settings_environ)] == [False, True, True]
    assert replayed(settings_environ, "--service", "enrich") == "0 messages sent again."


def test_a_letter_is_shown_with_what_can_be_read_of_it(
    settings_environ: dict[str, str], settings: Settings
) -> None:
    write_letters(settings, [STILL_BAD, encode(enriched_article(1))])
    bad = rasid("dead-letters", "show", "index:0", environ=settings_environ).stdout.decode()
    assert "reason: not-json" in bad
    assert r"\x00 still bad \x1b[31m" in bad, "nothing steers the terminal"
    readable = rasid("dead-letters", "show", "index:1", environ=settings_environ).stdout.decode()
    assert '"canonical_url": "https://news.example/articles/1"' in readable
    table = rasid("dead-letters", "list", "--size", "1", environ=settings_environ).stdout.decode()
    assert "index:1" in table
    assert "index:0" not in table


def test_what_another_wrote_into_the_topic_is_a_warning_and_spoils_no_json(
    settings_environ: dict[str, str], settings: Settings
) -> None:
    write_letters(settings, [STILL_BAD])
    producer = make_producer(settings)
    producer.send(namespaced(dead_letters("index").name, settings.namespace), value=b"?").get()
    producer.close()
    assert [letter["id"] for letter in listed(settings_environ)] == ["index:0"]
    done = rasid("dead-letters", "list", environ=settings_environ)
    assert b"not a dead letter" in done.stderr


def test_wrong_names_and_an_absent_kafka_are_one_clear_message(
    settings_environ: dict[str, str], settings: Settings
) -> None:
    ensure_topics(settings)
    unknown = rasid("dead-letters", "show", "index:7", environ=settings_environ)
    assert (unknown.returncode, b"no dead letter index:7" in unknown.stderr) == (1, True)
    service = rasid("dead-letters", "list", "--service", "x", environ=settings_environ)
    assert (service.returncode, b"enrich, index" in service.stderr) == (2, True)
    nobody = rasid("dead-letters", "list", environ={"RASID_KAFKA_BOOTSTRAP": "127.0.0.1:9"})
    assert (nobody.returncode, b"RASID_KAFKA_BOOTSTRAP" in nobody.stderr) == (1, True)
