"""Alerts on their way from the topic to the channels: each once, in order, whatever breaks."""

import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import prometheus_client
import pytest
from kafka import KafkaAdminClient, TopicPartition
from kafka.admin import MemberToRemove
from kafka.errors import RetriableError

from services.alert.core import firing
from services.alert.core.channels import Channel
from services.alert.deliveries import Deliveries
from services.alert.delivery import Delivery, Sender
from services.alert.edges.alerts_topic import ChannelAlerts
from services.alert.edges.posts import Webhook
from services.contract.alerts import Alert
from services.contract.topics import ALERTS, namespaced
from services.contract.wire import encode
from services.runtime.kafka import connection, ensure_topics, group_name, make_producer
from services.runtime.service import StopSignal
from services.runtime.settings import Settings
from tests.alertmanager import RunningAlertmanager
from tests.alerts import Posted, Receiver, Said, alert
from tests.delivering_process import DeliveringProcess
from tests.support import PATIENCE_S, eventually, free_port

SECRETS = {"KEY": "whsec_" + "QUJD" * 12}
HOOK = Channel(id="hook", kind="webhook", url="http://hook.example", secret_env="KEY")


@pytest.fixture(autouse=True)
def topic(settings: Settings) -> None:
    ensure_topics(settings, [ALERTS])


def publish(settings: Settings, alerts: Sequence[Alert | bytes]) -> None:
    producer = make_producer(settings)
    for told in alerts:
        value = told if isinstance(told, bytes) else encode(told)
        producer.send(namespaced(ALERTS.name, settings.namespace), value=value)
    producer.close()


def hook(receiver: Receiver, channel_id: str = "hook") -> Channel:
    return HOOK.model_copy(update={"id": channel_id, "url": receiver.url})


@contextmanager
def delivering(settings: Settings, channel: Channel, sender: Sender) -> Iterator[None]:
    """Deliver in a thread, without the waits that jitter makes."""
    stop = StopSignal()
    source = ChannelAlerts(settings, channel.id, datetime.now(UTC), firing.FORGOTTEN_AFTER)
    thread = threading.Thread(target=Delivery(channel, sender, source, stop, lambda: 0.01).run)
    thread.start()
    try:
        yield
    finally:
        stop.request()
        thread.join()
        source.close()


@contextmanager
def all_delivering(settings: Settings, channels: Sequence[Channel]) -> Iterator[Deliveries]:
    stop = StopSignal()
    deliveries = Deliveries(settings, channels, SECRETS, stop)
    try:
        yield deliveries
    finally:
        stop.request()
        deliveries.wait(10)


def wait_until_begun(settings: Settings, channel_id: str, offset: int = 0) -> None:
    """Return when the channel's group has committed ``offset`` or more."""
    admin = KafkaAdminClient(**connection(settings))
    partition = TopicPartition(namespaced(ALERTS.name, settings.namespace), 0)
    group = group_name(settings, f"alert-{channel_id}")

    def has_begun() -> bool:
        try:
            known = admin.list_group_offsets([group])[group].get(partition)
        except RetriableError:  # for the first group of a new Kafka
            return False
        return known is not None and known.offset >= offset

    eventually(has_begun, what=f"{channel_id} at {offset}")
    admin.close()


def remove_members(settings: Settings, channel_id: str) -> None:
    """Take a killed process out of its channel's group: Kafka would wait for it for 10 s."""
    admin = KafkaAdminClient(**connection(settings))
    group = group_name(settings, f"alert-{channel_id}")
    members = admin.describe_groups([group])[group]["members"]
    admin.remove_group_members(group, [MemberToRemove(member["member_id"]) for member in members])
    admin.close()


def numbers(posted: Sequence[Posted]) -> list[int]:
    """Return which alerts were posted, by the number of their incidents."""
    ids = [json.loads(post.body)["data"]["alert"]["alert_id"] for post in posted]
    return [int(alert_id.rpartition("-")[2]) for alert_id in ids]


def count(name: str, **labels: str) -> float:
    return prometheus_client.REGISTRY.get_sample_value(name, labels) or 0.0


def test_an_alert_is_tried_until_the_channel_answers_and_the_next_one_waits(
    settings: Settings,
) -> None:
    bad_day = [
        Said(500),
        Said(silent_s=3),
        Said(429, {"Retry-After": "1"}),
        Said(reset=True),
        Said(404),
    ]
    with Receiver(*bad_day) as receiver:
        channel = hook(receiver, "bad-day")
        sender = Webhook(receiver.url, SECRETS["KEY"], timeout_s=0.5)
        with delivering(settings, channel, sender):
            publish(settings, [alert(1), alert(2)])
            eventually(lambda: len(receiver.taken()) == 2)
        assert numbers(receiver.posted) == [1, 1, 1, 1, 1, 1, 2]
        assert receiver.posted[3].at - receiver.posted[2].at >= 1, "Retry-After"
    for reason in ("http-500", "timeout", "http-429", "connection", "http-404"):
        told = {"channel": "bad-day", "reason": reason}
        assert count("rasid_alert_delivery_retries_total", **told) == 1, reason
    delivered = {"channel": "bad-day", "outcome": "delivered"}
    assert count("rasid_alert_deliveries_total", **delivered) == 2


def test_what_a_channel_refuses_is_counted_and_the_next_one_has_its_turn(
    settings: Settings,
) -> None:
    with Receiver(Said(422)) as receiver:
        channel = hook(receiver, "refusing").model_copy(update={"watches": {"watch-1", "watch-3"}})
        with delivering(settings, channel, Webhook(receiver.url, SECRETS["KEY"])):
            publish(settings, [alert(1), b"no alert", alert(2), alert(3)])
            eventually(receiver.taken)
        assert numbers(receiver.posted) == [1, 3]
    fates = {
        outcome: count("rasid_alert_deliveries_total", channel="refusing", outcome=outcome)
        for outcome in ("delivered", "failed", "not-for-it")
    }
    assert fates == {"delivered": 1, "failed": 2, "not-for-it": 1}


def test_a_channel_that_is_down_delays_no_other(settings: Settings) -> None:
    port = free_port()
    down = HOOK.model_copy(update={"id": "down", "url": f"http://127.0.0.1:{port}"})
    with (
        Receiver() as receiver,
        all_delivering(settings, [down, hook(receiver, "up")]) as deliveries,
    ):
        old = alert(1, at=datetime.now(UTC) - timedelta(hours=1))
        publish(settings, [old, alert(2)])
        eventually(lambda: numbers(receiver.taken()) == [1, 2])
        eventually(lambda: count("rasid_alert_oldest_undelivered_seconds", channel="down") > 3600)
        eventually(lambda: not count("rasid_alert_oldest_undelivered_seconds", channel="up"))
        with Receiver(port=port) as back:
            eventually(lambda: numbers(back.taken()) == [1, 2])
            eventually(lambda: not count("rasid_alert_oldest_undelivered_seconds", channel="down"))
        deliveries.check()


def test_a_new_channel_begins_with_what_comes_and_goes_on_from_there(settings: Settings) -> None:
    publish(settings, [alert(1)])
    with Receiver() as receiver:
        channel = hook(receiver)
        with all_delivering(settings, [channel]):
            wait_until_begun(settings, "hook")
        publish(settings, [alert(2)])
        with all_delivering(settings, [channel]):
            eventually(receiver.taken)
            publish(settings, [alert(3)])
            eventually(lambda: len(receiver.taken()) == 2)
        assert numbers(receiver.posted) == [2, 3]


def test_what_is_on_the_topic_twice_is_delivered_once(settings: Settings) -> None:
    """The service writes an alert again when it was killed before it had Kafka's word."""
    with Receiver() as receiver:
        channel = hook(receiver)
        with all_delivering(settings, [channel]):
            publish(settings, [alert(1), alert(1)])
            wait_until_begun(settings, "hook", offset=2)
        with all_delivering(settings, [channel]):
            publish(settings, [alert(1), alert(1, happening="escalated"), alert(2)])
            wait_until_begun(settings, "hook", offset=5)
        assert numbers(receiver.posted) == [1, 1, 2]


def test_killed_before_it_has_the_answer_another_process_delivers_that_alert_again_and_no_other(
    settings: Settings, settings_environ: dict[str, str]
) -> None:
    killed = threading.Event()

    def kill_at_third(number: int) -> None:
        if number == 2:
            first.kill()
            killed.set()

    unanswered = Said(reset=True)
    with Receiver(Said(), Said(), unanswered, before_answer=kill_at_third) as receiver:
        channels = [hook(receiver)]
        with DeliveringProcess(settings_environ, channels, SECRETS) as first:
            wait_until_begun(settings, "hook")
            publish(settings, [alert(number) for number in range(1, 6)])
            assert killed.wait(PATIENCE_S)
        remove_members(settings, "hook")
        with all_delivering(settings, channels):
            wait_until_begun(settings, "hook", offset=5)
        assert numbers(receiver.posted) == [1, 2, 3, 3, 4, 5]
        assert len({post.headers["Idempotency-Key"] for post in receiver.posted}) == 5


def test_a_new_process_tells_an_alertmanager_that_forgot_what_goes_on(
    settings: Settings, tmp_path: Path
) -> None:
    now = datetime.now(UTC)
    going_on = [alert(number, at=now, began_at=now) for number in (1, 2)]
    over = going_on[1].model_copy(update={"happening": "resolved", "ended_at": now})
    old = alert(3, at=now - firing.FORGOTTEN_AFTER, began_at=now - firing.FORGOTTEN_AFTER)
    with RunningAlertmanager(tmp_path) as alertmanager:
        channel = Channel(id="manager", kind="alertmanager", url=alertmanager.url)
        with all_delivering(settings, [channel]):
            publish(settings, [old, *going_on, over])
            wait_until_begun(settings, "manager", offset=4)
    (tmp_path / "again").mkdir()
    with RunningAlertmanager(tmp_path / "again", alertmanager.port) as alertmanager:
        assert not alertmanager.alerts()
        with all_delivering(settings, [channel]):
            told = eventually(alertmanager.alerts)
        assert [known["labels"]["watch"] for known in told] == ["watch-1"]
