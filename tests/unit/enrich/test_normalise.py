"""The copy that is matched on, and the way back to the text."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from services.enrich.core.clean import repair
from services.enrich.core.normalise import fold, normalise

SPELLINGS = {
    "hamza": ("أبريل", "ابريل"),
    "ta marbuta": ("ترهونة", "ترهونه"),
    "alef maqsura": ("مصطفى", "مصطفي"),
    "diacritics": ("طَرابُلُس", "طرابلس"),
    "tatweel": ("طرابـــلس", "طرابلس"),
    "Arabic digits": ("٢٠٢٠", "2020"),
    "Persian digits": ("۲۰۲۰", "2020"),
    "Persian letters": ("ترکی", "تركي"),
    "presentation forms": ("ﻃﺮﺍﺑﻠﺲ", "طرابلس"),
    "a ligature": ("ﻻفتة", "لافته"),
    "two spaces": ("خليفة  حفتر", "خليفه حفتر"),
    "no-break space": ("خليفة\u00a0حفتر", "خليفه حفتر"),
}


@pytest.mark.parametrize(("written", "matched"), SPELLINGS.values(), ids=SPELLINGS.keys())
def test_one_name_is_matched_however_it_is_written(written: str, matched: str) -> None:
    assert normalise(written).text == fold(matched)


ARABIC = st.text(st.sampled_from("ابتةىأإطرلس ـًَّ\u200c٢2ﻻﷲ\ufdfa\n") | st.characters(), max_size=120)


@given(ARABIC)
@example("\ufdfa")
def test_offsets_lead_back_in_order_and_within_the_text(text: str) -> None:
    text = repair(text)
    normalised = normalise(text)
    origins = [normalised.origin(at) for at in range(len(normalised.text) + 1)]
    assert all(0 <= origin <= len(text) for origin in origins)
    assert origins == sorted(origins)
    assert origins[-1] == len(text)


@given(ARABIC, ARABIC)
def test_a_word_is_found_again_where_it_stood(before: str, after: str) -> None:
    before, after = f"{repair(before)} ", f" {repair(after)}"
    normalised = normalise(f"{before}طَرابـلس{after}")
    at = normalised.text.find("طرابلس", len(normalise(before).text))
    start, end = normalised.origin(at), normalised.origin(at + len("طرابلس"))
    assert f"{before}طَرابـلس{after}"[start:end] == "طَرابـلس"
