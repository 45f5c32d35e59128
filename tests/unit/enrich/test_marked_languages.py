"""Languages told by the marks of their words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.enrich.core.marked_languages import compile_marks
from services.enrich.enrichment import Models

MARKS = compile_marks(
    {
        "xx": {"letters": "ħ", "words": ["ba bo", "bu-"], "shared": ["la"]},
        "yy": {"beginnings": ["ze"], "endings": ["oz"], "digits": "37", "shared": ["la", "le"]},
    }
)


@pytest.mark.parametrize(
    ("text", "tag", "part"),
    [
        ("bo si", "xx", 0.5),
        ("BO SI", "xx", 0.5),
        ("boħ", "xx", 1.0),
        ("bu-si", "xx", 0.5),
        ("zemi si si si", "yy", 0.25),
        ("miroz", "yy", 1.0),
        ("ma3na 7abib", "yy", 1.0),
        ("ze oz 3rd 20km g7 a3", "und", 0.0),  # no longer word, no digit inside one
        ("la le la", "und", 0.0),  # only what others have too
        ("ba la le", "xx", 2 / 3),  # beside its own, a shared word counts
        ("ba" + 11 * " si", "und", 0.0),  # one among several is chance
        ("", "und", 0.0),
    ],
)
def test_the_marked_part_of_the_words_counts(text: str, tag: str, part: float) -> None:
    assert MARKS.tell(text) == (tag, pytest.approx(part))


def test_a_word_cannot_be_the_own_of_two_languages() -> None:
    with pytest.raises(ValueError, match="ba is a word of xx and of yy"):
        compile_marks({"xx": {"words": ["ba"]}, "yy": {"words": ["ba"]}})


@given(text=st.text(max_size=100))
def test_any_string_is_marked_or_not(text: str, models: Models) -> None:
    tag, part = models.languages.marks.tell(text)
    assert 0 <= part <= 1
    assert (tag == "und") == (part == 0)
