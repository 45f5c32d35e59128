"""Dates in articles in English, French, Italian and Turkish; scored in tests/quality."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.enrich.core.dates.compilation import GrammarError
from services.enrich.core.dates.other_languages import compile_languages
from services.enrich.edges.knowledge import read_other_date_tables
from services.enrich.edges.models import load_models
from tests.support import dates_of

MODELS = load_models()
PIECES = (
    "3 7 2020 198 1980s 90s 21/3/2020 3-7 May may March last next week three days ago from to "
    "between and il y a trois jours l'anno scorso tra il dal al 2011'de 19. yüzyıl ilk çeyreği "
    "geçen hafta önce - ( ) , . ’ ' ـ first of the century mardi soir fin début 31 février "
    "2020م 1442ه"
)
TEXTS = st.lists(st.sampled_from(PIECES.split()), max_size=12).map(" ".join) | st.text(max_size=60)


@given(text=TEXTS, language=st.sampled_from(sorted(MODELS.other_dates)), day=st.dates() | st.none())
def test_no_text_raises_and_ranges_are_disjoint_and_of_the_text(
    text: str, language: str, day: date | None
) -> None:
    end = 0
    for mention in dates_of(text, MODELS, day, language):
        assert end <= mention.start < mention.end <= len(text)
        assert text[mention.start : mention.end] == mention.text
        end = mention.end


@pytest.mark.parametrize(
    ("language", "text", "mention", "value"),
    [
        ("en", "Born in the 1980s.", "1980s", "198X"),
        ("fr", "Écrit aujourd’hui.", "aujourd’hui", "2020-11-25"),
        ("tr", "2011’de başladı.", "2011", "2011"),
    ],
)
def test_what_is_written_onto_a_word_is_set_apart(
    language: str, text: str, mention: str, value: str
) -> None:
    found = dates_of(text, MODELS, date(2020, 11, 25), language)
    assert [(one.text, one.value) for one in found] == [(mention, value)]


@pytest.mark.parametrize("text", ["Founded in 2020م.", "Founded in 1442ه, says the stone."])
def test_a_year_with_an_arabic_era_is_left_alone(text: str) -> None:
    assert not dates_of(text, MODELS, date(2020, 11, 25), "en")


def test_a_class_that_no_rule_speaks_of_is_refused() -> None:
    rules, _ = read_other_date_tables()
    with pytest.raises(GrammarError, match="en: no rule speaks of moon"):
        compile_languages(rules, {"en": {"words": {"moon": {1: ["full moon"]}}, "cues": {}}})
