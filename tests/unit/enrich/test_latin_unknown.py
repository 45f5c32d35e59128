"""Names in Latin letters that the knowledge base lacks: sentences, and properties of any text."""

import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.contract.articles import Entity
from services.enrich.core.entities import mentioned, outside, sight_entities
from services.enrich.core.latin.given_names import with_given_names
from services.enrich.core.normalise import normalise
from services.enrich.core.unknown import name_unknown_latin
from services.enrich.enrichment import Models

MARK = re.compile(r"\[([^\]|]+)\|([A-Z]+)\]")


def sentences() -> Iterator[tuple[str, str]]:
    """Yield each sentence with its language."""
    lines = Path(__file__).with_name("latin_names.txt").read_text(encoding="utf-8").splitlines()
    language = ""
    for line in lines[1:]:
        if line.startswith("= "):
            language = line[2:]
        else:
            yield language, line


def entities(text: str, language: str, models: Models, title: str = "") -> list[Entity]:
    known = sight_entities(text, normalise(text), normalise(title), models.names)
    return list(name_unknown_latin(text, title, models.latin[language], known))


@pytest.mark.parametrize(("language", "marked"), list(sentences()))
def test_unknown_names_are_found(language: str, marked: str, models: Models) -> None:
    text = MARK.sub(r"\1", marked)
    found = entities(text, language, models)
    named = sorted((at.start, at.text, one.type) for one in found for at in one.mentions)
    assert [(name, type_) for _, name, type_ in named] == MARK.findall(marked)


def test_the_key_is_the_same_however_the_name_is_written(models: Models) -> None:
    (one,) = entities("Yesterday Colonel Walid Al-Lafi spoke.", "en", models)
    (same,) = entities("Le colonel Walid al-Lafi a parlé hier.", "fr", models)
    assert one.id is None
    assert one.ids == same.ids == {"form": "PER:walid al lafi"}


def test_a_surname_alone_is_its_bearer_even_at_the_start_of_a_sentence(models: Models) -> None:
    text = "The mayor, Fadwa Treki, spoke. Treki was born in May. Nobody asked al-Treki anything."
    (person,) = entities(text, "en", models)
    assert [at.text for at in person.mentions] == ["Fadwa Treki", "Treki", "al-Treki"]
    assert person.name == "Fadwa Treki"


def test_a_word_at_the_start_of_a_sentence_is_a_name_where_the_article_shows_it(
    models: Models,
) -> None:
    assert not entities("Wexbridge is quiet.", "en", models)
    (place,) = entities("Wexbridge is quiet. Few live in Wexbridge now.", "en", models)
    assert [at.text for at in place.mentions] == ["Wexbridge", "Wexbridge"]


def test_a_longer_name_of_another_person_wins_over_a_known_surname(models: Models) -> None:
    text = "In 1990 Gaddafi spoke. Later Nabila Gaddafi was there, and Muammar Gaddafi as well."
    known = sight_entities(text, normalise(text), normalise(""), models.names)
    unknown = name_unknown_latin(text, "", models.latin["en"], known)
    assert [one.name for one in unknown] == ["Nabila Gaddafi"]
    (gaddafi,) = mentioned(outside(known, unknown), len(text))
    assert [at.text for at in gaddafi.mentions] == ["Gaddafi", "Muammar Gaddafi"]


def test_another_spelling_of_a_given_name_is_nobody_else(models: Models) -> None:
    text = "On Monday Abdulhameed al-Dbeibah met Libya Haftar. The al-Dbeibah era goes on."
    known = sight_entities(text, normalise(text), normalise(""), models.names)
    mentions = [at.text for one in with_given_names(text, known) for at in one.mentions]
    assert mentions == ["Abdulhameed al-Dbeibah", "al-Dbeibah", "Libya", "Haftar"]
    assert not entities(text, "en", models)


def test_a_known_place_may_be_a_surname(models: Models) -> None:
    text = "Kızılay gönüllüsü Mehmet Aydın geldi. Aydın, gazetecilere konuştu."
    (person,) = entities(text, "tr", models)
    assert [at.text for at in person.mentions] == ["Mehmet Aydın", "Aydın"]


def test_a_name_in_the_headline_counts_for_more(models: Models) -> None:
    text = "On Friday Rafiq Bouzaid spoke."
    (plain,) = entities(text, "en", models)
    (titled,) = entities(text, "en", models, title="Rafiq Bouzaid Speaks to Reporters")
    assert titled.salience > plain.salience


@pytest.mark.parametrize("language", ["en", "fr", "it", "tr", "de", "es", "pt", "nl", "mt"])
def test_every_language_has_its_words(language: str, models: Models) -> None:
    assert language in models.latin


PARTS = [*"AaBbİıÉé .,'’-\n\"«&1أ", " of ", " de l'", " al-", "Mr ", "Libya", "Ali ", "Gaddafi"]
TEXTS = st.lists(st.sampled_from(PARTS)).map("".join)


@given(text=TEXTS, language=st.sampled_from(["en", "fr", "it", "tr", "de"]))
def test_offsets_are_exact_and_mentions_apart_in_any_text(
    text: str, language: str, models: Models
) -> None:
    found = entities(text, language, models)
    mentions = sorted((at.start, at.end) for one in found for at in one.mentions)
    assert all(text[at.start : at.end] == at.text for one in found for at in one.mentions)
    assert all(end <= start for (_, end), (start, _) in pairwise(mentions))
    assert all(text[start].isalpha() and text[end - 1] != " " for start, end in mentions)


@pytest.mark.slow
@pytest.mark.parametrize(
    "part",
    ["Aa ", "A-", "Al-", "L'", "A.", "Smith of the de la ", "ministère national de ", "Ali, and ",
     "Haftar "],
)  # fmt: skip
def test_the_work_grows_with_the_length_of_the_text(part: str, models: Models) -> None:
    """A text that every rule begins on is done, as long as can be: quadratic work never is."""
    text = (part * (200_000 // len(part)))[:200_000]
    known = sight_entities(text, normalise(text), normalise(""), models.names)
    named = tuple(with_given_names(text, known))
    name_unknown_latin(text, "", models.latin["fr"], named)


def test_what_is_longer_than_a_name_can_be_is_none(models: Models) -> None:
    text = f"Police met Mr. B{'a' * 5000} and John {'Smith-' * 1000}Holt there."
    assert entities(text, "en", models) == []


@given(text=TEXTS)
def test_longer_mentions_are_exact_and_apart_in_any_text(text: str, models: Models) -> None:
    known = sight_entities(text, normalise(text), normalise(""), models.names)
    mentions = [at for one in with_given_names(text, known) for at in one.mentions]
    assert all(text[at.start : at.end] == at.text for at in mentions)
    spans = sorted((at.start, at.end) for at in mentions)
    assert all(end <= start for (_, end), (start, _) in pairwise(spans))
