"""Records what a release leaves in Kafka and Elasticsearch: ``make golden`` for the present build.

``python -m tests.record_release FOLDER`` runs ingest, enrich, index and alert on a stack of its own
and stops them one by one, so that articles wait at every step. In the checkout of another build,
with this one in PYTHONPATH, the services are those of that build:
``PYTHONPATH=HERE python HERE/tests/record_release.py FOLDER``.
"""

import shutil
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from elasticsearch import Elasticsearch

from services.contract.topics import ENRICHED, SOURCES
from services.index.config import alias
from services.runtime.elasticsearch import make_client
from services.runtime.kafka import ensure_topics
from services.runtime.settings import Settings, load
from tests.alert_coverage import SOURCES as SOURCE_IDS
from tests.alert_coverage import spike, told, usual_coverage, write
from tests.enriched_topic import publish
from tests.local_site import LOCALHOST, LocalSite
from tests.processes import ServiceProcess, rasid
from tests.raw_topic import published, records
from tests.releases import SITE_PORT, keep_indices, keep_topics
from tests.servers import own_stack
from tests.support import eventually

TEXTS = {
    1: "أعلنت بلدية بنغازي افتتاح جسر جديد في وسط المدينة يوم الخميس، بحضور عميد البلدية.",
    2: "بحث رئيس الحكومة عبد الحميد الدبيبة مع عمداء البلديات صيانة المدارس في طرابلس وسرت.",
    3: "استأنف ميناء الزويتينة تصدير الخام بعد توقف دام يومين بسبب الأحوال الجوية.",
}
IMPORTED = {
    "not-indexed": "وصلت شحنة أدوية\nوصلت إلى مطار بنينا شحنة أدوية لمستشفيات الجنوب.",
    "not-enriched": "Olive harvest begins in Tarhuna\nFarmers in Tarhuna began the olive harvest.",
}
WATCHES = """
watches:
  - {id: oil-ports, title: موانئ النفط, title_en: Oil ports, query: '"إغلاق الموانئ" OR blockade'}
"""


def catalogue() -> str:
    return (
        "sources:\n  - {id: local, name: موقع محلي, language: ar, poll_min_s: 1, poll_max_s: 1,"
        f" url: 'http://127.0.0.1:{SITE_PORT}/feed.xml'}}\n"
    )


def publish_site(site: LocalSite, *, revised: bool) -> None:
    """Put the articles on the site; the first is revised, the fourth can be read once it is."""
    for number, text in TEXTS.items():
        site.publish(number, text)
    if revised:
        site.publish(1, f"{TEXTS[1]} وقال العميد إن الجسر يخفف الازدحام.")
    site.publish(4, "افتتح مصرف في غدامس فرعا.", status=503)
    site.feed(*TEXTS, 4, note="محدث" if revised else "")


def record(environ: dict[str, str], folder: Path, scratch: Path) -> None:
    """Run the services on a small site, each for as long as it takes, and keep what is left."""
    settings = load(Settings, environ)
    (scratch / "sources.yaml").write_text(catalogue(), encoding="utf-8")
    ingesting = environ | {"RASID_INGEST_SOURCES": str(scratch / "sources.yaml")}
    enrich, index = (ServiceProcess(name, environ, scratch) for name in ("enrich", "index"))
    with LocalSite(SITE_PORT) as site, enrich, index:
        publish_site(site, revised=False)
        with ServiceProcess("ingest", ingesting, scratch) as ingest:
            eventually(lambda: len(published(settings)) >= len(TEXTS))
            publish_site(site, revised=True)
            eventually(lambda: any(article.revision == 2 for article in published(settings)))
            cursors = len(records(settings, SOURCES))
            eventually(lambda: len(records(settings, SOURCES)) > cursors)
            ingest.terminate()
        publish(settings, [("key", b"no JSON")])
        indexed = len(published(settings)) + 1
        eventually(lambda: index.metric("rasid_articles_total") == indexed)
        index.terminate()
        import_text("not-indexed", environ)
        eventually(lambda: len(records(settings, ENRICHED)) == indexed + 1)
        enrich.terminate()
        import_text("not-enriched", environ)
    with make_client(settings) as client:
        if Path("services/alert/__main__.py").is_file():
            let_an_incident_begin(environ, client, scratch)
        keep_indices(client, folder)
    keep_topics(settings, folder)
    for schema in Path("services/contract/schemas").glob("*.json"):
        shutil.copy(schema, folder / f"{schema.stem}.schema.json")


def import_text(name: str, environ: dict[str, str]) -> None:
    done = rasid("import", "-", environ=environ, stdin=IMPORTED[name].encode())
    assert done.returncode == 0, done.stderr.decode()


def let_an_incident_begin(environ: dict[str, str], client: Elasticsearch, scratch: Path) -> None:
    """Run alert on a spike, whose articles are taken away when it was told."""
    settings = load(Settings, environ)
    now = datetime.now(UTC)
    write(client, settings, [*usual_coverage(now), *spike(now)])
    (scratch / "watches.yaml").write_text(WATCHES)
    watching = {"RASID_ALERT_WATCHES": str(scratch / "watches.yaml"), "RASID_ALERT_EVERY_S": "2"}
    with ServiceProcess("alert", environ | watching, scratch) as alert:
        eventually(lambda: told(settings))
        eventually(lambda: alert.metric("rasid_alert_round_duration_seconds_count") > 1)
        alert.terminate()
    client.delete_by_query(
        index=alias(settings), query={"terms": {"source.id": list(SOURCE_IDS)}}, refresh=True
    )


def main(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    with own_stack("golden") as stack, tempfile.TemporaryDirectory() as scratch:
        environ = {
            "RASID_KAFKA_BOOTSTRAP": stack.kafka_address,
            "RASID_ELASTICSEARCH_URL": stack.elasticsearch_address,
            "RASID_INGEST_ALLOW_ADDRESSES": LOCALHOST,
            "RASID_INGEST_HOST_GAP_S": "0",
        }
        ensure_topics(load(Settings, environ))
        record(environ, folder, Path(scratch))


if __name__ == "__main__":
    main(Path(sys.argv[1]).absolute())
