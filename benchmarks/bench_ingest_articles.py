"""New articles beside trafilatura alone: ``python benchmarks/bench_ingest_articles.py``.

The project's own pages are listed by a feed and served by another process. Ingest fetches, decodes,
extracts, compares and encodes them, each recorded as it would be, but for the broker's answer.
trafilatura alone reads the same bytes from memory, as it comes and in its fast way, which ingest
uses. The pages have about 1 kB each: what ingest does besides is mostly HTTP, and the same for a
long page.
"""

import asyncio
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import structlog
import trafilatura

from benchmarks.table import line, measure
from services.contract.articles import RawArticle, SourceState
from services.contract.wire import encode
from services.ingest.core.addresses import parse_networks
from services.ingest.core.packed import PackedCursor
from services.ingest.core.sources import Source
from services.ingest.edges.http import FetchRules, open_fetcher
from services.ingest.pipeline import Pipeline
from services.runtime.health import Health
from tests.local_site import Answer, LocalSite

ROUNDS = 7
ARTICLES = 150
MUST = "at least 0.7"
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


async def through_ingest(url: str) -> None:
    """Poll the feed as one that is seen for the first time."""
    kafka = EncodingOnly()
    rules = FetchRules("Rasid/bench", min_gap_s=0, allowed=parse_networks("127.0.0.1"))
    async with open_fetcher(rules) as fetcher:
        source = Source(id="bench", name="bench", url=f"{url}/feed.xml", language="ar")
        pipeline = Pipeline(fetcher, kafka, Health(60))
        await pipeline.poll_source(source, PackedCursor.new("bench"))
    assert kafka.articles == ARTICLES


async def by_trafilatura(fast: bool) -> None:
    for page in pages():
        trafilatura.bare_extraction(page, fast=fast, with_metadata=True)


async def compare(url: str) -> None:
    line("new articles")
    await measure(
        {
            "trafilatura alone": lambda: by_trafilatura(fast=False),
            "trafilatura alone, fast": lambda: by_trafilatura(fast=True),
            "ingest, new articles": lambda: through_ingest(url),
        },
        ARTICLES,
        ROUNDS,
        MUST,
    )


def main() -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    program = [sys.executable, __file__, "--serve"]
    pipe = subprocess.PIPE
    with subprocess.Popen(program, stdin=pipe, stdout=pipe, text=True) as server:
        assert server.stdout
        url = server.stdout.readline().strip()
        try:
            asyncio.run(compare(url))
        finally:
            server.kill()


if __name__ == "__main__":
    if "--serve" in sys.argv:
        serve()
    else:
        main()
