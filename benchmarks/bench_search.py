"""How long searches take in an index of 1,000,000 articles: ``make bench-search``.

The articles are generated (generated_articles.py), short (some 80 words), and written straight by
bulk requests, to an Elasticsearch of this run's own with 1 GB of memory. Then every query of the
judged set is asked by ``search``, as ``rasid search`` asks it, one at a time, in another order in
each round; the first rounds warm up and do not count: Java compiles what runs often, and that takes
some thousands of requests. What is printed is the whole call as its caller sees it, and what
Elasticsearch says that it took.
"""

import multiprocessing
import os
import random
import statistics
import time
from collections.abc import Sequence

from elasticsearch import Elasticsearch

from benchmarks.generated_articles import Articles
from deploy.local.config import StackConfig
from services.contract.articles import document_version
from services.index.config import IndexSettings, alias
from services.index.core.bulk import in_story, operation
from services.index.core.document import to_document
from services.index.core.settle import Answered
from services.index.edges.elasticsearch import send_bulk
from services.index.edges.indices import create_index, index_name, write_alias
from services.index.search import SearchRequest, search
from services.runtime.elasticsearch import make_client
from tests.search_quality import read_queries
from tests.servers import own_stack

ARTICLES = int(os.environ.get("ARTICLES", "1000000"))
ROUNDS = int(os.environ.get("ROUNDS", "5"))
WARM_UP_ROUNDS = 25
PROCESSES = 2
PER_REQUEST = 1_000
SLOWEST = 8


def fill(settings: IndexSettings) -> None:
    """Make the index and write the articles, in several processes; searchable when it returns."""
    with make_client(settings, timeout_s=600) as client:
        create_index(client, alias(settings), searched=True)
        name = index_name(alias(settings))
        client.indices.put_settings(
            index=name, settings={"refresh_interval": "-1", "translog.durability": "async"}
        )
        with multiprocessing.get_context("spawn").Pool(PROCESSES) as pool:
            pool.starmap(write_share, [(settings, share) for share in range(PROCESSES)])
        client.indices.put_settings(
            index=name, settings={"refresh_interval": None, "translog.durability": None}
        )
        client.indices.refresh(index=name)


def write_share(settings: IndexSettings, share: int) -> None:
    """Write every one of so many requests."""
    articles = Articles()
    firsts = range(share * PER_REQUEST, ARTICLES, PROCESSES * PER_REQUEST)
    with make_client(settings, timeout_s=600) as client:
        for first in firsts:
            numbers = range(first, min(first + PER_REQUEST, ARTICLES))
            body = b"".join(lines(articles, number) for number in numbers)
            answer = send_bulk(client, write_alias(alias(settings)), body)
            assert isinstance(answer, Answered), answer
            assert {item.status for item in answer.items} == {201}, answer.items[0]


def lines(articles: Articles, number: int) -> bytes:
    """Return the lines of a bulk request that write article ``number``."""
    enriched, story_id = articles.article(number), articles.story_id(number)
    raw = enriched.article
    written = operation(
        raw.article_id,
        document_version(raw.fetched_at),
        to_document(enriched, enriched.enriched_at),
    )
    return in_story(written, raw.article_id, story_id)


def ask(settings: IndexSettings) -> dict[str, list[tuple[float, float]]]:
    """Return by query how long each round took, the whole call and Elasticsearch, in ms."""
    queries = [query.words for query in read_queries()]
    took: dict[str, list[tuple[float, float]]] = {words: [] for words in queries}
    chance = random.Random(1)
    with make_client(settings) as client:
        for number in range(WARM_UP_ROUNDS + ROUNDS):
            for words in chance.sample(queries, len(queries)):
                timed = ask_once(client, settings, words)
                if number >= WARM_UP_ROUNDS:
                    took[words].append(timed)
    return took


def ask_once(client: Elasticsearch, settings: IndexSettings, words: str) -> tuple[float, float]:
    started = time.perf_counter()
    result = search(client, settings, SearchRequest(words))
    return (time.perf_counter() - started) * 1000, float(result.took_ms)


def report(took: dict[str, list[tuple[float, float]]]) -> None:
    """Print the percentiles, and the queries that take the longest."""
    print(f"{len(took)} queries of the judged set, {ROUNDS} times each, one at a time")
    for place, name in enumerate(("the whole call", "of it Elasticsearch")):
        all_of_them = sorted(one[place] for times in took.values() for one in times)
        figures = {f"p{share}": percentile(all_of_them, share) for share in (50, 90, 95, 99)}
        print(f"  {name:22}", *(f"{p} {value:.0f} ms " for p, value in figures.items()))
    medians = {words: statistics.median(one[0] for one in times) for words, times in took.items()}
    for words in sorted(medians, key=medians.__getitem__, reverse=True)[:SLOWEST]:
        print(f"  {medians[words]:6.0f} ms  {words}")


def percentile(ordered: Sequence[float], share: int) -> float:
    return ordered[min(len(ordered) - 1, len(ordered) * share // 100)]


def run(stack: StackConfig) -> None:
    """Fill, ask, print."""
    settings = IndexSettings(elasticsearch_url=stack.elasticsearch_address, namespace="bench")
    started = time.monotonic()
    fill(settings)
    with make_client(settings) as client:
        stats = client.indices.stats(index=alias(settings), metric="docs,store,segments")
    total = stats["_all"]["primaries"]
    print(f"{total['docs']['count']:,} articles in {total['segments']['count']} segments,", end=" ")
    print(f"{total['store']['size_in_bytes'] / 1e9:.1f} GB,", end=" ")
    print(f"written in {(time.monotonic() - started) / 60:.0f} minutes; {os.cpu_count()} cores")
    report(ask(settings))


def main() -> None:
    """Run on a server of its own, which is removed afterwards."""
    with own_stack("bench", RASID_STACK_JAVA_OPTIONS="") as stack:
        run(stack)


if __name__ == "__main__":
    main()
