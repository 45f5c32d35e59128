"""What tests share: waiting for a condition, free ports, stacks of their own, building messages."""

import os
import socket
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any, TypeVar

from services.contract.articles import (
    DateMention,
    EnrichedArticle,
    Entity,
    GeoPoint,
    Language,
    LibyaRelevance,
    Mention,
    Published,
    RawArticle,
    Signature,
    article_id,
)
from services.enrich.core.dates.mentions import mention_dates
from services.enrich.core.dates.other_languages import set_apart
from services.enrich.core.normalise import normalise
from services.enrich.enrichment import Models

T = TypeVar("T")

PATIENCE_S = 120.0
"""How long a test waits for what takes moments: a machine that does much else may stall for a
minute. Where the time itself is the promise, the test says its own."""

QUICK_TO_START = (
    "-XX:TieredStopAtLevel=1 -XX:-UseG1GC -XX:+UseSerialGC"
    " -XX:+UnlockDiagnosticVMOptions -XX:-BytecodeVerificationRemote"
)
"""Options with which Elasticsearch starts for less than half the work; it is slower in the end."""


def eventually(
    check: Callable[[], T], timeout_s: float = PATIENCE_S, every_s: float = 0.1, what: str = ""
) -> T:
    """Return the first truthy result of ``check``; fail with its last one after ``timeout_s``."""
    deadline = time.monotonic() + timeout_s
    while True:
        result = check()
        if result:
            return result
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {timeout_s} s: {what or check}, last: {result!r}")
        time.sleep(every_s)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def stack_variables(purpose: str) -> dict[str, str]:
    """Return the environment of a local stack of this process's own."""
    return {
        "RASID_STACK_NAME": f"test-{purpose}-{os.getpid()}",
        "RASID_STACK_KAFKA_PORT": str(free_port()),
        "RASID_STACK_KAFKA_CONTROLLER_PORT": str(free_port()),
        "RASID_STACK_ELASTICSEARCH_PORT": str(free_port()),
        "RASID_STACK_JAVA_OPTIONS": QUICK_TO_START,
    }


def raw_article(number: int = 1, **fields: Any) -> RawArticle:
    """Return a valid article; ``number`` decides its identity."""
    url = f"https://news.example/articles/{number}"
    moment = datetime(2020, 11, 25, 10, 0, tzinfo=UTC)
    defaults: dict[str, Any] = {
        "article_id": article_id(url),
        "canonical_url": url,
        "url": url,
        "source_id": "sample",
        "title": f"خبر رقم {number} من طرابلس",
        "text": f"اجتمع المجلس البلدي في طرابلس أمس لبحث الملف رقم {number}.",
        "text_origin": "page",
        "published_at": moment,
        "published_origin": "feed",
        "published_precision": "second",
        "first_seen_at": moment,
        "fetched_at": moment,
        "content_hash": f"hash-{number}",
    }
    return RawArticle(**(defaults | fields))


def enriched_article(
    number: int = 1, raw: RawArticle | None = None, **fields: Any
) -> EnrichedArticle:
    """Return a valid enriched article; ``number`` decides its identity unless ``raw`` is given."""
    raw = raw or raw_article(number)
    defaults: dict[str, Any] = {
        "article": raw,
        "text": raw.text,
        "published": Published(
            value=raw.published_at, precision="second", origin="feed", confidence=1.0
        ),
        "language": Language(tag="ar", confidence=0.99),
        "libya": LibyaRelevance(score=0.9, reasons=("طرابلس",)),
        "enriched_at": raw.fetched_at,
        "enriched_by": "test",
    }
    return EnrichedArticle(**(defaults | fields))


def full_article(tag: str = "ar") -> EnrichedArticle:
    """Return an article in the language ``tag`` with something in every field of a document."""
    return enriched_article(
        language=Language(tag=tag, confidence=1.0),
        raw=raw_article(7, source_name="صحيفة", modified_at=datetime(2020, 11, 26, tzinfo=UTC)),
        entities=(
            Entity(
                id="Q3579",
                type="LOC",
                name="طرابلس",
                name_en="Tripoli",
                geo=GeoPoint(lat=32.9, lon=13.2),
                mentions=(
                    Mention(start=0, end=6, text="طرابلس"),
                    Mention(start=9, end=15, text="طرابلس"),
                ),
            ),
            Entity(id=None, type="PER", name="فلان", mentions=()),
        ),
        dates=(
            DateMention(
                start=0,
                end=3,
                text="أمس",
                value="2020-11-24",
                from_=date(2020, 11, 24),
                to=date(2020, 11, 24),
                grain="day",
                kind="relative",
            ),
            DateMention(start=0, end=3, text="قريبا", value=None, grain="day", kind="relative"),
        ),
        signature=Signature(paragraphs=("p1",), bands=("b1", "b2")),
    )


def dates_of(
    text: str, models: Models, today: date | None, language: str = "ar"
) -> list[DateMention]:
    """Return the dates in ``text`` as enrichment finds and understands them."""
    comparable = normalise(text)
    grammar = models.other_dates.get(language, models.dates)
    if language in models.other_dates:
        comparable = set_apart(comparable)
    expressions = grammar.expressions(comparable.text)
    return list(mention_dates(text, comparable, grammar, expressions, today))
