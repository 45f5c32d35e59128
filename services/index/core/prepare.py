"""From the bytes of a message to the lines of a bulk request, or the reason why not."""

from dataclasses import dataclass
from datetime import datetime

from services.contract.articles import EnrichedArticle, document_version
from services.contract.dead_letters import describe
from services.contract.wire import ContractError, decode
from services.index.core.bulk import operation
from services.index.core.document import to_document
from services.index.core.stories import Signed


@dataclass(frozen=True, slots=True)
class Ready:
    """A document to write. ``awaited_since`` is the first sight of news: live, first revision.
    ``published_at`` is when the source says that it published such news, if that is to the second.

    ``signed`` is None where its story is decided already.
    """

    article_id: str
    operation: bytes
    awaited_since: datetime | None
    signed: Signed | None = None
    published_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Rejected:
    """A message that is not an article, or that this build cannot make a document of."""

    reason: str
    error: str


def prepare(value: bytes | None, indexed_at: datetime) -> Ready | Rejected:
    """Return what to do with one message. Never raises: one bad message must not stop the rest."""
    try:
        enriched = decode(value, EnrichedArticle)
        article = enriched.article
        lines = operation(
            article.article_id,
            document_version(article.fetched_at),
            to_document(enriched, indexed_at),
        )
    except ContractError as error:
        return Rejected(error.reason, str(error))
    except Exception as error:
        return Rejected("bug", describe(error))
    is_news = article.mode == "live" and article.revision == 1
    signed = Signed(
        article.article_id,
        article.first_seen_at,
        frozenset(enriched.signature.paragraphs),
        frozenset(enriched.signature.bands),
    )
    published = enriched.published
    return Ready(
        article.article_id,
        lines,
        awaited_since=article.first_seen_at if is_news else None,
        signed=signed,
        published_at=published.value if is_news and published.precision == "second" else None,
    )
