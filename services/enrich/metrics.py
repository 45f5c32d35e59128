"""What only enrich measures."""

from prometheus_client import Counter, Histogram

from services.contract.articles import EnrichedArticle

ENRICH_SECONDS = Histogram(
    "rasid_enrich_duration_seconds",
    "From the bytes of a raw article to those of an enriched one",
    buckets=(0.001, 0.002, 0.003, 0.005, 0.0075, 0.01, 0.02, 0.05, 0.1, 0.5, 1, 5),
)
LANGUAGES = Counter(
    "rasid_enriched_languages",
    "Enriched articles by language; und: it cannot be told",
    ["language"],
)
ENTITIES = Counter(
    "rasid_enriched_entities",
    "Entities found in articles, each once an article; known: the knowledge has them",
    ["type", "known"],
)
NAMELESS = Counter("rasid_enriched_without_entities", "Enriched articles that name nobody we found")
DATES = Counter(
    "rasid_enriched_published",
    "Enriched articles by what told when they were published: feed, page, url, text or none",
    ["origin"],
)


def count_findings(enriched: EnrichedArticle) -> None:
    """Count what was found in an article: when a share changes, a source or we have broken."""
    LANGUAGES.labels(enriched.language.tag.partition("-")[0]).inc()
    DATES.labels(enriched.published.origin).inc()
    for entity in enriched.entities:
        ENTITIES.labels(entity.type, "yes" if entity.id else "no").inc()
    if not enriched.entities:
        NAMELESS.inc()
