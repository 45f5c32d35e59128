"""Alerts at the channels themselves: the real Alertmanager, webhooks, and a service of Apprise."""

import base64
import json
import logging
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from services.alert.core.outcomes import Again, Delivered, Refused
from services.alert.edges.apprise import AppriseService
from services.alert.edges.posts import Alertmanager, Webhook
from services.contract.alerts import Alert
from tests.alertmanager import RunningAlertmanager
from tests.alerts import Posted, Receiver, Said, alert
from tests.support import eventually, free_port

KEY = bytes(range(32))
SECRET = "whsec_" + base64.b64encode(KEY).decode()


def going_on(number: int = 1) -> Alert:
    now = datetime.now(UTC).replace(microsecond=0)  # Alertmanager knows no finer
    return alert(number, at=now, began_at=now - timedelta(minutes=5))


def test_alertmanager_knows_an_alert_from_fired_to_resolved(tmp_path: Path) -> None:
    fired = going_on()
    with RunningAlertmanager(tmp_path) as alertmanager:
        channel = Alertmanager(alertmanager.url, None)
        assert channel.send(fired) == Delivered()
        (known,) = eventually(alertmanager.alerts)
        assert known["labels"] == {
            "alertname": "NewsSpike",
            "watch": "watch-1",
            "kind": "spike",
            "severity": "critical",
            "topic": "oil",
        }
        assert known["annotations"]["summary_ar"] == fired.text
        assert "إغلاق الحقل رقم 1" in known["annotations"]["description_ar"]
        assert datetime.fromisoformat(known["startsAt"]) == fired.began_at
        assert datetime.fromisoformat(known["endsAt"]) > datetime.now(UTC) + timedelta(minutes=10)

        escalated = fired.model_copy(update={"happening": "escalated", "text_en": "twice as high"})
        assert channel.send(escalated) == Delivered()
        eventually(lambda: alertmanager.alerts()[0]["annotations"]["summary"] == "twice as high")
        assert alertmanager.alerts()[0]["fingerprint"] == known["fingerprint"]

        resolved = {"happening": "resolved", "ended_at": datetime.now(UTC)}
        assert channel.send(fired.model_copy(update=resolved)) == Delivered()
        eventually(lambda: not alertmanager.alerts())


def test_several_that_go_on_are_told_at_once(tmp_path: Path) -> None:
    with RunningAlertmanager(tmp_path) as alertmanager:
        channel = Alertmanager(alertmanager.url, None)
        assert channel.send_all([going_on(1), going_on(2)]) == Delivered()
        eventually(lambda: len(alertmanager.alerts()) == 2)


def test_what_alertmanager_refuses_is_refused(tmp_path: Path) -> None:
    """It takes no alert that ends before it begins."""
    impossible = alert(ended_at=datetime(2020, 1, 1, tzinfo=UTC), happening="resolved")
    with RunningAlertmanager(tmp_path) as alertmanager:
        assert Alertmanager(alertmanager.url, None).send(impossible) == Refused("http-400")


def test_alertmanager_gets_a_token_where_a_proxy_wants_one() -> None:
    with Receiver() as receiver:
        assert Alertmanager(receiver.url, "of-the-proxy").send(alert()) == Delivered()
        (posted,) = receiver.posted
        assert posted.headers["Authorization"] == "Bearer of-the-proxy"
        assert posted.path == "/api/v2/alerts"


def test_a_webhook_is_signed_so_that_openssl_agrees(tmp_path: Path) -> None:
    told = alert()
    with Receiver() as receiver:
        webhook = Webhook(f"{receiver.url}/hook", SECRET)
        assert (webhook.send(told), webhook.send(told)) == (Delivered(), Delivered())
    first, again = receiver.posted
    assert first.headers["webhook-signature"] == f"v1,{openssl_signature(first, tmp_path)}"
    assert first.headers["Idempotency-Key"] == again.headers["Idempotency-Key"]
    assert first.headers["webhook-id"] == first.headers["Idempotency-Key"]
    assert abs(int(first.headers["webhook-timestamp"]) - datetime.now(UTC).timestamp()) < 60
    assert first.body == again.body
    body = json.loads(first.body)
    assert Alert.model_validate_json(json.dumps(body["data"]["alert"])) == told
    assert "Top stories:" in body["data"]["texts"]["en"]["full"]


def openssl_signature(posted: Posted, folder: Path) -> str:
    """Return the signature as others make it."""
    signed = folder / "signed"
    sent = f"{posted.headers['webhook-id']}.{posted.headers['webhook-timestamp']}."
    signed.write_bytes(sent.encode() + posted.body)
    key = f"hexkey:{KEY.hex()}"
    command = ["openssl", "dgst", "-sha256", "-mac", "HMAC", "-macopt", key, "-binary", str(signed)]
    done = subprocess.run(command, capture_output=True, check=True)
    return base64.b64encode(done.stdout).decode()


@pytest.mark.parametrize(
    ("said", "outcome"),
    [
        (Said(204), Delivered()),
        (Said(500), Again("http-500")),
        (Said(429, {"Retry-After": "7"}), Again("http-429", after_s=7)),
        (Said(reset=True), Again("connection")),
        (Said(silent_s=2), Again("timeout")),
        (Said(422), Refused("http-422")),
    ],
    ids=lambda value: str(value) if isinstance(value, Said) else "",
)
def test_what_a_webhook_answers_is_understood(said: Said, outcome: object) -> None:
    with Receiver(said) as receiver:
        assert Webhook(receiver.url, SECRET, timeout_s=0.3).send(alert()) == outcome


def test_nobody_there_is_no_refusal() -> None:
    assert Webhook(f"http://127.0.0.1:{free_port()}", SECRET).send(alert()) == Again("connection")


def test_redirects_are_not_followed() -> None:
    with Receiver() as elsewhere, Receiver(Said(307, {"Location": elsewhere.url})) as receiver:
        assert isinstance(Webhook(receiver.url, SECRET).send(alert()), Again)
        assert not elsewhere.posted


def test_apprise_tells_a_service_in_both_languages() -> None:
    with Receiver() as receiver:
        assert AppriseService(receiver.url.replace("http:", "json:")).send(alert()) == Delivered()
    told = json.loads(receiver.posted[0].body)
    assert told["title"] == "حرج: حقول النفط 1"
    assert told["type"] == "failure"
    assert "أبرز الأخبار:" in told["message"]
    assert "Top stories:" in told["message"]


@pytest.mark.parametrize(
    ("said", "outcome"),
    [
        (Said(503), Again("http-503")),
        (Said(400), Refused("http-400")),
        (Said(reset=True), Again("apprise")),
    ],
    ids=["unavailable", "refused", "reset"],
)
def test_why_apprise_could_not_is_heard_and_its_address_is_not_logged(
    said: Said, outcome: object, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    with Receiver(*[said] * 5) as receiver:
        url = receiver.url.replace("http://", "json://user:hunter2@")
        assert AppriseService(f"{url}/secret-path").send(alert()) == outcome
    assert "hunter2" not in caplog.text
    assert "secret-path" not in caplog.text
