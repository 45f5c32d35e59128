"""Dates in English, French, Italian and Turkish, scored on sentences in ``dates/other/``.

They are written as those of test_dates.py; a Turkish ending without an apostrophe belongs to its
expression. Every third was held back; ``docs/decisions/0005-dates.md`` has its first score.
"""

from datetime import date

import pytest

from services.enrich.enrichment import Models
from tests.quality.test_dates import FLOOR, GOLD, models, score, sentences
from tests.support import dates_of

LANGUAGES = ("en", "fr", "it", "tr")

__all__ = ["models"]


@pytest.mark.parametrize("held_back", [False, True], ids=["seen", "held back"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_dates_are_found_and_understood(language: str, held_back: bool, models: Models) -> None:
    every = sentences(GOLD / "other" / f"{language}.txt")
    gold = [one for at, one in enumerate(every) if (at % 3 == 2) == held_back]
    result = score(gold, models, language)
    print(*result.errors, sep="\n")
    print(f"{len(gold)} sentences: recall {result.recall:.3f}, precision {result.precision:.3f}, "
          f"value {result.value:.3f}")  # fmt: skip
    assert min(result[:3]) >= FLOOR


@pytest.mark.parametrize("language", LANGUAGES)
def test_numbers_and_names_are_no_dates(language: str, models: Models) -> None:
    texts = (GOLD / "other" / f"{language}_not.txt").read_text(encoding="utf-8").splitlines()
    wrong = [
        f"{text}: {mention.text} {mention.value}"
        for text in texts
        for mention in dates_of(text, models, date(2020, 11, 25), language)
    ]
    assert len(texts) >= 15
    assert not wrong
