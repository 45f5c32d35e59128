"""What enrich finds in articles is counted, so that a drift of it is seen."""

from prometheus_client import REGISTRY

from services.contract.articles import Language
from services.enrich.metrics import count_findings
from tests.support import enriched_article, full_article


def value(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


def test_language_entities_and_origin_of_the_date_are_counted() -> None:
    def seen() -> list[float]:
        return [
            value("rasid_enriched_languages_total", language="zh"),
            value("rasid_enriched_entities_total", type="LOC", known="yes"),
            value("rasid_enriched_entities_total", type="PER", known="no"),
            value("rasid_enriched_published_total", origin="feed"),
            value("rasid_enriched_without_entities_total"),
        ]

    before = seen()
    count_findings(full_article("zh-Hant"))
    assert [now - then for then, now in zip(before, seen(), strict=True)] == [1, 1, 1, 1, 0]


def test_an_article_that_names_nobody_is_counted() -> None:
    before = value("rasid_enriched_without_entities_total")
    count_findings(enriched_article(language=Language(tag="und", confidence=0.0)))
    assert value("rasid_enriched_without_entities_total") == before + 1
