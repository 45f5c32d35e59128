"""Names in English, French, Italian and Turkish, with what those languages attach to them."""

import pytest

from services.enrich.core.entities import sight_entities
from services.enrich.core.normalise import normalise
from services.enrich.enrichment import Models

CASES = {
    "English": (
        "Libya's parliament met in Tobruk; Haftar flew from Benghazi to Cairo.",
        "place:libya place:tobruk person:khalifa-haftar place:benghazi place:cairo",
    ),
    "French": (
        "L’Égypte, la Tunisie et l’Algérie soutiennent la Libye, a dit Ghassan Salamé à Tripoli.",
        "place:egypt place:tunisia place:algeria place:libya person:ghassan-salame place:tripoli",
    ),
    "Italian": (
        "L'Italia e l'Egitto: incontro a Tripoli, poi a Bengasi, con la Turchia e la Libia.",
        "place:italy place:egypt place:tripoli place:benghazi place:turkey place:libya",
    ),
    "Turkish": (
        "Türkiye'nin Trablus Büyükelçisi, Bingazi'de ve Mısır'da Libya’yı anlattı.",
        "place:turkey place:tripoli place:benghazi place:egypt place:libya",
    ),
    "not in small letters, nor within words": ("libyan sirtes, tripolitan, egyptology", ""),
    "hyphens and spaces": (
        "Fayez al-Sarraj and Fayez Al Sarraj; Al-Sarraj",
        "person:fayez-sarraj person:fayez-sarraj person:fayez-sarraj",
    ),
    "beside Arabic": ("قالت Libya Observer عن UNSMIL", "org:libya-observer org:unsmil"),
}


@pytest.mark.parametrize(("text", "ids"), CASES.values(), ids=CASES.keys())
def test_names_in_latin_letters(text: str, ids: str, models: Models) -> None:
    sightings = sight_entities(text, normalise(text), normalise(""), models.names)
    found = sorted((m.start, s.entity.id) for s in sightings for m in s.mentions)
    assert [key for _, key in found] == ids.split()
