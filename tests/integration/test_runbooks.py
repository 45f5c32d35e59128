"""Every command of the runbooks is run where something is wrong, and shows what it is."""

import re
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from services.alert.config import alerts_index
from services.contract.articles import Published
from services.contract.topics import ALERTS, namespaced
from services.contract.wire import encode
from services.index.config import alias
from services.runtime.elasticsearch import make_client
from services.runtime.kafka import make_producer
from services.runtime.settings import Settings
from tests.alerts import Receiver, Said, alert
from tests.enriched_topic import publish, publish_articles
from tests.local_site import LocalSite
from tests.pages import ROOT, commands, run, with_ports
from tests.processes import ServiceProcess
from tests.releases import GOLDEN, read_lines
from tests.support import enriched_article, eventually, free_port, raw_article

RUNBOOKS = {page.stem: commands(page) for page in sorted((ROOT / "docs/runbooks").glob("*.md"))}
SERVICES = ("ingest", "enrich", "index", "alert")
PORTS = dict(zip(SERVICES, (9101, 9102, 9103, 9104), strict=True))

ELSEWHERE = {
    "getent hosts alwasat.ly",
    "curl -sI https://alwasat.ly | head -1",
    "docker compose ps --all SERVICE",
    "docker compose logs alert | grep -E 'refused|cannot be sent'",
    "docker compose logs --tail 50 alert",
    "docker compose logs --tail 100 index | grep -E 'commit|kafka'",
    "docker compose logs --tail 50 SERVICE",
    "docker compose logs --tail 200 SERVICE | grep -E 'started|no progress|crashed'",
}
"""What needs Docker or the internet: only read, not run."""

OF_PROMETHEUS = {one for page in RUNBOOKS.values() for one in page if "localhost:9090" in one}
"""Run in test_observability.py, beside the real Prometheus."""

SHOWN = {
    "AlertNotDelivered": ['channel="refusing",outcome="failed"} 1.0', "oil-ports|Oil ports|النفط"],
    "AlertRoundsStopped": ['"ok": true', "rasid_alert_round_duration_seconds_count"],
    "CatalogueInvalid": ["broken.*404", "watches"],
    "ChannelDown": ['channel="dead",reason="connection"', 'oldest_undelivered.*channel="dead"'],
    "CommitOld": ["rasid_last_commit_timestamp_seconds", "rasid_consumer_lag_records"],
    "DeadLetters": ["index:0 .*not-json"],
    "ElasticsearchBlocked": [
        '"ok": false.*blocked by',
        "disk.avail",
        '"write" : "true"',
        'outcome="blocked"',
    ],
    "ElasticsearchBusy": ["rejected", '"status" :'],
    "LagGrows": ["index +waits for elasticsearch +1 "],
    "LagOld": ["index +waits for", "rasid_consumer_lag_records{.*enriched.*} 1.0"],
    "LatencyHigh": ["index +waits for", "rasid_bulk_duration_seconds_count"],
    "ManySourcesFailing": ["broken .*never", "1 of 2 give items"],
    "NoProgress": ['"ok": true', '"ok": false'],
    "PollsLate": ["rasid_polls_overdue", "rasid_fetch_duration_seconds_count"],
    "ServiceDown": ["ingest +ready"],
    "ServiceWaits": ['"unavailable": {"elasticsearch": ".*blocked by'],
    "SourceFailing": ["broken.*404"],
    "SourceSilent": ["broken.*404"],
    "UndatedArticles": ["rasid_enriched_published_total", '"key":"sample","doc_count":1'],
    "VolumeDrop": ["local", "ingest +ready"],
}
"""What the commands of a page say, taken together."""


@dataclass(frozen=True)
class Troubled:
    """An installation with a source that is gone, a dead letter, and channels that do not work."""

    environ: dict[str, str]
    addresses: dict[str, str]


@pytest.fixture
def troubled(
    settings_environ: dict[str, str], settings: Settings, tmp_path: Path
) -> Iterator[Troubled]:
    with ExitStack() as running:
        site = running.enter_context(LocalSite())
        site.publish(1, "عقد المجلس البلدي في طرابلس جلسة ناقش فيها صيانة الطرق.")
        site.feed(1)
        refusing = running.enter_context(Receiver(Said(422)))
        environ = settings_environ | files(tmp_path, site.url, refusing.url)
        services = [ServiceProcess(name, environ, tmp_path) for name in SERVICES]
        for service in services:
            service.start()
            running.callback(service.kill)
        for service in services:
            service.wait_ready()
        go_wrong(settings, {service.name: service for service in services})
        own = {
            f"localhost:{PORTS[service.name]}": f"localhost:{service.port}" for service in services
        }
        elasticsearch = environ["RASID_ELASTICSEARCH_URL"].removeprefix("http://")
        yield Troubled(
            with_ports(environ, services),
            own | {"localhost:9200": elasticsearch, "news-articles": alias(settings)},
        )


def files(folder: Path, site: str, refusing: str) -> dict[str, str]:
    """Write the catalogues of the installation; return the variables that name them."""
    contents = {
        "SOURCES": {
            "sources": [
                {"id": "local", "name": "local", "url": f"{site}/feed.xml", "language": "ar"},
                {"id": "broken", "name": "broken", "url": f"{site}/gone.xml", "language": "ar"},
            ]
        },
        "WATCHES": {
            "watches": [
                {"id": "oil", "title": "نفط", "title_en": "Oil", "query": "نفط", "cooldown": "6h"}
            ]
        },
        "CHANNELS": {
            "channels": [
                {"id": "refusing", "kind": "webhook", "url": refusing, "secret_env": "HOOK"},
                {
                    "id": "dead",
                    "kind": "webhook",
                    "url": f"http://127.0.0.1:{free_port()}",
                    "secret_env": "HOOK",
                },
            ]
        },
    }
    variables = {"HOOK": "whsec_" + "QUJD" * 12}
    for name, content in contents.items():
        file = folder / f"{name.lower()}.yaml"
        file.write_text(yaml.safe_dump(content), encoding="utf-8")
        service = "INGEST" if name == "SOURCES" else "ALERT"
        variables[f"RASID_{service}_{name}"] = str(file)
    return variables


def go_wrong(settings: Settings, services: dict[str, ServiceProcess]) -> None:
    """Let happen what the runbooks are about; return when the services have noticed."""
    now = datetime.now(UTC)
    undated = enriched_article(
        raw=raw_article(7, published_at=None, published_origin="none", published_precision=None),
        published=Published(value=None, precision=None, origin="none", confidence=0),
        enriched_at=now,
    )
    publish(settings, [("poison", b"no JSON"), (undated.article.article_id, encode(undated))])
    with make_client(settings) as client:
        (incident,) = read_lines(GOLDEN / "0.1.0/news-alerts.jsonl")
        client.index(index=alerts_index(settings), id=incident["id"], document=incident["document"])
    producer = make_producer(settings)
    told = alert(1, at=now, began_at=now)
    producer.send(namespaced(ALERTS.name, settings.namespace), encode(told), key=b"1").get(30)
    producer.close()
    index, alerting, ingest = services["index"], services["alert"], services["ingest"]
    eventually(lambda: index.metric("rasid_articles_total", fate="dead") == 1)
    eventually(lambda: index.metric("rasid_articles_total", fate="done") == 2)
    eventually(lambda: alerting.metric("rasid_alert_deliveries_total", outcome="failed") == 1)
    eventually(lambda: alerting.metric("rasid_alert_delivery_retries_total") >= 1)
    eventually(lambda: alerting.metric("rasid_alert_round_duration_seconds_count") >= 1)
    eventually(lambda: ingest.metric("rasid_source_failure_weight", source="broken") > 0)
    with make_client(settings) as client:
        client.indices.put_settings(index=alias(settings), settings={"index.blocks.write": True})
    publish_articles(settings, [enriched_article(8)])
    eventually(lambda: index.health("ready") == 503)


def in_place(command: str) -> list[str]:
    """Return the commands that a person types for one with a placeholder."""
    command = command.replace("SOURCE", "broken")
    ports = PORTS.values() if "PORT" in command else (0,)
    return [command.replace("PORT", str(port)) for port in ports]


def test_every_command_shows_what_is_wrong(troubled: Troubled) -> None:
    wrong = []
    for page, listed in RUNBOOKS.items():
        shown = ""
        for command in (one for one in listed if one not in ELSEWHERE | OF_PROMETHEUS):
            typed = in_place(command)
            done = [run(one, troubled.environ, troubled.addresses) for one in typed]
            said = "".join(one.stdout for one in done)
            if not said or not {one.returncode for one in done} <= {0, 1}:
                wrong.append(f"{page}: {command}: {done}")
            shown += said
        missing = [cause for cause in SHOWN.get(page, ()) if not re.search(cause, shown)]
        if missing:
            wrong.append(f"{page} does not show {missing}:\n{shown}")
    assert not wrong, "\n\n".join(wrong)


def test_every_page_is_run_or_named_as_one_that_cannot_be() -> None:
    listed = {command for page in RUNBOOKS.values() for command in page}
    assert listed >= ELSEWHERE
    run_here = {p for p, c in RUNBOOKS.items() if not set(c) <= ELSEWHERE | OF_PROMETHEUS}
    assert run_here == set(SHOWN)


@pytest.mark.parametrize("command", sorted(ELSEWHERE))
def test_what_cannot_be_run_is_valid_shell_and_names_what_there_is(command: str) -> None:
    checked = subprocess.run(["bash", "-n", "-c", command], capture_output=True, check=False)
    assert checked.returncode == 0, checked.stderr
    if asked := re.match(r"docker compose (?:logs|ps)(?: --\w+(?: \d+)?)* (\w+)", command):
        assert asked[1] in (*SERVICES, "SERVICE")
    for words in re.findall(r"grep -E '([^']+)'", command):
        for word in words.split("|"):
            assert is_logged(word), f"no service logs {word!r}"


def is_logged(word: str) -> bool:
    event = re.compile(rf'log\.\w+\("[^"]*{re.escape(word)}')
    return any(event.search(file.read_text()) for file in (ROOT / "services").rglob("*.py"))
