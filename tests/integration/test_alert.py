"""alert as a process, on a real Kafka and a real Elasticsearch with four weeks of coverage."""

import json
import signal
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from elasticsearch import Elasticsearch
from typer.testing import CliRunner, Result

from deploy.local.config import StackConfig
from services.alert.config import alerts_index
from services.cli.app import build
from services.index.config import alias
from services.index.edges.indices import ensure_index
from services.runtime.elasticsearch import make_client
from services.runtime.service import EXIT_STOPPED
from services.runtime.settings import Settings
from tests.alert_coverage import SOURCES, document, kept, spike, told, usual_coverage, write
from tests.alertmanager import RunningAlertmanager
from tests.alerts import Receiver
from tests.processes import ServiceProcess
from tests.relay import Relay
from tests.servers import signal_server
from tests.support import eventually

WITHIN_S = 60.0
"""From the last article's being searchable to the alert: a promise."""

WATCHES = """
watches:
  - id: oil-ports
    title: موانئ النفط
    title_en: Oil ports
    query: '"إغلاق الموانئ" OR blockade'
    severity: critical
"""
HOOK_SECRET = "whsec_" + "QUJD" * 12


@pytest.fixture
def client(settings: Settings) -> Iterator[Elasticsearch]:
    with make_client(settings) as client:
        ensure_index(client, alias(settings))
        yield client


@pytest.fixture
def environ(settings_environ: dict[str, str], tmp_path: Path) -> dict[str, str]:
    file = tmp_path / "watches.yaml"
    file.write_text(WATCHES, encoding="utf-8")
    return settings_environ | {"RASID_ALERT_WATCHES": str(file), "RASID_ALERT_EVERY_S": "2"}


def test_a_spike_is_told_once_within_a_minute_with_its_reasons_whatever_is_killed(
    environ: dict[str, str], settings: Settings, client: Elasticsearch, tmp_path: Path
) -> None:
    write(client, settings, usual_coverage(datetime.now(UTC)))
    with ServiceProcess("alert", environ, tmp_path) as alert:
        eventually(lambda: alert.metric("rasid_alert_round_duration_seconds_count") > 0)
        assert not told(settings)
        write(client, settings, spike(datetime.now(UTC)))
        searchable = time.monotonic()
        (fired,) = eventually(lambda: told(settings), timeout_s=WITHIN_S)
        assert time.monotonic() - searchable < WITHIN_S
        alert.kill()
    assert (fired.happening, fired.watch.id, fired.figures.stories) == ("fired", "oil-ports", 12)
    assert fired.figures.expected < 1
    assert {story.source_id for story in fired.stories} <= set(SOURCES)
    assert len(fired.stories) == 5
    assert len(fired.sparkline) == 24
    *before, last = [point.stories for point in fired.sparkline]
    assert (sum(before), last) == (1, 12)  # the one of the last day is in it
    with ServiceProcess("alert", environ, tmp_path) as again:
        eventually(lambda: again.metric("rasid_alert_round_duration_seconds_count") > 1)
        assert again.terminate() == EXIT_STOPPED
    assert told(settings) == [fired]
    (document_,) = kept(client, settings)
    assert document_["alert_id"] == fired.alert_id
    assert document_["state"]["published"]


def test_with_default_settings_the_channels_have_it_within_a_minute(
    environ: dict[str, str], settings: Settings, client: Elasticsearch, tmp_path: Path
) -> None:
    write(client, settings, usual_coverage(datetime.now(UTC)))
    channels = tmp_path / "channels.yaml"
    with RunningAlertmanager(tmp_path) as alertmanager, Receiver() as receiver:
        channels.write_text(
            "channels:\n"
            f"  - {{id: manager, kind: alertmanager, url: '{alertmanager.url}'}}\n"
            f"  - {{id: hook, kind: webhook, url: '{receiver.url}', secret_env: HOOK_SECRET}}\n"
        )
        environ = environ | {"RASID_ALERT_CHANNELS": str(channels), "HOOK_SECRET": HOOK_SECRET}
        del environ["RASID_ALERT_EVERY_S"]
        with ServiceProcess("alert", environ, tmp_path) as alert:
            eventually(lambda: alert.metric("rasid_alert_round_duration_seconds_count") > 0)
            write(client, settings, spike(datetime.now(UTC)))
            searchable = time.monotonic()
            (known,) = eventually(alertmanager.alerts, timeout_s=WITHIN_S)
            eventually(lambda: receiver.posted, timeout_s=WITHIN_S)
            assert time.monotonic() - searchable < WITHIN_S
            assert alert.terminate() == EXIT_STOPPED
    (fired,) = told(settings)
    (posted,) = receiver.posted
    assert json.loads(posted.body)["data"]["alert"]["alert_id"] == fired.alert_id
    assert known["labels"]["watch"] == "oil-ports"
    assert known["annotations"]["observed"] == "12"


def test_a_person_finds_what_was_told_and_what_a_watch_says_now(
    environ: dict[str, str],
    settings: Settings,
    client: Elasticsearch,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    now = datetime.now(UTC)
    write(client, settings, [*usual_coverage(now), *spike(now)])
    with ServiceProcess("alert", environ, tmp_path):
        (fired,) = eventually(lambda: told(settings))
    eventually(lambda: fired.alert_id[:8] in alerts("list").output)
    assert json.loads(alerts("list", "--json").output)["alert_id"] == fired.alert_id
    shown = alerts("show", fired.alert_id[:8]).output
    assert "Oil ports: " in shown
    assert fired.stories[0].url in shown
    assert alerts("show", "none").exit_code == 1
    explained = alerts("explain", fired.alert_id[:8], "--chart", str(tmp_path / "chart.svg")).output
    assert "fired" in explained
    assert "it would not have fired" not in explained
    assert "موانئ النفط" in (tmp_path / "chart.svg").read_text(encoding="utf-8")
    again = json.loads(alerts("explain", fired.alert_id, "--json").output)
    (at_firing,) = [one for one in again["rounds"] if one["happening"] == "fired"]
    assert datetime.fromisoformat(at_firing["at"]) == fired.began_at
    assert at_firing["stories"] == fired.figures.stories
    assert at_firing["expected"] == pytest.approx(fired.figures.expected)
    assert at_firing["limit"] <= fired.figures.stories
    assert "enough for an alert" in alerts("test", "oil-ports").output
    assert json.loads(alerts("test", "oil-ports", "--json").output)["alerts"]
    assert "no enabled watch 'oil'" in alerts("test", "oil").stderr


@pytest.mark.parametrize(
    ("name", "query"), [("سالم القماطي", 'entity:"سالم القماطي"'), (None, '"سالم القماطي"')]
)
def test_a_name_or_phrase_that_nobody_watches_is_told_once_as_emerging_whatever_is_killed(
    name: str | None,
    query: str,
    environ: dict[str, str],
    settings: Settings,
    client: Elasticsearch,
    tmp_path: Path,
) -> None:
    now = datetime.now(UTC)
    rising = [
        document(
            9_000 + n,
            now - timedelta(minutes=n),
            "ناقش المجلس الميزانية.",
            title=f"سالم القماطي: خبر رقم {n}",
            name=name,
        )
        for n in range(12)
    ]
    write(client, settings, [*usual_coverage(now), *rising])
    with ServiceProcess("alert", environ, tmp_path) as alert:
        (fired,) = eventually(lambda: told(settings), timeout_s=WITHIN_S)
        alert.kill()
    with ServiceProcess("alert", environ, tmp_path) as again:
        eventually(lambda: again.metric("rasid_alert_round_duration_seconds_count") > 1)
        assert again.terminate() == EXIT_STOPPED
    assert told(settings) == [fired]
    assert (fired.happening, fired.watch.kind) == ("fired", "emerging")
    assert (fired.watch.title, fired.watch.query) == ("موضوع صاعد: سالم القماطي", query)
    assert (fired.figures.stories, fired.figures.sources) == (12, 6)
    assert fired.figures.expected < 0.1
    assert len(fired.stories) == 5
    assert [document_["alert_id"] for document_ in kept(client, settings)] == [fired.alert_id]


def alerts(*arguments: str) -> Result:
    return CliRunner().invoke(build(["alerts"]), ["alerts", *arguments])


def test_what_was_decided_before_a_kill_is_said_by_the_next_one(
    environ: dict[str, str], settings: Settings, client: Elasticsearch, tmp_path: Path
) -> None:
    now = datetime.now(UTC)
    write(client, settings, [*usual_coverage(now), *spike(now)])
    with ServiceProcess("alert", environ, tmp_path):
        (fired,) = eventually(lambda: told(settings))
    (incident,) = kept(client, settings)
    incident["state"]["published"] = False  # as if the kill had come before Kafka had it
    client.index(index=alerts_index(settings), id=fired.alert_id, document=incident)
    client.index(index=alerts_index(settings), id="no incident", document={"alert_id": "?"})
    with ServiceProcess("alert", environ, tmp_path):
        assert eventually(lambda: told(settings)[1:]) == [fired]
    kept_ = {document_["alert_id"]: document_ for document_ in kept(client, settings)}
    assert kept_[fired.alert_id]["state"]["published"]


def test_a_spike_while_elasticsearch_is_away_is_told_once_when_it_is_back(
    environ: dict[str, str], settings: Settings, client: Elasticsearch, tmp_path: Path
) -> None:
    write(client, settings, usual_coverage(datetime.now(UTC)))
    with Relay(environ["RASID_ELASTICSEARCH_URL"]) as relay:
        environ = environ | {"RASID_ELASTICSEARCH_URL": relay.url}
        with ServiceProcess("alert", environ, tmp_path) as alert:
            rounds = "rasid_alert_round_duration_seconds_count"
            eventually(lambda: alert.metric(rounds) > 0)
            relay.cut()
            write(client, settings, spike(datetime.now(UTC)))
            eventually(lambda: alert.health("ready") == 503)
            assert alert.health("live") == 200
            assert not told(settings)
            relay.mend()
            (fired,) = eventually(lambda: told(settings), timeout_s=WITHIN_S)
            eventually(lambda: alert.health("ready") == 200)
            before = alert.metric(rounds)
            eventually(lambda: alert.metric(rounds) > before + 1)
            assert alert.terminate() == EXIT_STOPPED
    assert told(settings) == [fired]
    assert [document_["alert_id"] for document_ in kept(client, settings)] == [fired.alert_id]


def test_a_spike_while_kafka_is_away_and_killed_reaches_the_channel_once(
    environ: dict[str, str],
    settings: Settings,
    stack: StackConfig,
    client: Elasticsearch,
    tmp_path: Path,
) -> None:
    write(client, settings, usual_coverage(datetime.now(UTC)))
    channels = tmp_path / "channels.yaml"
    with Receiver() as receiver:
        channels.write_text(
            "channels:\n"
            f"  - {{id: hook, kind: webhook, url: '{receiver.url}', secret_env: HOOK_SECRET}}\n"
        )
        environ = environ | {"RASID_ALERT_CHANNELS": str(channels), "HOOK_SECRET": HOOK_SECRET}
        with ServiceProcess("alert", environ, tmp_path) as alert:
            rounds = "rasid_alert_round_duration_seconds_count"
            eventually(lambda: alert.metric(rounds) > 0)
            signal_server(stack, "kafka", signal.SIGSTOP)
            try:
                write(client, settings, spike(datetime.now(UTC)))
                eventually(lambda: alert.health("ready") == 503)
            finally:
                signal_server(stack, "kafka", signal.SIGKILL)
            eventually(lambda: receiver.posted)
            before = alert.metric(rounds)
            eventually(lambda: alert.metric(rounds) > before + 1)
            assert alert.terminate() == EXIT_STOPPED
        (posted,) = receiver.posted
    (kept_,) = kept(client, settings)
    assert kept_["state"]["published"]
    said = {one.alert_id for one in told(settings)}
    assert said == {kept_["alert_id"]} == {json.loads(posted.body)["data"]["alert"]["alert_id"]}
