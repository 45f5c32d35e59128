"""index beside bare bulk requests: ``python benchmarks/bench_index.py``, or ``make bench-index``.

On a Kafka and an Elasticsearch of its own, in turns: the same documents, as lines of bulk requests
made before, sent by as many connections in requests of the same size; and the service, from Kafka,
from its first tenth to its last document. Then the same with Elasticsearch's own ``arabic``
analyzer in place of our chains, and how long it takes from publishing to searching at 100 articles
a second, in a service that has its partitions.

Beside the documents a second stands the processor time of a document: of Elasticsearch, of Kafka,
and of who sends, be it this process or the service. On a machine that others use, too, its ratio
is the one to look at: with all processors busy it is that of an idle machine.
"""

import os
import random
import statistics
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from elasticsearch import Elasticsearch

from benchmarks.processor import processor_s, servers
from benchmarks.table import head, line
from deploy.demo.forget import forget_namespace
from deploy.local.config import StackConfig
from services.contract.articles import EnrichedArticle, Entity, Mention
from services.contract.topics import ENRICHED, namespaced
from services.contract.wire import encode
from services.enrich.core.signature import sign
from services.index.config import IndexSettings, alias
from services.index.core.prepare import Ready, prepare
from services.index.core.settle import Answered
from services.index.edges.elasticsearch import load_definition, send_bulk
from services.index.edges.indices import create_index
from services.runtime.elasticsearch import make_client
from services.runtime.kafka import make_producer
from tests.enriched_topic import publish
from tests.processes import ServiceProcess
from tests.servers import own_stack
from tests.support import enriched_article, eventually, raw_article

DOCUMENTS = int(os.environ.get("DOCUMENTS", "6000"))
ROUNDS = int(os.environ.get("ROUNDS", "3"))
WORDS = 280  # 3 kB, as the articles of the catalogue's sources
PER_SECOND, SECONDS = 100, 15
BARE, SERVED = "bulk requests, made before", "index, from Kafka"
PLAIN = "bulk requests, analyser arabic"
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


@dataclass(frozen=True, slots=True)
class Speed:
    """Documents a second, and the processor's milliseconds for each."""

    per_second: float
    processor_ms: float

    def __str__(self) -> str:
        return f"{self.per_second:,.0f}/s {self.processor_ms:.2f} ms"


def speed_of(stack: StackConfig, work: Callable[[], int]) -> Speed:
    """Return the speed of ``work``, which returns how many documents it was."""
    groups = [*servers(stack), os.getpgrp()]
    used, started = processor_s(groups), time.monotonic()
    done = work()
    took, used = time.monotonic() - started, processor_s(groups) - used
    return Speed(done / took, used / done * 1000)


def raw_speed(
    stack: StackConfig, operations: Sequence[bytes], analyzer: str | None = None
) -> Speed:
    """Return the speed of bare bulk requests; with another analyzer than ours."""
    with installation(stack) as settings, make_client(settings, timeout_s=300) as client:
        name = alias(settings)
        if analyzer:
            create_plain(client, name, analyzer)
        else:
            create_index(client, name, searched=True)
        size = settings.batch_documents
        bodies = [b"".join(operations[n : n + size]) for n in range(0, len(operations), size)]

        def send() -> int:
            with ThreadPoolExecutor(settings.connections) as pool:
                answers = list(pool.map(lambda body: send_bulk(client, name, body), bodies))
            for answer in answers:
                assert isinstance(answer, Answered), answer
                assert {item.status for item in answer.items} == {201}, answer.items[0]
            return len(operations)

        return speed_of(stack, send)


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


def service_speed(
    stack: StackConfig, messages: Sequence[tuple[str, bytes]], folder: Path
) -> tuple[Speed, int]:
    """Return the speed of the service, and the most memory that it took, in kB."""
    with installation(stack) as settings:
        publish(settings, messages)
        with service(settings, folder) as index:

            def done() -> int:
                return int(index.metric("rasid_articles_total"))

            first = eventually(lambda: done() if done() > len(messages) / 10 else 0, 120)

            def finish() -> int:
                eventually(lambda: done() == len(messages), 600, every_s=0.2)
                return len(messages) - first

            speed = speed_of(stack, finish)
            assert index.process is not None
            status = Path(f"/proc/{index.process.pid}/status").read_text()
    return speed, int(status.partition("VmHWM:")[2].split()[0])


def latencies(
    stack: StackConfig, messages: Sequence[tuple[str, bytes]], folder: Path
) -> list[float]:
    """Return the seconds from publishing to being found, shortest first, at PER_SECOND."""
    (first, *rest), published = messages, dict[str, float]()
    waits: list[float] = []
    with (
        installation(stack) as settings,
        make_client(settings) as client,
        service(settings, folder),
        ThreadPoolExecutor(1) as pool,
    ):
        publish(settings, [first])
        eventually(lambda: client.count(index=alias(settings))["count"], 60)
        publishing = pool.submit(publish_steadily, settings, rest, published)
        while len(waits) < len(rest):
            time.sleep(0.1)
            waiting = list(published) or [first[0]]
            found = client.mget(index=alias(settings), ids=waiting, realtime=False, source=False)
            now = time.monotonic()
            there = [one["_id"] for one in found["docs"] if one["found"]]
            waits += [now - published.pop(one) for one in there if one in published]
        publishing.result()
    return sorted(waits)


def publish_steadily(
    settings: IndexSettings, messages: Sequence[tuple[str, bytes]], published: dict[str, float]
) -> None:
    """Publish PER_SECOND of them a second; note when each was."""
    producer = make_producer(settings)
    started = time.monotonic()
    for number, (article_id, value) in enumerate(messages):
        time.sleep(max(0.0, started + number / PER_SECOND - time.monotonic()))
        published[article_id] = time.monotonic()
        producer.send(namespaced(ENRICHED.name, settings.namespace), value, key=article_id.encode())
    producer.close()


def run(stack: StackConfig, folder: Path) -> None:
    """Measure in turns, and print the medians."""
    enriched = list(articles())
    messages = [(one.article.article_id, encode(one)) for one in enriched]
    some, coming = messages[:DOCUMENTS], messages[DOCUMENTS:]
    prepared = [prepare(value, datetime.now(UTC)) for _, value in some]
    operations = [one.operation for one in prepared if isinstance(one, Ready)]
    speeds: dict[str, list[Speed]] = {BARE: [], SERVED: [], PLAIN: []}
    memory = []
    for _ in range(ROUNDS):
        speeds[BARE].append(raw_speed(stack, operations))
        speed, most = service_speed(stack, some, folder)
        speeds[SERVED].append(speed)
        memory.append(most)
        speeds[PLAIN].append(raw_speed(stack, operations, "arabic"))
        print("; ".join(f"{name}: {one[-1]}" for name, one in speeds.items()), flush=True)
    size = statistics.mean(map(len, operations)) / 1000
    print(f"{len(operations):,} documents of {size:.1f} kB, medians of {ROUNDS} rounds")
    head()
    for name, must in ((BARE, ""), (SERVED, "0.9 or more"), (PLAIN, "")):
        report(name, speeds[BARE], speeds[name], must)
    print(f"memory of index, at most {max(memory) / 1024:,.0f} MB (must be under 250)")
    waits = latencies(stack, coming, folder)
    print(f"from published to found at {PER_SECOND}/s, {len(waits):,} articles:", end=" ")
    print(
        f"median {waits[len(waits) // 2]:.2f} s, p99 {waits[len(waits) * 99 // 100]:.2f} s", end=""
    )
    print(" (must be under 2 s)")


def report(name: str, bare: Sequence[Speed], speeds: Sequence[Speed], must: str) -> None:
    """Print the medians of ``speeds``, and those of the rounds' ratios to ``bare``."""
    rounds = list(zip(bare, speeds, strict=True))
    line(
        name,
        f"{statistics.median(one.per_second for one in speeds):,.0f}/s",
        f"{statistics.median(one.processor_ms for one in speeds):.2f} ms",
        f"{statistics.median(one.per_second / base.per_second for base, one in rounds):.2f}",
        f"{statistics.median(base.processor_ms / one.processor_ms for base, one in rounds):.2f}",
        must,
    )


def main() -> None:
    """Run on servers of its own, which are removed afterwards."""
    with (
        own_stack("bench", RASID_STACK_JAVA_OPTIONS="") as stack,
        tempfile.TemporaryDirectory() as folder,
    ):
        run(stack, Path(folder))


if __name__ == "__main__":
    main()
