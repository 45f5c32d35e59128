"""A text cut into sentences and words, none of which is lost."""

from hypothesis import given
from hypothesis import strategies as st

from services.enrich.core.words import sentences


def cut(text: str) -> list[list[str]]:
    return [sentence.words for sentence in sentences(text)]


def test_signs_are_words_of_their_own() -> None:
    assert cut("قال حفتر: «لا».") == [["قال", "حفتر", ":", "«", "لا", "»", "."]]


def test_a_sentence_ends_at_a_stop_a_question_mark_and_a_line_end() -> None:
    assert cut("انتهى. من فاز؟ فاز\nالهلال") == [
        ["انتهى", "."],
        ["من", "فاز", "؟"],
        ["فاز"],
        ["الهلال"],
    ]


def test_a_stop_without_a_space_ends_a_sentence_as_well() -> None:
    assert cut("الحدود.وقال") == [["الحدود", "."], ["وقال"]]


def test_the_stop_of_an_initial_ends_nothing() -> None:
    assert cut("قال ج. بوش") == [["قال", "ج", ".", "بوش"]]


def test_spaces_before_a_stop_change_nothing() -> None:
    assert cut("قال ج  . بوش .  ثم\u2003.") == [["قال", "ج", ".", "بوش", "."], ["ثم", "."]]


def test_numbers_and_latin_words_keep_the_signs_within_them() -> None:
    assert cut("6.3 d'Italia AT&T") == [["6.3", "d'Italia", "AT&T"]]


@given(st.text() | st.text(" .؟\n\u2003جa1-،"))
def test_every_word_is_where_it_says_and_nothing_but_space_is_left_out(text: str) -> None:
    cut = list(sentences(text))
    words = [pair for sentence in cut for pair in zip(*sentence, strict=True)]
    assert all(text.startswith(word, start) for word, start in words)
    inside = {at for word, start in words for at in range(start, start + len(word))}
    left_out = set(range(len(text))) - inside
    assert all(text[at].isspace() for at in left_out)
