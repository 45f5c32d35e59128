"""How large an article is on its way, and what enrich takes for it: ``make bench-sizes``.

The articles are those of the sample news, two put together: some 300 words, as the sources of the
catalogue write. A cursor is that of a source that has been polled for long. What an article takes
in the index is that of generated ones of as many words (no text comes twice, which would pack
better than news do), in an Elasticsearch of this run's own. docs/sizing.md goes by these figures.
"""

import asyncio
import itertools
import multiprocessing
import os
import random
import statistics
import time
from collections.abc import Iterator
from datetime import UTC, datetime

from benchmarks.bench_ingest_schedule import RULES, SEED, NoKafka, serve, source
from benchmarks.bench_search import lines
from benchmarks.generated_articles import Articles
from deploy.demo.newsroom import load
from deploy.local.config import StackConfig
from services.contract.wire import encode
from services.enrich.edges.models import load_models
from services.enrich.handling import Enriched, handle
from services.index.config import IndexSettings, alias
from services.index.core.settle import Answered
from services.index.edges.elasticsearch import send_bulk
from services.index.edges.indices import create_index, write_alias
from services.ingest.core.packed import PackedCursor
from services.ingest.edges.http import open_fetcher
from services.ingest.edges.shelf import Shelf
from services.ingest.pipeline import Pipeline
from services.runtime.elasticsearch import make_client
from services.runtime.health import Health
from services.runtime.logs import configure_logs
from tests.servers import own_stack
from tests.support import raw_article

ARTICLES, RUNS = 200, 8
DOCUMENTS = int(os.environ.get("DOCUMENTS", "20000"))
WORDS = (280, 330)
PER_REQUEST = 500
NOW = datetime(2020, 11, 25, 10, tzinfo=UTC)


def texts() -> Iterator[tuple[str, str]]:
    """Yield titles and texts: two sample articles in Arabic, one below the other."""
    own = [one.last for one in load().articles.values() if one.about.language == "ar"]
    chance = random.Random(1)
    while True:
        first, second = chance.sample(own, 2)
        text = "\n\n".join((*first.paragraphs, *second.paragraphs))
        if WORDS[0] <= len(text.split()) <= WORDS[1]:
            yield first.title, text


def messages() -> None:
    """Print the bytes of both messages, and the milliseconds of enrich, the best of some runs."""
    models = load_models()
    raw = [
        encode(raw_article(number, title=title, text=text))
        for number, (title, text) in enumerate(itertools.islice(texts(), ARTICLES))
    ]
    took, enriched = [float("inf")] * len(raw), [b""] * len(raw)
    for at in itertools.chain.from_iterable(range(len(raw)) for _ in range(RUNS)):
        started = time.process_time()
        outcome = handle(raw[at], models, NOW, "bench")
        took[at] = min(took[at], time.process_time() - started)
        assert isinstance(outcome, Enriched), outcome
        enriched[at] = outcome.value
    print(f"raw article             {statistics.mean(map(len, raw)):10,.0f} bytes")
    print(f"enriched article        {statistics.mean(map(len, enriched)):10,.0f} bytes")
    print(f"enrich, of one core     {statistics.mean(took) * 1000:10.1f} ms", flush=True)


async def cursor(port: int) -> None:
    """Print the bytes of the cursor of a source that has been polled for long."""
    health, shelf = Health(3_600), Shelf()
    health.available("service")
    seed = source(0, port, 300).model_copy(update={"url": f"http://127.0.0.1:{port}{SEED}"})
    async with open_fetcher(RULES) as fetcher:
        pipeline = Pipeline(fetcher, NoKafka(), health, shelf.put)
        state = (await pipeline.poll_source(seed, PackedCursor.new("seed"))).cursor.state()
    print(f"cursor of {len(state.seen)} articles  {len(encode(state)):10,.0f} bytes", flush=True)


def documents(stack: StackConfig) -> None:
    """Print the bytes of an article in the index, one copy."""
    settings = IndexSettings(
        kafka_bootstrap=stack.kafka_address, elasticsearch_url=stack.elasticsearch_address
    )
    generated = Articles(WORDS)
    with make_client(settings, timeout_s=600) as client:
        create_index(client, alias(settings), searched=True)
        for first in range(0, DOCUMENTS, PER_REQUEST):
            body = b"".join(lines(generated, first + n) for n in range(PER_REQUEST))
            answer = send_bulk(client, write_alias(alias(settings)), body)
            assert isinstance(answer, Answered), answer
        client.indices.flush(index=alias(settings))
        store = client.indices.stats(index=alias(settings), metric="store")
    size = store["_all"]["primaries"]["store"]["size_in_bytes"]
    print(f"article in the index    {size / DOCUMENTS:10,.0f} bytes, of {DOCUMENTS:,}")


def main() -> None:
    """Run it all, on servers of its own, which are removed afterwards."""
    configure_logs("warning", "console")
    messages()
    here, there = multiprocessing.Pipe()
    sites = multiprocessing.get_context("spawn").Process(target=serve, args=(there,), daemon=True)
    sites.start()
    asyncio.run(cursor(here.recv()))
    sites.terminate()
    with own_stack("bench", RASID_STACK_JAVA_OPTIONS="") as stack:
        documents(stack)


if __name__ == "__main__":
    main()
