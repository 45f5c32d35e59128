"""Names as rules for Elasticsearch: who asks for one spelling finds the others."""

from services.enrich.core.known import KnownEntity
from services.enrich.core.name_synonyms import synonym_rules


def rules(*forms: str, kind: str = "PER") -> list[str]:
    return list(synonym_rules([KnownEntity("person:one", kind, forms[0], forms=forms)]))  # type: ignore[arg-type]


def test_short_forms_mean_each_other_and_a_longer_one_means_them() -> None:
    assert rules("خليفة حفتر", "حفتر", "Haftar", "Hifter") == [
        "حفتر, Haftar, Hifter",
        "لحفتر, بحفتر, وحفتر => حفتر, Haftar, Hifter",
        "خليفة حفتر => حفتر, Haftar, Hifter",
    ]


def test_the_article_is_kept_where_something_is_attached() -> None:
    assert "للدبيبة, بالدبيبة, والدبيبة => الدبيبة, Dbeibah" in rules("الدبيبة", "Dbeibah")


def test_spellings_that_the_analysis_joins_anyway_are_one() -> None:
    assert rules("أنقرة", "انقره", kind="LOC") == []


def test_people_are_found_as_they_are_misspelt() -> None:
    assert rules("القذافي")[0] == "القذافي, القدافي"
    assert rules("الذهيبة", kind="LOC") == []


def test_what_would_break_a_rule_is_left_out() -> None:
    assert rules("سرت", "Sirte, Libya", "a => b", kind="LOC") == []
