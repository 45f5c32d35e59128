"""An enriched article as the document that Elasticsearch keeps: mappings/articles-v2.json."""

from datetime import datetime
from typing import Any

from services.contract.articles import DateMention, EnrichedArticle, Entity, GeoPoint

Document = dict[str, Any]

STEMMED_LANGUAGES = ("en", "fr", "it", "tr", "ru", "es", "de")
"""Languages whose texts are kept once more in a field with a stemmer of their own, ``in.<tag>``."""


def to_document(enriched: EnrichedArticle, indexed_at: datetime) -> Document:
    """Return the document of ``enriched``. Its keys are exactly the properties of the mapping.

    It is a story of its own, until it is found to be a copy: see stories.py.
    """
    article = enriched.article
    return {
        "article_id": article.article_id,
        "canonical_url": article.canonical_url,
        "url": article.url,
        "source": {
            "id": article.source_id,
            "name": article.source_name,
            "country": article.source_country,
        },
        "title": article.title,
        "text": enriched.text,
        "in": in_its_language(enriched.language.tag, article.title, enriched.text),
        "text_origin": article.text_origin,
        "byline": article.byline,
        "section": article.section,
        "image_url": article.image_url,
        "language": {"tag": enriched.language.tag, "confidence": enriched.language.confidence},
        "published_at": enriched.published.value,
        "published_precision": enriched.published.precision,
        "published_origin": enriched.published.origin,
        "published_confidence": enriched.published.confidence,
        "modified_at": article.modified_at,
        "first_seen_at": article.first_seen_at,
        "fetched_at": article.fetched_at,
        "enriched_at": enriched.enriched_at,
        "indexed_at": indexed_at,
        "enriched_by": enriched.enriched_by,
        "revision": article.revision,
        "content_hash": article.content_hash,
        "mode": article.mode,
        "truncated": article.truncated,
        "entities": [_entity(entity) for entity in enriched.entities],
        "places": [_place(entity, entity.geo) for entity in enriched.entities if entity.geo],
        "dates": [_date(mention) for mention in enriched.dates],
        "signature": {
            "paragraphs": enriched.signature.paragraphs,
            "bands": enriched.signature.bands,
        },
        "story_id": article.article_id,
        "libya": {"score": enriched.libya.score, "reasons": enriched.libya.reasons},
    }


def in_its_language(tag: str, title: str, text: str) -> Document:
    """Return title and text by the tag of their language, if that has a stemmer."""
    return {tag: {"title": title, "text": text}} if tag in STEMMED_LANGUAGES else {}


def _entity(entity: Entity) -> Document:
    return {
        "id": entity.id,
        "type": entity.type,
        "name": entity.name,
        "name_en": entity.name_en,
        "mentions": len(entity.mentions),
        "salience": entity.salience,
    }


def _place(entity: Entity, geo: GeoPoint) -> Document:
    return {
        "id": entity.id,
        "name": entity.name,
        "location": {"lat": geo.lat, "lon": geo.lon},
    }


def _date(mention: DateMention) -> Document:
    return {
        "text": mention.text,
        "value": mention.value,
        "kind": mention.kind,
        "grain": mention.grain,
        "approximate": mention.approximate,
        "range": _range(mention),
    }


def _range(mention: DateMention) -> Document | None:
    """Return the days that are meant, both ends included; None where they are not known."""
    ends = {"gte": mention.from_, "lte": mention.to}
    return {end: day for end, day in ends.items() if day} or None
