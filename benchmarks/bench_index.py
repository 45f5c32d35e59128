"""index beside bare bulk requests: ``python benchmarks/bench_index.py``, or ``make bench-index``.

On a Kafka and an Elasticsearch of its own, in turns: the same documents, as lines of bulk requests
made before, sent by as many connections in requests of the same size; and the service, from Kafka,
from its first tenth to its last document. Then the same with Elasticsearch's own ``arabic``
analyzer in place of our chains, and how long it takes from publishing to searching at 100 articles
a second.
"""

import os
import random
import shutil
import statistics
import tempfile
import time
import uuid
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from elasticsearch import Elasticsearch

from deploy.demo.forget import forget_namespace
from deploy.local import stack as local_stack
from deploy.local.config import StackConfig
from services.contract.articles import EnrichedArticle, Entity, Mention
from services.contract.topics import ENRICHED, namespaced
from services.contract.wire import encode
from services.enrich.core.signature import sign
from services.index.config import IndexSettings, alias
from services.index.core.prepare import Ready, prepare
from services.index.core.settle import Answered
from services.index.edges.elasticsearch import load_definition, make_client, send_bulk
from services.index.edges.indices import create_index
from services.runtime.kafka import make_producer
from tests.enriched_topic import publish
from tests.processes import ServiceProcess
from tests.support import enriched_article, eventually, raw_article, stack_variables

DOCUMENTS = int(os.environ.get("DOCUMENTS", "6000"))
ROUNDS = int(os.environ.get("ROUNDS", "3"))
WORDS = 280  # 3 kB, as the articles of the catalogue's sources
PER_SECOND, SECONDS = 100, 15
VOCABULARY = Path(__file__).parents[1] / "deploy" / "demo" / "articles"


def articles() -> Iterator[EnrichedArticle]:
    """Yield articles of words of the sample news, no two alike, with what enrich would add."""
    chance = random.Random(1)
    pool = [
        word
        for file in sorted(VOCABULARY.rglob("*"))
        if file.is_file()
        for word in file.read_text(encoding="utf-8").split()
    ]
    for number in range(DOCUMENTS + PER_SECOND * SECONDS):
        words = chance.choices(pool, k=WORDS)
        text = "\n".join(" ".join(words[start : start + 40]) for start in range(0, WORDS, 40))
        names = chance.choices(pool, k=8)
        entities = tuple(
            Entity(
                id=f"Q{n}", type="PER", name=name, mentions=(Mention(start=0, end=1, text=name),)
            )
            for n, name in enumerate(names)
        )
        raw = raw_article(number, title=" ".join(words[:9]), text=text)
        yield enriched_article(raw=raw, text=text, entities=entities, signature=sign(text))


@contextmanager
def installation(stack: StackConfig) -> Iterator[IndexSettings]:
    """Yield the settings of an installation that is empty, and removed afterwards."""
    settings = IndexSettings(
        kafka_bootstrap=stack.kafka_address,
        elasticsearch_url=stack.elasticsearch_address,
        namespace=f"bench-{uuid.uuid4().hex[:8]}",
    )
    yield settings
    forget_namespace(settings)


def raw_rate(stack: StackConfig, operations: Sequence[bytes], analyzer: str | None = None) -> float:
    """Return the documents a second of bare bulk requests; with another analyzer than ours."""
    with installation(stack) as settings, make_client(settings, timeout_s=300) as client:
        name = alias(settings)
        if analyzer:
            create_plain(client, name, analyzer)
        else:
            create_index(client, name, searched=True)
        size = settings.batch_documents
        bodies = [b"".join(operations[n : n + size]) for n in range(0, len(operations), size)]
        started = time.monotonic()
        with ThreadPoolExecutor(settings.connections) as pool:
            answers = list(pool.map(lambda body: send_bulk(client, name, body), bodies))
        took = time.monotonic() - started
        for answer in answers:
            assert isinstance(answer, Answered), answer
            assert {item.status for item in answer.items} == {201}, answer.items[0]
    return len(operations) / took


def create_plain(client: Elasticsearch, name: str, analyzer: str) -> None:
    """Make an index like ours, but with title and text analysed once, by ``analyzer``."""
    definition = load_definition()
    for field in ("title", "text"):
        definition["mappings"]["properties"][field] = {"type": "text", "analyzer": analyzer}
    client.indices.create(
        index=f"{name}-v0",
        settings=definition["settings"],
        mappings=definition["mappings"],
        aliases={name: {}},
    )


@contextmanager
def service(settings: IndexSettings, folder: Path) -> Iterator[ServiceProcess]:
    """Run index as a process of its own."""
    environ = {
        "RASID_KAFKA_BOOTSTRAP": settings.kafka_bootstrap,
        "RASID_ELASTICSEARCH_URL": settings.elasticsearch_url,
        "RASID_NAMESPACE": settings.namespace,
    }
    with ServiceProcess("index", environ, folder) as index:
        yield index


def service_rate(
    stack: StackConfig, messages: Sequence[tuple[str, bytes]], folder: Path
) -> tuple[float, int]:
    """Return the documents a second of the service, and the most memory that it took, in kB."""
    with installation(stack) as settings:
        publish(settings, messages)
        with service(settings, folder) as index:

            def done() -> int:
                return int(index.metric("rasid_articles_total"))

            first = eventually(lambda: done() if done() > len(messages) / 10 else 0, 120)
            started = time.monotonic()
            eventually(lambda: done() == len(messages), 600, every_s=0.2)
            took = time.monotonic() - started
            assert index.process is not None
            status = Path(f"/proc/{index.process.pid}/status").read_text()
    return (len(messages) - first) / took, int(status.partition("VmHWM:")[2].split()[0])


def latencies(
    stack: StackConfig, messages: Sequence[tuple[str, bytes]], folder: Path
) -> list[float]:
    """Return the seconds from publishing to being found, shortest first, at PER_SECOND."""
    found: dict[str, float] = {}
    with (
        installation(stack) as settings,
        make_client(settings) as client,
        service(settings, folder),
        ThreadPoolExecutor(1) as pool,
    ):
        published = pool.submit(publish_steadily, settings, messages)
        while len(found) < len(messages):
            answer = client.search(index=alias(settings), size=10_000, source=False, sort=["_doc"])
            for hit in answer["hits"]["hits"]:
                found.setdefault(hit["_id"], time.monotonic())
            time.sleep(0.1)
        return sorted(found[i] - moment for i, moment in published.result().items())


def publish_steadily(
    settings: IndexSettings, messages: Sequence[tuple[str, bytes]]
) -> dict[str, float]:
    """Publish PER_SECOND of them a second; return when each was."""
    producer = make_producer(settings)
    published: dict[str, float] = {}
    started = time.monotonic()
    for number, (article_id, value) in enumerate(messages):
        time.sleep(max(0.0, started + number / PER_SECOND - time.monotonic()))
        producer.send(namespaced(ENRICHED.name, settings.namespace), value, key=article_id.encode())
        published[article_id] = time.monotonic()
    producer.close()
    return published


def run(stack: StackConfig, folder: Path) -> None:
    """Measure in turns, and print the medians."""
    enriched = list(articles())
    messages = [(one.article.article_id, encode(one)) for one in enriched]
    some, coming = messages[:DOCUMENTS], messages[DOCUMENTS:]
    prepared = [prepare(value, datetime.now(UTC)) for _, value in some]
    operations = [one.operation for one in prepared if isinstance(one, Ready)]
    bare, served, plain, memory = [], [], [], []
    for number in range(ROUNDS):
        bare.append(raw_rate(stack, operations))
        rate, most = service_rate(stack, some, folder)
        served.append(rate)
        memory.append(most)
        plain.append(raw_rate(stack, operations, "arabic"))
        print(f"round {number + 1}: {bare[-1]:,.0f} {rate:,.0f} {plain[-1]:,.0f}", flush=True)
    waits = latencies(stack, coming, folder)
    size = statistics.mean(map(len, operations)) / 1000
    print(f"{len(operations):,} documents of {size:.1f} kB, medians of {ROUNDS} rounds")
    print(f"  bulk requests, made before      {statistics.median(bare):>8,.0f}/s")
    ratio = statistics.median(one / other for one, other in zip(served, bare, strict=True))
    print(f"  index, from Kafka               {statistics.median(served):>8,.0f}/s  {ratio:.2f}")
    ratio = statistics.median(one / other for one, other in zip(plain, bare, strict=True))
    print(f"  bulk requests, analyser arabic  {statistics.median(plain):>8,.0f}/s  {ratio:.2f}")
    print(f"  memory of index, at most        {max(memory) / 1024:>8,.0f} MB")
    print(f"from published to found at {PER_SECOND}/s, {len(waits):,} articles:", end=" ")
    print(f"median {waits[len(waits) // 2]:.2f} s, p99 {waits[len(waits) * 99 // 100]:.2f} s")


def main() -> None:
    """Run on servers of its own, which are removed afterwards."""
    variables = stack_variables("bench") | {"RASID_STACK_JAVA_OPTIONS": ""}
    stack = StackConfig.from_environ({**os.environ, **variables})
    local_stack.up(stack)
    try:
        with tempfile.TemporaryDirectory() as folder:
            run(stack, Path(folder))
    finally:
        local_stack.down(stack)
        shutil.rmtree(stack.folder, ignore_errors=True)


if __name__ == "__main__":
    main()
