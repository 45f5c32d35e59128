"""New articles beside trafilatura alone: ``python benchmarks/bench_ingest_articles.py``.

The project's own pages are listed by a feed and served by another process. Ingest fetches, decodes,
extracts, compares and encodes them, each recorded as it would be, but for the broker's answer.
trafilatura alone reads the same bytes from memory, as it comes and in its fast way, which ingest
uses. They take turns; the best round of each counts. The pages have about 1 kB each: what ingest
does besides is mostly HTTP, and the same for a long page.
"""

import asyncio
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import structlog
import trafilatura

from services.contract.articles import RawArticle, SourceState
from services.contract.wire import encode
from services.ingest.core.addresses import parse_networks
from services.ingest.core.packed import PackedCursor
from services.ingest.core.sources import Source
from services.ingest.edges.http import FetchRules, open_fetcher
from services.ingest.pipeline import Pipeline
from services.runtime.health import Health
from tests.local_site import Answer, LocalSite

ROUNDS = 3
ARTICLES = 150
FLOOR = 0.7
PAGES = Path(__file__).parents[1] / "tests" / "quality" / "extraction" / "pages"


class EncodingOnly:
    """Takes what is published as far as its bytes."""

    def __init__(self) -> None:
        self.articles = 0

    def publish_articles(self, articles: Sequence[RawArticle]) -> None:
        self.articles += len([encode(article) for article in articles])

    def publish_state(self, state: SourceState) -> None:
        encode(state)


def pages() -> list[bytes]:
    """Return as many pages as are read in a round."""
    files = [path.read_bytes() for path in sorted(PAGES.glob("*.html"))]
    return [files[number % len(files)] for number in range(ARTICLES)]


def serve() -> None:
    """Serve until killed, after a line with the address."""
    with LocalSite() as site:
        items = ""
        for number, page in enumerate(pages()):
            site.answers[f"/news/{number}"] = Answer(page, headers={"Content-Type": "text/html"})
            link = f"{site.url}/news/{number}"
            items += f"<item><title>{number}</title><link>{link}</link></item>"
        feed = f"<rss><channel>{items}</channel></rss>"
        site.answers["/feed.xml"] = Answer(feed.encode(), headers={"Content-Type": "text/xml"})
        print(site.url, flush=True)
        sys.stdin.read()


async def through_ingest(url: str) -> int:
    """Poll the feed as one that is seen for the first time; return how many articles came of it."""
    kafka = EncodingOnly()
    rules = FetchRules("Rasid/bench", min_gap_s=0, allowed=parse_networks("127.0.0.1"))
    async with open_fetcher(rules) as fetcher:
        source = Source(id="bench", name="bench", url=f"{url}/feed.xml", language="ar")
        pipeline = Pipeline(fetcher, kafka, Health(60))
        await pipeline.poll_source(source, PackedCursor.new("bench"))
    return kafka.articles


def by_trafilatura(fast: bool) -> None:
    for page in pages():
        trafilatura.bare_extraction(page, fast=fast, with_metadata=True)


def main() -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    program = [sys.executable, __file__, "--serve"]
    pipe = subprocess.PIPE
    with subprocess.Popen(program, stdin=pipe, stdout=pipe, text=True) as server:
        assert server.stdout
        url = server.stdout.readline().strip()
        contenders: dict[str, Callable[[], object]] = {
            "trafilatura alone": lambda: by_trafilatura(fast=False),
            "trafilatura alone, fast": lambda: by_trafilatura(fast=True),
            "new articles through ingest": lambda: asyncio.run(through_ingest(url)),
        }
        try:
            measure(contenders)
        finally:
            server.kill()


def measure(contenders: dict[str, Callable[[], object]]) -> None:
    """Print the best rate of each and its ratio to the first."""
    best: dict[str, tuple[float, float]] = {}
    for _ in range(ROUNDS):
        for name, once in contenders.items():
            wall, cpu = time.perf_counter(), time.process_time()
            once()
            took = time.perf_counter() - wall, time.process_time() - cpu
            best[name] = tuple(map(min, best.get(name, took), took))  # type: ignore[assignment]
    base = next(iter(best.values()))
    print(f"new articles{'per s':>32}{'ratio':>8}{'CPU ms':>8}{'ratio':>8}")
    for name, (wall_s, cpu_s) in best.items():
        print(
            f"  {name:<30}{ARTICLES / wall_s:>12,.0f}{base[0] / wall_s:>8.2f}"
            f"{cpu_s / ARTICLES * 1e3:>8.1f}{base[1] / cpu_s:>8.2f}"
        )
    print(f"  floor of the ratio: {FLOOR}")


if __name__ == "__main__":
    if "--serve" in sys.argv:
        serve()
    else:
        main()
