"""Names in Latin letters that nobody entered, scored on short articles in four languages.

``entities/README.md`` has the conventions. ``latin_held_back.txt`` is never looked at for tuning.
"""

from collections import Counter

import pytest

from services.enrich.edges.models import load_models
from services.enrich.enrichment import Models, enrich
from tests.quality.test_entities import Marked, articles, found, kind_of
from tests.support import raw_article

FLOORS = {"latin_seen.txt": 0.95, "latin_held_back.txt": 0.9}


def f1_of_unknown(gold: list[Marked], models: Models) -> tuple[float, list[str]]:
    """Return the F1 of names without id, with exact range and type, and what went wrong."""
    counts = Counter[str]()
    report = []
    for article in gold:
        raw = raw_article(title=article.title, text="\n".join(article.lines))
        told = found(enrich(raw, models, raw.fetched_at, "test"))
        expected = {(at, kind_of(name)) for at, name in article.names.items() if ":" not in name}
        given = {(at, kind) for at, (kind, id_) in told.items() if id_ is None}
        counts.update(right=len(expected & given), expected=len(expected), given=len(given))
        for at, kind in sorted(expected ^ given, key=lambda one: (one[0].line, one[0].start)):
            wrong = "missed" if (at, kind) in expected else "no such name"
            report.append(f"{wrong}: {at.line[at.start : at.end]} ({kind})")
    return 2 * counts["right"] / (counts["expected"] + counts["given"]), report


@pytest.fixture(scope="module")
def models() -> Models:
    return load_models()


@pytest.mark.parametrize("file", FLOORS)
def test_unknown_names_in_latin_letters_are_found(file: str, models: Models) -> None:
    f1, report = f1_of_unknown(list(articles(file)), models)
    if file == "latin_seen.txt":
        print(*report, sep="\n")
    print(f"{file}: F1 {f1:.3f}")
    assert f1 >= FLOORS[file]
