"""What becomes of one message: enriched, skipped, or rejected with a reason. It never raises."""

from dataclasses import dataclass
from datetime import datetime

from services.contract.articles import EnrichedArticle, RawArticle
from services.contract.dead_letters import describe
from services.contract.wire import ContractError, decode, encode
from services.enrich.core.relevance import CONCERNS_LIBYA
from services.enrich.enrichment import Models, enrich


@dataclass(frozen=True, slots=True)
class Enriched:
    """The message to publish, and its bytes."""

    article: EnrichedArticle
    value: bytes

    @property
    def article_id(self) -> str:
        """The id of the article."""
        return self.article.article.article_id


@dataclass(frozen=True, slots=True)
class Skipped:
    """Why there is nothing to publish."""

    article_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Rejected:
    """Why the message cannot be enriched: whose fault (``stage``), ``reason``, and the details."""

    stage: str
    reason: str
    error: str


Outcome = Enriched | Skipped | Rejected


def handle(value: bytes, models: Models, now: datetime, enriched_by: str) -> Outcome:
    """Return what becomes of the message ``value``.

    Sources of the world write of much else: what does not concern Libya goes no further.

    An exception of the enrichment is a bug of ours. Its message becomes a dead letter that tells
    where, and can be replayed once the bug is fixed; the messages after it are not its fault.
    """
    try:
        article = decode(value, RawArticle)
    except ContractError as error:
        return Rejected("decode", error.reason, str(error))
    try:
        enriched = enrich(article, models, now, enriched_by)
        if article.source_scope == "world" and enriched.libya.score < CONCERNS_LIBYA:
            return Skipped(article.article_id, "off-topic")
        return Enriched(enriched, encode(enriched))
    except ContractError as error:
        return Rejected("encode", error.reason, str(error))
    except Exception as error:
        return Rejected("enrich", "bug", describe(error))
