"""Real articles, imported from their files, are found by the names they mention."""

import json
from pathlib import Path

import pytest
from elasticsearch import Elasticsearch

from deploy.local.config import StackConfig
from deploy.local.run import services
from deploy.local.services import SERVICES, service_environ
from tests.processes import rasid
from tests.support import eventually, free_port

SEEDS = Path(__file__).parents[3] / "shared" / "seeds"
FOUND_IN = {  # the beginnings of the names of the files that mention it
    "حفتر": {"000", "001", "002", "003", "004"},
    "نورلاند": {"000", "001", "002", "003", "004"},
    "ترهونة": {"004"},
    "الأفريكوم": {"001", "002", "003"},
}


@pytest.mark.skipif(not SEEDS.is_dir(), reason="the real articles are not part of the project")
def test_imported_articles_are_found_by_the_names_in_them(
    stack: StackConfig, settings_environ: dict[str, str]
) -> None:
    ports = {f"RASID_{name.upper()}_HTTP_PORT": str(free_port()) for name in SERVICES}
    environ = service_environ(stack, settings_environ, **ports)

    def hits(query: str) -> list[dict[str, object]]:
        found = rasid("search", query, "--json", "--copies", "--size", "100", environ=environ)
        return list(json.loads(found.stdout)["hits"]) if found.returncode == 0 else []

    texts = {file.name[:3]: file.read_text(encoding="utf-8") for file in SEEDS.glob("*.txt")}
    with services(stack, environ):
        imported = rasid("import", str(SEEDS), environ=environ)
        assert imported.returncode == 0, imported.stderr.decode()
        eventually(lambda: len(hits("حفتر")) == len(texts), every_s=1)
        for query, files in FOUND_IN.items():
            found = {str(hit["title"]).removesuffix("…").strip() for hit in hits(query)}
            assert {
                n for n, text in texts.items() if any(title in text for title in found)
            } == files
            assert len(found) == len(files)
        with Elasticsearch(stack.elasticsearch_address) as client:
            answer = client.search(
                index=f"{settings_environ['RASID_NAMESPACE']}-news-articles", size=len(texts)
            )
        documents = [hit["_source"] for hit in answer["hits"]["hits"]]
        stories = {
            number: document["story_id"]
            for number, text in texts.items()
            for document in documents
            if document["title"].removesuffix("…").strip() in text
        }
        assert stories["002"] == stories["003"], "two outlets' versions of one story"
        assert len(set(stories.values())) == len(texts) - 1
