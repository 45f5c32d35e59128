"""``rasid sources retry``: what was given up is tried again by the instance that has the source."""

from pathlib import Path

from services.ingest.core.retrying import given_up
from services.ingest.edges.cursors import read_states
from services.runtime.settings import Settings
from tests.local_site import Answer, LocalSite
from tests.processes import ServiceProcess, rasid
from tests.raw_topic import published
from tests.support import eventually

TEXT = "عقد المجلس البلدي في طرابلس جلسة عادية ناقش فيها أعضاؤه صيانة الطرق قبل موسم الأمطار."
FEED = b'<rss version="2.0"><channel><item><link>/news/1</link></item></channel></rss>'


def test_an_item_that_was_given_up_is_published_when_its_page_is_there_and_somebody_asks(
    settings: Settings, settings_environ: dict[str, str], tmp_path: Path
) -> None:
    with LocalSite() as site:
        site.answers["/feed.xml"] = Answer(FEED, headers={"ETag": '"1"'})
        catalogue = tmp_path / "sources.yaml"
        catalogue.write_text(
            f"sources:\n  - {{id: local, name: موقع, url: '{site.url}/feed.xml', language: ar,"
            " poll_min_s: 1, poll_max_s: 1}\n"
        )
        environ = settings_environ | {"RASID_INGEST_SOURCES": str(catalogue)}
        with ServiceProcess("ingest", environ, tmp_path) as first:
            eventually(
                lambda: "local" in (states := read_states(settings)) and given_up(states["local"]),
                every_s=0.5,
            )
            with ServiceProcess("ingest", environ, tmp_path) as second:
                site.publish(1, TEXT)
                asked = len(site.asked("/news/1"))
                status = rasid("sources", "status", environ=environ | {"COLUMNS": "200"})
                assert status.stdout.splitlines()[1].split()[-1] == b"1"
                retried = rasid("sources", "retry", environ=environ)
                assert retried.stdout == b"local: 1 item to be tried again\n"
                eventually(lambda: published(settings), what="the article")
                instances = (first, second)
                eventually(lambda: not given_up(read_states(settings)["local"]), every_s=0.5)
                again = [i.metric("rasid_source_items_total", outcome="retried") for i in instances]
                assert sorted(again) == [0, 1]
        assert len(site.asked("/news/1")) == asked + 1
        assert read_states(settings)["local"].totals == {"dead": 1, "retried": 1, "published": 1}
        nothing = rasid("sources", "retry", "local", environ=environ)
        assert nothing.stdout == b"Nothing is given up.\n"
