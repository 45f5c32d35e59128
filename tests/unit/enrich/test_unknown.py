"""Names that the knowledge base lacks, beside those that it has."""

from datetime import UTC, datetime
from itertools import pairwise

import pytest

from services.contract.articles import Entity
from services.enrich.enrichment import Models, enrich
from tests.support import raw_article

NOW = datetime(2024, 5, 2, 10, tzinfo=UTC)


def entities(text: str, models: Models, title: str = "اجتماع اليوم") -> list[Entity]:
    enriched = enrich(raw_article(text=text, title=title), models, NOW, "test")
    for entity in enriched.entities:
        assert all(enriched.text[at.start : at.end] == at.text for at in entity.mentions)
    return list(enriched.entities)


def test_an_unknown_name_has_no_id_but_a_key_to_count_it_by(models: Models) -> None:
    text = "وقال الوزير محمّد الدرناوي للصحفيين إن الطرق مفتوحة أمام الجميع منذ الصباح."
    (person,) = entities(text, models)
    assert (person.id, person.type, person.name) == (None, "PER", "محمّد الدرناوي")
    assert person.ids == {"form": "PER:محمد الدرناوي"}


def test_a_surname_alone_is_the_bearer_named_before(models: Models) -> None:
    text = (
        "وقال الوزير محمد الدرناوي للصحفيين إن الطرق مفتوحة أمام الجميع. "
        "وأضاف الدرناوي أن العمل مستمر في كل مكان."
    )
    (person,) = entities(text, models)
    assert [at.text for at in person.mentions] == ["محمد الدرناوي", "الدرناوي"]


def test_what_is_known_is_not_named_twice(models: Models) -> None:
    text = "وصل الوزير محمد الدرناوي إلى طرابلس أمس، والتقى خليفة حفتر في بنغازي قبل سفره."
    found = entities(text, models)
    places = sorted((at.start, at.end) for entity in found for at in entity.mentions)
    assert all(end <= start for (_, end), (start, _) in pairwise(places))
    ids = {entity.id for entity in found}
    assert {"place:tripoli", "place:benghazi", "person:khalifa-haftar", None} <= ids


def test_in_an_english_text_names_in_latin_letters_are_found(models: Models) -> None:
    text = "The minister Muhammad al-Darnawi told reporters that all roads were open. محمد الدرناوي"
    (person,) = entities(text, models)
    assert (person.name, person.ids) == ("Muhammad al-Darnawi", {"form": "PER:muhammad al darnawi"})


@pytest.mark.parametrize(
    "text",
    [
        "انتشر فيروس كورونا المستجد في البلاد.",
        "وسجلت إصابات بفيروس سارس أمس.",
        "خلف إعصار دانيال دمارا.",
    ],
)
def test_an_illness_is_nobody(text: str, models: Models) -> None:
    assert all(entity.id for entity in entities(text, models))
