"""How long a round of 500 watches takes in an index of 1,000,000 articles: ``make bench-alert``.

The articles are those of bench_search.py, three years of them, 900 a day. The watches ask for their
words, for two of them, for phrases and for the entities named in them. Rounds are those of the
service, to the last article and to Kafka, which is left out: the first counts four weeks, the next
only the present, and one comes after a full hour has passed.
What emerges is looked for after them.
"""

import multiprocessing
import os
import random
import resource
import statistics
import time
from concurrent.futures import ProcessPoolExecutor
from datetime import datetime, timedelta

from benchmarks.bench_search import fill
from benchmarks.generated_articles import Articles
from benchmarks.table import line
from deploy.local.config import StackConfig
from services.alert.config import alerts_index, articles_alias
from services.alert.core.watches import Watch
from services.alert.edges.alerts import AlertsIndex
from services.alert.edges.counts import Counter
from services.alert.emerging import Emerging
from services.alert.judging import Judging
from services.alert.watching import Watching
from services.contract.alerts import Alert
from services.index.config import IndexSettings
from services.runtime.elasticsearch import make_client
from services.runtime.logs import configure_logs
from tests.servers import own_stack

WATCHES = int(os.environ.get("WATCHES", "500"))
EVERY = timedelta(seconds=15)
ROUNDS = 20
MUST = "at most 10 s"


def watches() -> list[Watch]:
    """Return watches of what the articles have in them."""
    articles, chance = Articles(), random.Random(5)
    return [watch(number, articles, chance) for number in range(WATCHES)]


def watch(number: int, articles: Articles, chance: random.Random) -> Watch:
    article = articles.article(chance.randrange(100_000))
    words = [word for word in article.text.split() if word.isalpha()]
    at = chance.randrange(len(words) - 1)
    named = chance.choice(article.entities).id or words[at]
    query = (
        f"{words[at]} OR {words[at - 1]}",
        f'"{words[at]} {words[at + 1]}" OR {words[0]}',
        f"entity:{named} OR place:{named.removeprefix('place:')}",
        f"({words[at]} OR {words[0]}) entity:{named}",
    )[number % 4]
    window = timedelta(hours=(1, 1, 3, 24)[number // 4 % 4])
    return Watch(id=f"watch-{number}", title="م", title_en="w", query=query, window=window)


def newest(settings: IndexSettings) -> datetime:
    """Return when the newest article was first seen."""
    with make_client(settings) as client:
        last = {"last": {"max": {"field": "first_seen_at"}}}
        answer = client.search(index=articles_alias(settings), size=0, aggs=last)
    return datetime.fromisoformat(answer["aggregations"]["last"]["value_as_string"])


def run(stack: StackConfig) -> None:
    """Fill, look, print."""
    settings = IndexSettings(elasticsearch_url=stack.elasticsearch_address, namespace="bench")
    fill(settings)
    # What makes articles needs the models of enrich: in a process of its own, not in this memory.
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as aside:
        watched = aside.submit(watches).result()
    print_rounds(settings, watched)


def print_rounds(settings: IndexSettings, watched: list[Watch]) -> None:
    """Look at the last day and print what rounds take."""
    told: list[Alert] = []
    now = newest(settings).replace(minute=50, second=0, microsecond=0) - timedelta(days=30)
    with make_client(settings) as client:
        incidents = AlertsIndex(client, alerts_index(settings))
        incidents.ensure()
        counter = Counter(client, articles_alias(settings))
        watching = Watching(Judging(counter, false_alerts_per_month=50), incidents, told.append)
        line(f"{len(watched)} watches", "s", must="must be")
        line("  the first round, four weeks", took(watching, watched, now), must=MUST)
        usual = [float(took(watching, watched, now + n * EVERY)) for n in range(1, ROUNDS)]
        line("  a usual round, median", f"{statistics.median(usual):.2f}", must=MUST)
        line("  a usual round, the slowest", f"{max(usual):.2f}", must=MUST)
        after = took(watching, watched, now + timedelta(minutes=11))
        line("  after a full hour", after, must=MUST)
        emerging = Emerging(counter, Judging(counter, false_alerts_per_month=5))
        for what, minutes in (("the first", 0), ("a usual one", 1), ("after a full hour", 61)):
            began = time.perf_counter()
            emerging.look([], {}, now + timedelta(minutes=minutes))
            line(f"  a look for what emerges, {what}", f"{time.perf_counter() - began:.2f}")
    line("  alerts", str(len(told)))
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    line("  memory at most", f"{peak_mb:.0f} MB", must="under 200 MB")


def took(watching: Watching, watched: list[Watch], now: datetime) -> str:
    started = time.perf_counter()
    watching.look(watched, now)
    return f"{time.perf_counter() - started:.2f}"


def main() -> None:
    """Run on a server of its own, which is removed afterwards."""
    configure_logs("warning", "auto")
    with own_stack("bench", RASID_STACK_JAVA_OPTIONS="") as stack:
        run(stack)


if __name__ == "__main__":
    main()
