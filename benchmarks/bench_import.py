"""How long live articles take to be enriched, without and with an import running beside them.

``python benchmarks/bench_import.py`` starts a local stack of its own and one enrich. A live article
comes five times a second; its time counts from Kafka's having it until its enriched article is read
from the topic. What is imported are files: of a site, one page at a time, less comes.
"""

import json
import os
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory

from kafka import KafkaConsumer, TopicPartition

from services.contract.topics import ENRICHED, RAW, namespaced
from services.contract.wire import encode
from services.runtime.kafka import ensure_topics, make_producer
from services.runtime.settings import Settings, load
from tests.processes import ServiceProcess
from tests.servers import own_stack
from tests.support import eventually, raw_article

LIVE = 100
EVERY_S = 0.2
IMPORTED = 3_000
SENTENCE = "اجتمع المجلس البلدي في طرابلس أمس لبحث خطة صيانة الطرق في المدينة، المادة {}. "
TEXT = "".join(SENTENCE.format(n) for n in range(15))
NUMBERS = count()


def main() -> None:
    with own_stack("bench-import") as config, TemporaryDirectory() as name:
        folder = Path(name)
        environ = {
            "RASID_KAFKA_BOOTSTRAP": config.kafka_address,
            "RASID_NAMESPACE": f"bench-{uuid.uuid4().hex[:8]}",
        }
        settings = load(Settings, environ)
        ensure_topics(settings)
        with ServiceProcess("enrich", environ, folder) as enrich:
            enrich.wait_ready(120)
            latencies(settings, 5)  # what is done only once
            alone = latencies(settings, LIVE)
            report("none", alone, alone)
            for rate in (100, 0):
                with importing(environ, folder, rate):
                    beside = latencies(settings, LIVE)
                report(f"at {rate} a second" if rate else "at full speed (--rate 0)", beside, alone)


@contextmanager
def importing(environ: dict[str, str], folder: Path, rate: float) -> Iterator[None]:
    """Import while the block runs, as long as there is something to import."""
    texts = folder / f"import-{rate}.jsonl"
    lines = (json.dumps({"text": f"{TEXT} {rate} {n}"}) for n in range(IMPORTED))
    texts.write_text("\n".join(lines), encoding="utf-8")
    command = [sys.executable, "-m", "services.cli", "import", str(texts), "--rate", str(rate)]
    process = subprocess.Popen(
        command, env=os.environ | environ, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL
    )
    try:
        time.sleep(5)  # until it is under way
        yield
    finally:
        process.terminate()
        process.wait()


def latencies(settings: Settings, articles: int) -> list[float]:
    """Return the seconds that each of some live articles took."""
    waiting: dict[bytes, float] = {}
    took: list[float] = []
    stop = threading.Event()
    reader = threading.Thread(target=_read, args=(settings, waiting, took, stop))
    reader.start()
    producer = make_producer(settings)
    topic = namespaced(RAW.name, settings.namespace)
    for _ in range(articles):
        article = raw_article(next(NUMBERS), text=TEXT)
        key = article.article_id.encode()
        waiting[key] = float("inf")  # before it can come out
        producer.send(topic, key=key, value=encode(article)).get(10)
        waiting[key] = time.monotonic()
        time.sleep(EVERY_S)
    eventually(lambda: len(took) == articles, 300)
    stop.set()
    reader.join()
    producer.close()
    return took


def _read(
    settings: Settings, waiting: dict[bytes, float], took: list[float], stop: threading.Event
) -> None:
    consumer = KafkaConsumer(bootstrap_servers=settings.kafka_bootstrap, group_id=None)
    name = namespaced(ENRICHED.name, settings.namespace)
    consumer.assign([TopicPartition(name, number) for number in range(ENRICHED.partitions)])
    consumer.seek_to_end()
    while not stop.is_set():
        for records in consumer.poll(timeout_ms=50).values():
            now = time.monotonic()
            took += [max(0.0, now - waiting[r.key]) for r in records if r.key in waiting]
    consumer.close()


def report(imported: str, took: list[float], alone: list[float]) -> None:
    slowest = quantiles(took, n=20)[-1]
    times = median(took) / median(alone)
    print(
        f"import {imported:<26} live: median {median(took):6.2f} s, p95 {slowest:6.2f} s,"
        f" {times:5.1f} x without",
        flush=True,
    )


if __name__ == "__main__":
    main()
