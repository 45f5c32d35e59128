"""Enrichment: one pure function from a raw article to an enriched one."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from services.contract.articles import EnrichedArticle, RawArticle
from services.enrich.core.arabic_names import name_arabic
from services.enrich.core.clean import clean, repair
from services.enrich.core.dates.grammar import Grammar
from services.enrich.core.dates.mentions import mention_dates, stated_days
from services.enrich.core.dates.other_languages import set_apart
from services.enrich.core.entities import in_order, mentioned, outside, sight_entities
from services.enrich.core.known import Names
from services.enrich.core.language import LanguageModel, identify_language
from services.enrich.core.latin.given_names import with_given_names
from services.enrich.core.latin.vocabulary import Vocabulary
from services.enrich.core.normalise import Normalised, normalise
from services.enrich.core.patterns import Patterns
from services.enrich.core.publication import (
    infer_publication,
    judge_publication,
    publication_day,
)
from services.enrich.core.relevance import judge_relevance
from services.enrich.core.signature import sign
from services.enrich.core.tagger import Tagger
from services.enrich.core.unknown import name_unknown_latin

_ARABIC = "ar"


@dataclass(frozen=True, slots=True)
class Models:
    """What enrichment knows: loaded once, never changed.

    ``dates`` is the grammar of Arabic and whatever stands in it, ``other_dates`` has by language
    that of articles in others; ``latin`` has by language what tells names in Latin letters.
    """

    names: Names
    dates: Grammar
    other_dates: Mapping[str, Grammar]
    languages: LanguageModel
    tagger: Tagger
    patterns: Patterns
    latin: Mapping[str, Vocabulary]


def enrich(
    article: RawArticle, models: Models, enriched_at: datetime, enriched_by: str
) -> EnrichedArticle:
    """Return what can be learned about ``article``; it raises for nothing a text can hold.

    All offsets point into the returned ``text``.
    """
    title = repair(article.title)
    text = clean(article.text, title)
    comparable, comparable_title = normalise(text), normalise(title)

    language = identify_language(title, text, article.language_hint, models.languages)
    grammar, dated = _grammar_of(language.tag, comparable, models)
    expressions = grammar.expressions(dated.text)
    published = judge_publication(article)
    if published.value is None:
        days = stated_days(dated, grammar, expressions)
        published = infer_publication(days, _fetch_day(article))
    today = publication_day(published, article.source_timezone)
    if language.tag == _ARABIC:
        known, unknown, spoken_of = name_arabic(
            text, comparable, comparable_title, models.names, models.tagger, models.patterns
        )
    else:
        spoken_of = tuple(
            with_given_names(text, sight_entities(text, comparable, comparable_title, models.names))
        )
        vocabulary = models.latin.get(language.tag)
        unknown = name_unknown_latin(text, title, vocabulary, spoken_of) if vocabulary else ()
        known = tuple(outside(spoken_of, unknown))
    dates = mention_dates(text, dated, grammar, expressions, today)
    relevance = judge_relevance(
        spoken_of, f"{comparable_title.text}\n{comparable.text}", article.source_country
    )
    return EnrichedArticle(
        article=article,
        text=text,
        published=published,
        language=language,
        entities=in_order((*mentioned(known, len(text)), *unknown)),
        dates=dates,
        signature=sign(comparable.text),
        libya=relevance,
        enriched_at=enriched_at,
        enriched_by=enriched_by,
    )


def _grammar_of(tag: str, comparable: Normalised, models: Models) -> tuple[Grammar, Normalised]:
    """The grammar of dates in a language, and the copy of the text that it reads."""
    if grammar := models.other_dates.get(tag):
        return grammar, set_apart(comparable)
    return models.dates, comparable


def _fetch_day(article: RawArticle) -> date | None:
    """The day of the fetch; None for an article whose fetch nobody wrote down."""
    return article.fetched_at.date() if article.fetched_at.timestamp() > 0 else None
