"""Search and its Arabic analysis, scored on the judged sets of tests/quality/search.

Beside each figure stands that of Elasticsearch's own ``arabic`` analyzer and of normalised words.
"""

import re
import shutil
from bisect import bisect_right
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from elasticsearch import Elasticsearch

from deploy.local.config import StackConfig
from services.contract.articles import article_id
from services.contract.wire import encode
from services.enrich.core.lookup import called
from services.enrich.edges.knowledge import read_context, read_entities
from services.enrich.edges.models import load_models
from services.enrich.enrichment import Models, enrich
from services.index.config import alias
from services.index.core.prepare import Ready, prepare
from services.index.edges.elasticsearch import load_definition, send_bulk
from services.index.edges.indices import NAMES_FILE, ensure_index, write_alias
from services.index.search import SearchRequest, search
from services.runtime.elasticsearch import make_client
from services.runtime.settings import ConfigurationError, Settings
from tests.search_quality import (
    FOLDER,
    Conflation,
    JudgedDocument,
    JudgedQuery,
    conflation,
    ndcg,
    read_documents,
    read_forms,
    read_queries,
    recall,
)
from tests.support import raw_article

PART = ("seen", "held back")
CONFLATION_FLOORS = {
    "forms_seen.txt": (0.98, 0.98),
    "forms_held_back.txt": (0.98, 0.96),
    "forms_written_later.txt": (0.98, 0.96),
}
SEARCH_FLOORS = {"seen": (0.85, 0.78), "held back": (0.80, 0.70)}

CONDITION = re.compile(r"-?(?:lang|after|before):\S+|(?:entity|place|about):| -\S+")
"""What plain words have not: for them a name or a date is looked for as it is written."""

Find = Callable[[JudgedQuery], list[str]]


@pytest.fixture(scope="module")
def searched(module_settings: Settings) -> Iterator[tuple[Elasticsearch, Settings]]:
    """The judged documents in an index as the service makes it, and in two plain ones."""
    settings = module_settings
    with make_client(settings) as client:
        ensure_index(client, alias(settings))
        models = load_models()
        body = b"".join(operation(document, models) for document in read_documents())
        send_bulk(client, write_alias(alias(settings)), body)
        plain = [plain_index(client, settings, analyzer) for analyzer in ("arabic", "news_exact")]
        client.indices.refresh(index=f"{settings.namespace}-*")
        yield client, settings
        client.indices.delete(index=plain)


def operation(document: JudgedDocument, models: Models) -> bytes:
    day = datetime.fromisoformat(document.day).replace(tzinfo=UTC)
    raw = raw_article(
        int(document.id[1:]), title=document.title, text=document.text, published_at=day
    )
    ready = prepare(encode(enrich(raw, models, day, "test")), day)
    assert isinstance(ready, Ready)
    return ready.operation


def plain_index(client: Elasticsearch, settings: Settings, analyzer: str) -> str:
    """Index the documents with one analyzer; return the name of their index."""
    field = {"type": "text", "analyzer": analyzer}
    name = f"{settings.namespace}-{analyzer}"
    analysis = {"analysis": load_definition()["settings"]["analysis"]}
    mapping = {"properties": {"title": field, "text": field}}
    client.indices.create(index=name, settings=analysis, mappings=mapping)
    actions = [
        line
        for document in read_documents()
        for line in (
            {"index": {"_index": name, "_id": document.id}},
            {"title": document.title, "text": document.text},
        )
    ]
    client.bulk(operations=actions)
    return name


def by_rasid(client: Elasticsearch, settings: Settings) -> Find:
    ids = {
        article_id(f"https://news.example/articles/{int(d.id[1:])}"): d.id for d in read_documents()
    }

    known = read_entities(read_context())

    def called_so(name: str) -> list[str]:
        return [entity.id for entity in called(name, known)]

    def find(query: JudgedQuery) -> list[str]:
        result = search(client, settings, SearchRequest(query.words, size=20), called_so)
        return [ids[hit.article_id] for hit in result.hits]

    return find


def by_plain(client: Elasticsearch, settings: Settings, analyzer: str, operator: str) -> Find:
    def find(query: JudgedQuery) -> list[str]:
        plain = CONDITION.sub("", query.words)
        words, fields = plain.strip('"'), ["title^3", "text"]
        body = {"combined_fields": {"query": words, "fields": fields, "operator": operator}}
        if words != plain:
            body = {"multi_match": {"query": words, "fields": fields, "type": "phrase"}}
        answer = client.search(index=f"{settings.namespace}-{analyzer}", query=body, size=20)
        return [hit["_id"] for hit in answer["hits"]["hits"]]

    return find


def scored(find: Find, queries: list[JudgedQuery]) -> tuple[float, float]:
    found = [(find(query), query.grades) for query in queries]
    return (
        sum(ndcg(ids, grades) for ids, grades in found) / len(found),
        sum(recall(ids, grades) for ids, grades in found) / len(found),
    )


@pytest.mark.parametrize("part", PART)
def test_the_judged_queries_find_what_they_ask_for(
    part: str, searched: tuple[Elasticsearch, Settings]
) -> None:
    queries = [query for query in read_queries() if query.held_back == (part == "held back")]
    figures = {
        "rasid": scored(by_rasid(*searched), queries),
        "arabic, all words": scored(by_plain(*searched, "arabic", "and"), queries),
        "arabic, any word": scored(by_plain(*searched, "arabic", "or"), queries),
        "normalised, all words": scored(by_plain(*searched, "news_exact", "and"), queries),
        "normalised, any word": scored(by_plain(*searched, "news_exact", "or"), queries),
    }
    report = [f"{len(queries)} queries, {part}: nDCG@10, recall@20"]
    report += [f"{name:22} {gain:.3f} {share:.3f}" for name, (gain, share) in figures.items()]
    print("\n".join(report))
    for figure, floor in zip(figures["rasid"], SEARCH_FLOORS[part], strict=True):
        assert figure >= floor, "\n".join(report)


@pytest.mark.parametrize("file", CONFLATION_FLOORS)
def test_the_forms_of_a_word_find_one_another(
    file: str, searched: tuple[Elasticsearch, Settings]
) -> None:
    figures = {
        analyzer: conflated(*searched, analyzer, FOLDER / file)
        for analyzer in ("news", "arabic", "news_exact")
    }
    report = [f"{file}: precision / recall / F1 of names; of all words"]
    report += [f"{name:12} {names}; {words}" for name, (names, words) in figures.items()]
    print("\n".join(report))
    for figure, floor in zip(figures["news"], CONFLATION_FLOORS[file], strict=True):
        assert figure.f1 >= floor, "\n".join(report)


def conflated(
    client: Elasticsearch, settings: Settings, analyzer: str, path: Path
) -> tuple[Conflation, Conflation]:
    forms = read_forms(path)
    terms = analysed(client, alias(settings), analyzer, sorted({form.written for form in forms}))
    return conflation(forms, terms, terms, names_only=True), conflation(forms, terms, terms)


def analysed(
    client: Elasticsearch, index: str, analyzer: str, words: list[str]
) -> dict[str, set[str]]:
    """Return the terms of each word; they are told apart by where they begin."""
    starts = [sum(len(word) + 1 for word in words[:number]) for number in range(len(words))]
    terms: dict[str, set[str]] = {word: set() for word in words}
    for token in client.indices.analyze(index=index, analyzer=analyzer, text=words)["tokens"]:
        terms[words[bisect_right(starts, token["start_offset"]) - 1]].add(token["token"])
    return terms


@pytest.fixture
def names_file(stack: StackConfig) -> Iterator[Path]:
    if not stack.uses_own_elasticsearch:
        pytest.skip("the file is in the configuration of an Elasticsearch of the tests' own")
    path = stack.folder / "elasticsearch" / "config" / NAMES_FILE
    kept = path.with_suffix(".kept")
    shutil.copy2(path, kept)
    yield path
    kept.replace(path)
    path.chmod(0o644)


def test_a_new_spelling_is_found_without_indexing_anew(
    searched: tuple[Elasticsearch, Settings], names_file: Path
) -> None:
    client, settings = searched
    find = by_rasid(client, settings)
    query = JudgedQuery("new", "latin", "Khaftar", {}, held_back=False)
    assert find(query) == []
    names_file.write_text(names_file.read_text("utf-8") + "\nKhaftar, حفتر\n", "utf-8")
    client.indices.reload_search_analyzers(index=alias(settings))
    assert {"d001", "d002", "d003"} <= set(find(query))


def test_the_service_says_where_the_spellings_must_be(settings: Settings, names_file: Path) -> None:
    names_file.unlink()
    with make_client(settings) as client, pytest.raises(ConfigurationError, match=NAMES_FILE):
        ensure_index(client, alias(settings))
