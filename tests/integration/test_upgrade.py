"""A rolling upgrade by docs/upgrading.md, from what earlier builds left on the real servers."""

import json
import re
import tomllib
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import jsonschema
import pytest
from elasticsearch import Elasticsearch

from services.contract.topics import ALERTS, ENRICHED, RAW, SOURCES
from services.index.config import IndexSettings, alias
from services.index.edges.elasticsearch import MAPPING, VERSION, load_definition
from services.index.search import Hit, SearchRequest, search
from services.runtime.elasticsearch import make_client
from services.runtime.service import EXIT_CONFIGURATION
from services.runtime.settings import Settings, load
from tests.alert_coverage import told
from tests.local_site import LocalSite
from tests.pages import ROOT, blocks, run, with_ports
from tests.processes import ServiceProcess
from tests.raw_topic import published, records
from tests.record_release import TEXTS, WATCHES, catalogue, publish_site
from tests.releases import GOLDEN, RELEASES, SITE_PORT, put_back
from tests.support import eventually

PAGE = ROOT / "docs/upgrading.md"
ELSEWHERE = ("docker compose build", "docker compose run --rm --no-deps rights")
"""What is of images, and of accounts: these servers ask nobody; test_security.py has the others."""

ORDER = ("index", "alert", "enrich", "ingest")
SCHEMAS = {
    RAW: "raw-article",
    ENRICHED: "enriched-article",
    SOURCES: "source-state",
    ALERTS: "alert",
}


class Installation:
    """The services of this build, as far as they are started, beside what a release left."""

    def __init__(self, environ: dict[str, str], folder: Path) -> None:
        (folder / "watches.yaml").write_text(WATCHES, encoding="utf-8")
        (folder / "sources.yaml").write_text(catalogue(), encoding="utf-8")
        environ = environ | {
            "RASID_INGEST_SOURCES": str(folder / "sources.yaml"),
            "RASID_ALERT_WATCHES": str(folder / "watches.yaml"),
            "RASID_ALERT_EVERY_S": "2",
        }
        self.services = {name: ServiceProcess(name, environ, folder) for name in ORDER}
        self.environ = with_ports(environ, list(self.services.values()))
        self.addresses = {"localhost:9103": f"localhost:{self.services['index'].port}"}

    def do(self, command: str, running: ExitStack) -> str:
        """Do what a line of the page says: Compose runs our commands and starts our services."""
        if command in ELSEWHERE:
            return ""
        if started := re.fullmatch(r"docker compose up .* (\w+)", command):
            running.enter_context(self.services[started[1]])
            return ""
        command = re.sub(r"^docker compose run --rm (--no-deps )?operator", "rasid", command)
        done = run(command, self.environ, self.addresses)
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
        return done.stdout


@pytest.fixture
def client(settings: Settings) -> Iterator[Elasticsearch]:
    with make_client(settings) as client:
        yield client


def searched_mapping(release: str) -> str:
    indices = json.loads((GOLDEN / release / "indices.json").read_text(encoding="utf-8"))
    (mapping,) = (
        index["mappings"]["_meta"]["rasid_mapping"]
        for index in indices.values()
        if "news-articles" in index["aliases"]
    )
    return str(mapping)


def test_the_page_says_the_order_and_what_to_run() -> None:
    before, migrate, services, _, back = blocks(PAGE)
    assert re.findall(r"up .* (\w+)$", services, re.M) == list(ORDER)
    assert f"**{', '.join(ORDER)}**" in PAGE.read_text(encoding="utf-8")
    assert "index migrate\n" in migrate
    assert "operator index migrate --rollback" in back
    assert "operator status\n" in before


def test_what_this_release_leaves_is_golden_too() -> None:
    """Until it is released ``make golden`` records it anew when its mapping has changed."""
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    indices = json.loads((GOLDEN / pyproject["project"]["version"] / "indices.json").read_text())
    meta = load_definition()["mappings"]["_meta"]
    assert indices[f"news-articles-{VERSION}"]["mappings"]["_meta"] == meta, "run `make golden`"


@pytest.mark.timeout(900)
@pytest.mark.parametrize("release", RELEASES)
def test_what_a_release_left_is_read_searched_and_continued(
    release: str,
    settings_environ: dict[str, str],
    settings: Settings,
    client: Elasticsearch,
    tmp_path: Path,
) -> None:
    folder, mapping = GOLDEN / release, searched_mapping(release)
    put_back(settings, client, folder)
    ours = Installation(settings_environ, tmp_path)
    _, migrate, services, after, back = blocks(PAGE)
    before, incidents = len(published(settings)), told(settings)

    def found(words: str) -> Hit | None:
        hits = search(client, load(IndexSettings, settings_environ), SearchRequest(words)).hits
        return hits[0] if hits else None

    with ExitStack() as running:
        if mapping != MAPPING:
            refuses_another_mapping(ours.services["index"])
        site = running.enter_context(LocalSite(SITE_PORT))
        publish_site(site, revised=True)
        for command in f"{migrate}{services}".splitlines():
            ours.do(command, running)
        eventually(lambda: found("بنينا") and found("Tarhuna"), what="what waited in Kafka")
        assert found("الازدحام"), "the revision"
        site.publish(9, "افتتح في درنة معرض للكتاب.")
        site.feed(*TEXTS, 4, 9, note="محدث")
        eventually(lambda: found("معرض درنة"), what="an article that is new")
        eventually(lambda: revisions(client, settings) == newest(settings), what="all of them")
        new = {article.url.rpartition("/")[2] for article in published(settings)[before:]}
        assert new <= {"4", "9"}, "what the cursors know is not published again"
        said = [ours.do(command, running) for command in after.splitlines()]
        assert "index:0" in said[-1]
        assert "1 message sent again" in ours.do("rasid dead-letters replay index:0", running)
        again = '"attempts": 2'
        eventually(lambda: again in ours.do("rasid dead-letters list --json", running))
        for incident in incidents:
            (over,) = eventually(lambda: told(settings)[len(incidents) :])
            assert (over.alert_id, over.happening) == (incident.alert_id, "resolved")
    older_readers_understand(settings, folder)
    if mapping != MAPPING:
        ours.do(back.strip(), running)
        old = f"{alias(settings)}-{mapping.rpartition('-')[2]}"
        assert list(client.indices.get_alias(name=alias(settings))) == [old]


def refuses_another_mapping(index: ServiceProcess) -> None:
    """The new service, started too early, ends with the name of the command."""
    index.start()
    eventually(lambda: index.returncode is not None)
    assert index.returncode == EXIT_CONFIGURATION
    assert "rasid index migrate" in index.tail()


def newest(settings: Settings) -> dict[str, int]:
    """Return the newest revision of each article in Kafka."""
    found: dict[str, int] = {}
    for article in published(settings):
        found[article.article_id] = max(article.revision, found.get(article.article_id, 0))
    return found


def revisions(client: Elasticsearch, settings: Settings) -> dict[str, int]:
    hits = client.search(index=alias(settings), size=100)["hits"]["hits"]
    return {hit["_id"]: hit["_source"]["revision"] for hit in hits}


def older_readers_understand(settings: Settings, folder: Path) -> None:
    """What is on the topics now fits the schemas that the release's readers have."""
    for topic, name in SCHEMAS.items():
        file = folder / f"{name}.schema.json"
        if not file.is_file():
            continue
        schema = json.loads(file.read_text(encoding="utf-8"))
        read = [record.value for record in records(settings, topic) if record.value != b"no JSON"]
        assert read
        for value in read:
            jsonschema.validate(json.loads(value), schema)
