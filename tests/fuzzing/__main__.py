"""Reads mutated listings or pages as ingest does; what breaks, or is slow, is named by its seed.

``python -m tests.fuzzing feeds 0 5000 FILE`` reads those of 5,000 seeds and prints what came of
them; the seed that is being read is in FILE.
"""

import json
import sys
import time
from collections import Counter
from pathlib import Path
from random import Random

from services.contract.wire import encode
from services.ingest.core.answers import Fetched
from services.ingest.core.article import build_article
from services.ingest.core.canonical_url import UrlError
from services.ingest.core.changes import Due, item_hash
from services.ingest.core.items import MAX_ITEMS, FeedError, FeedItem
from services.ingest.core.kinds import read_listing
from services.ingest.core.sources import Source
from services.ingest.edges.memory import keep_little_memory
from services.ingest.reading import current_time, understand
from tests.fuzzing.mutations import mutate
from tests.fuzzing.samples import LISTINGS, PAGES, TITLE
from tests.memory import peak_memory_mb

URL = "https://example.ly/ar/list"
TYPES = (
    None,
    "text/html",
    "text/html; charset=windows-1256",
    "application/xml; charset=utf-16",
    "",
)


def read_feed(seed: int) -> str:
    """Read a listing; return what came of it. Raises only for what ingest must not do."""
    random = Random(seed)
    kind, body = random.choice(LISTINGS)
    selector = "article h2 a" if kind == "listing" else None
    source = Source(
        id="s", name="s", url=URL, language=_language(random), kind=kind, selector=selector
    )
    try:
        listing = read_listing(
            source, mutate(body, random), random.choice(TYPES), URL, current_time()
        )
    except FeedError:
        return "no feed"
    assert len(listing.items) <= MAX_ITEMS
    assert len({item.key for item in listing.items}) == len(listing.items)
    for item in listing.items[:3]:
        assert item_hash(item)
        try:
            encode(build_article(source, item, None, current_time()))
        except UrlError:
            continue
    return "items" if listing.items or listing.more else "no items"


def read_page(seed: int) -> str:
    """Read a page; return what came of it. Raises only for what ingest must not do."""
    random = Random(seed)
    source = Source(id="s", name="s", url=URL, language=_language(random))
    item = FeedItem(key="k", title=random.choice((TITLE, "")), link="https://example.ly/news/1")
    body = mutate(random.choice(PAGES), random)
    fetched = Fetched(item.link, body, random.choice(TYPES), etag=None, last_modified=None)
    reading = understand(source, Due(item, item_hash(item)), fetched)
    encode(reading.article)
    return f"text of the {reading.article.text_origin}"


def _language(random: Random) -> str:
    return random.choice(("ar", "ar", "en"))


def main(kind: str, first: str, last: str, progress: str) -> None:
    """Print what came of them, the slowest with its CPU seconds and seed, and the most memory."""
    read = {"feeds": read_feed, "pages": read_page}[kind]
    keep_little_memory()
    came: Counter[str] = Counter()
    slowest = 0.0, -1
    under_way = Path(progress)
    for seed in range(int(first), int(last)):
        under_way.write_text(str(seed))
        started = time.process_time()
        came[read(seed)] += 1
        slowest = max(slowest, (time.process_time() - started, seed))
    print(json.dumps({"came": came, "slowest": slowest, "most_mb": peak_memory_mb()}))


if __name__ == "__main__":
    main(*sys.argv[1:])
