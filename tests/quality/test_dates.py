"""Arabic dates, scored on sentences written for it, in ``dates/``.

In ``dates.txt`` a line ``= day`` gives the day that the sentences below it were published; a
sentence stands after the values of the expressions in brackets. Every third sentence was held back
while the grammar was made; ``docs/decisions/0005-dates.md`` has its first score.
"""

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import NamedTuple

import pytest

from services.enrich.edges.models import load_models
from services.enrich.enrichment import Models
from tests.support import dates_of

GOLD = Path(__file__).parent / "dates"
FLOOR = 0.97


class Sentence(NamedTuple):
    text: str
    published: date
    expected: dict[tuple[int, int], str]  # range -> value


class Score(NamedTuple):
    recall: float
    precision: float
    value: float
    errors: list[str]


@pytest.fixture(scope="module")
def models() -> Models:
    return load_models()


def sentences(path: Path = GOLD / "dates.txt") -> Iterator[Sentence]:
    published = date.min
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("="):
            published = date.fromisoformat(line[1:].strip())
            continue
        values, _, marked = line.partition(" | ")
        pieces = re.split(r"[\[\]]", marked)
        at, ranges = 0, []
        for number, piece in enumerate(pieces):
            if number % 2:
                ranges.append((at, at + len(piece)))
            at += len(piece)
        expected = dict(zip(ranges, values.split(" ; "), strict=True))
        yield Sentence("".join(pieces), published, expected)


def score(gold: list[Sentence], models: Models, language: str = "ar") -> Score:
    expected = right_range = right_value = given = 0
    errors = []
    for sentence in gold:
        mentions = {
            (mention.start, mention.end): mention.value
            for mention in dates_of(sentence.text, models, sentence.published, language)
            # A duration is no date; that some are given is no error.
            if mention.kind != "duration" or (mention.start, mention.end) in sentence.expected
        }
        expected += len(sentence.expected)
        given += len(mentions)
        right_range += len(mentions.keys() & sentence.expected.keys())
        right_value += len(mentions.items() & sentence.expected.items())
        if mentions != sentence.expected:
            told = {sentence.text[start:end]: v for (start, end), v in mentions.items()}
            wanted = {sentence.text[s:e]: v for (s, e), v in sentence.expected.items()}
            errors.append(f"{sentence.published} {sentence.text}\n  {wanted}\n  {told}")
    return Score(right_range / expected, right_range / given, right_value / right_range, errors)


@pytest.mark.parametrize("held_back", [False, True], ids=["seen", "held back"])
def test_dates_are_found_and_understood(held_back: bool, models: Models) -> None:
    gold = [one for at, one in enumerate(sentences()) if (at % 3 == 2) == held_back]
    result = score(gold, models)
    print(*result.errors, sep="\n")
    count = sum(len(one.expected) for one in gold)
    print(f"{count} expressions: recall {result.recall:.3f}, precision {result.precision:.3f}, "
          f"value {result.value:.3f}")  # fmt: skip
    assert min(result[:3]) >= FLOOR


def test_numbers_and_names_are_no_dates(models: Models) -> None:
    texts = (GOLD / "not_dates.txt").read_text(encoding="utf-8").splitlines()
    wrong = []
    for text in texts:
        mentions = dates_of(text, models, date(2020, 11, 25))
        wrong += [f"{text}\n  {m.text}: {m.value}" for m in mentions if m.kind != "duration"]
    print(*wrong, sep="\n")
    print(f"{len(texts)} sentences, {len(wrong)} of them read as dates")
    assert len(wrong) <= len(texts) * (1 - FLOOR)


def test_the_gold_set_is_large_enough() -> None:
    assert sum(len(sentence.expected) for sentence in sentences()) >= 400
    assert len((GOLD / "not_dates.txt").read_text(encoding="utf-8").splitlines()) >= 150
