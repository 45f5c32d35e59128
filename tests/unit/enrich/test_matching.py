"""Names as Arabic writes them: with particles attached, within longer words and names."""

import pytest

from services.contract.articles import EntityType
from services.enrich.core.context import Context
from services.enrich.core.entities import mentioned, sight_entities
from services.enrich.core.known import KnownEntity, compile_names
from services.enrich.core.normalise import normalise


def known(
    key: str, *forms: str, short: tuple[str, ...] = (), type_: EntityType = "LOC"
) -> KnownEntity:
    return KnownEntity(key, type_, forms[0], forms=forms, short=short)


NAMES = compile_names(
    [
        known("haftar", "خليفة حفتر", "حفتر"),
        known("tripoli", "طرابلس"),
        known("africom", "الأفريكوم", "أفريكوم"),
        known("states", "الولايات المتحدة"),
        known("un", "الأمم المتحدة"),
        known("unsmil", "بعثة الأمم المتحدة للدعم"),
        known("accord", "حكومة الوفاق", short=("الوفاق",)),
        known("harris", "جوشوا هاريس", short=("هاريس",)),
        known("bayda", "البيضاء"),
        known("surt", "سرت"),
        known("sirte", "Sirte"),
    ],
    Context(),
)

CASES = {
    "so to the": ("فلطرابلس، ولطرابلس، كطرابلس", [("tripoli", "طرابلس")] * 3),
    "a dash": ("طرابلس-سرت", [("tripoli", "طرابلس"), ("surt", "سرت")]),
    "a hashtag": ("#طرابلس_الآن", [("tripoli", "طرابلس")]),
    "initials": ("د. حفتر و(ج. حفتر)", [("haftar", "حفتر"), ("haftar", "حفتر")]),
    "guillemets within a name's word": ("بـ«الأفريكوم»", [("africom", "الأفريكوم")]),
    "hamza, ya and ta marbuta": ("الافريكوم وسرت", [("africom", "الافريكوم"), ("surt", "سرت")]),
    "a bare name": ("زار حفتر المدينة", [("haftar", "حفتر")]),
    "and": ("وحفتر وفحفتر", [("haftar", "حفتر")]),
    "to": ("رسالة لحفتر", [("haftar", "حفتر")]),
    "and by": ("وبحفتر", [("haftar", "حفتر")]),
    "like": ("كحفتر", [("haftar", "حفتر")]),
    "the article belongs to the name": ("في الأفريكوم", [("africom", "الأفريكوم")]),
    "by the": ("بالأفريكوم", [("africom", "الأفريكوم")]),
    "to the, melted": ("التابعة للأفريكوم", [("africom", "أفريكوم")]),
    "and to the, melted": ("وللأفريكوم", [("africom", "أفريكوم")]),
    "without its article": ("طائرة أفريكوم", [("africom", "أفريكوم")]),
    "so in the, two words": ("فبالولايات المتحدة", [("states", "الولايات المتحدة")]),
    "quotation marks": ("قال “نورلاند” عن “حفتر”.", [("haftar", "حفتر")]),
    "a particle before a quotation mark": ("لـ”حفتر”", [("haftar", "حفتر")]),
    "diacritics and tatweel": ("في طَرابُلـس،", [("tripoli", "طَرابُلـس")]),
    "the longest name wins": (
        "بعثة الأمم المتحدة للدعم",
        [("unsmil", "بعثة الأمم المتحدة للدعم")],
    ),
    "a longer name that is cut off hides no shorter one": (
        "بعثة الأمم المتحدة للدعمين",
        [("un", "الأمم المتحدة")],
    ),
    "one entity, many mentions": (
        "خليفة حفتر وحفتر",
        [("haftar", "خليفة حفتر"), ("haftar", "حفتر")],
    ),
    "not within a word": ("أسرت وسرتان وحفترية", []),
    "not a name that needs its article": ("صفحة بيضاء", []),
    "a name with it": ("مدينة البيضاء والبيضاء", [("bayda", "البيضاء"), ("bayda", "البيضاء")]),
    "a short form alone says nothing": ("روح الوفاق سادت", []),
    "a short form after the full one": (
        "أعلنت حكومة الوفاق أن الوفاق",
        [("accord", "حكومة الوفاق"), ("accord", "الوفاق")],
    ),
    "a short form before the full one": (
        "قال هاريس، وهو جوشوا هاريس",
        [("harris", "هاريس"), ("harris", "جوشوا هاريس")],
    ),
    "Latin letters, whole words": ("in Sirte, not Sirteen", [("sirte", "Sirte")]),
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), CASES.values(), ids=CASES.keys())
def test_names_are_found_without_what_is_attached_to_them(
    text: str, expected: list[tuple[str, str]]
) -> None:
    found = mentioned(sight_entities(text, normalise(text), normalise(""), NAMES), len(text) or 1)
    mentions = sorted(
        (mention.start, entity.id, mention.text) for entity in found for mention in entity.mentions
    )
    assert [(key, name) for _, key, name in mentions] == expected
    assert all(text[m.start : m.end] == m.text for entity in found for m in entity.mentions)


def test_a_full_name_in_the_title_introduces_the_short_form_of_the_text() -> None:
    text = "قال هاريس إن اللقاء كان مثمرا"
    title = normalise("جوشوا هاريس في طرابلس")
    sightings = sight_entities(text, normalise(text), title, NAMES)
    assert [(s.entity.id, s.in_title, len(s.mentions)) for s in sightings] == [
        ("harris", True, 1),
        ("tripoli", True, 0),
    ]


@pytest.mark.slow
@pytest.mark.parametrize("unit", ["سرت، ", "حفتر المشير ", "ا", "ال", "هاريس ", ",", "Sirte "])
def test_a_megabyte_of_one_thing_is_searched_through(unit: str) -> None:
    """In time that grows with its length: with the square of it this would take an hour."""
    text = normalise(unit * (1_000_000 // len(unit)))
    sight_entities(text.text, text, normalise("جوشوا هاريس"), NAMES)
