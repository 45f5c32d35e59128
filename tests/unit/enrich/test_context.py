"""Words that are names here and something else there: what stands beside them decides."""

import pytest

from services.enrich.core.entities import mentioned, sight_entities
from services.enrich.core.known import KnownEntity, compile_names
from services.enrich.core.normalise import normalise
from services.enrich.edges.knowledge import read_context
from services.enrich.enrichment import Models

NAMES = compile_names(
    [
        KnownEntity("haftar", "PER", "حفتر", forms=("خليفة حفتر", "حفتر"), titles=("المشير",)),
        KnownEntity("norland", "PER", "نورلاند", forms=("نورلاند",), titles=("السفير الأمريكي",)),
        KnownEntity(
            "williams", "PER", "ستيفاني وليامز", forms=("ستيفاني وليامز",), short=("وليامز",)
        ),
        KnownEntity("walker", "PER", "خليفة", forms=("خليفة المشاء", "Khalifa al-Mashaa")),
        KnownEntity("other", "PER", "عمر", forms=("عمر المشاء",)),
        KnownEntity("kabir", "PER", "الصديق الكبير", forms=("الصديق الكبير",)),
        KnownEntity("zawiya", "LOC", "الزاوية", country="LY", cued=("الزاوية", "Zawiya")),
        KnownEntity("bayda", "LOC", "البيضاء", country="LY", cued=("البيضاء",)),
        KnownEntity("khoms", "LOC", "الخمس", country="LY", cued=("الخمس",)),
        KnownEntity("sirte", "LOC", "سرت", country="LY", forms=("سرت", "Sirte")),
        KnownEntity("sabha", "LOC", "سبها", country="LY", forms=("سبها",)),
        KnownEntity("libya", "LOC", "ليبيا", country="LY", forms=("ليبيا", "Libya")),
        KnownEntity("tripoli", "LOC", "طرابلس", country="LY", forms=("طرابلس",)),
        KnownEntity("tripoli-lb", "LOC", "طرابلس", country="LB", forms=("طرابلس",)),
        KnownEntity("beirut", "LOC", "بيروت", country="LB", forms=("بيروت",)),
        KnownEntity("casablanca", "LOC", "الدار البيضاء", country="MA", forms=("الدار البيضاء",)),
        KnownEntity("alwatan", "ORG", "الوطن", country="EG", cued=("الوطن",)),
        KnownEntity("parliament", "ORG", "مجلس النواب", country="LY", cued=("مجلس النواب",)),
        KnownEntity("sarraj", "PER", "فائز السراج", forms=("السراج",)),
        KnownEntity("abdullah", "PER", "عبد الله اللافي", forms=("عبد الله اللافي",)),
    ],
    read_context(),
)

CASES = {
    "a cue": ("وصل إلى مدينة الزاوية", "zawiya"),
    "a cue with a particle": ("ببلدية الزاوية", "zawiya"),
    "no cue": ("جلس في الزاوية", ""),
    "once said, said for all": ("الزاوية هادئة. أهالي الزاوية", "zawiya zawiya"),
    "in it, where its country is spoken of": ("ليبيا: وصل إلى الزاوية", "libya zawiya"),
    "a particle, where its country is spoken of": ("في ليبيا وبالزاوية", "libya zawiya"),
    "a corner stays one": ("في ليبيا، في الزاوية القائمة، حجر الزاوية", "libya"),
    "five stay five": ("في ليبيا، في الخمس سنوات", "libya"),
    "a list": ("سرت والزاوية والبيضاء، الخمس", "sirte zawiya bayda khoms"),
    "a list that begins with it": ("الزاوية، البيضاء وسرت", "zawiya bayda sirte"),
    "the white house": ("البيت الأبيض والدار البيضاء في ليبيا", "casablanca libya"),
    "not the white ones": ("مدينة ليبيا والراية البيضاء", "libya"),
    "no city but a verb": ("كسرت الباب وفسرت الأمر", ""),
    "a verb and its object": ("الرجل الذي سبها", ""),
    "a newspaper": ("نقلت صحيفة الوطن عن أبناء الوطن", "alwatan"),
    "the homeland": ("حب الوطن", ""),
    "a surname that others bear": ("قال وليامز", ""),
    "a surname once introduced": ("قالت ستيفاني وليامز. وليامز", "williams williams"),
    "a last name once introduced": ("خليفة المشاء. وقال المشاء", "walker walker"),
    "a last name of two, the one named last": (
        "خليفة المشاء ثم عمر المشاء. قال المشاء، فرد خليفة المشاء على المشاء",
        "walker other other walker walker",
    ),
    "a last name alone": ("قال المشاء", ""),
    "a last name that is a word": ("الصديق الكبير والدور الكبير", "kabir"),
    "a last name in Latin letters": ("Khalifa al-Mashaa said. Mashaa’s men", "walker walker"),
    "of two cities the first": ("في طرابلس", "tripoli"),
    "of two cities that of the country spoken of": ("بيروت ثم طرابلس", "beirut tripoli-lb"),
    "of two cities the first, both spoken of": ("بيروت ثم ليبيا وطرابلس", "beirut libya tripoli"),
    "a title after the name": ("حفتر. وقال المشير إن", "haftar haftar"),
    "a title before the name is part of neither": ("المشير خليفة حفتر", "haftar"),
    "a title alone says nothing": ("قال المشير إن", ""),
    "a title of somebody else": ("حفتر. السفير الأمريكي", "haftar"),
    "a title and another's name": ("حفتر. المشير السراج", "haftar sarraj"),
    "a title and an unknown name": ("حفتر. المشير محمد فلان", "haftar"),
    "a title made another's by an adjective": ("حفتر. المشير المصري قال", "haftar"),
    "written as one word": ("عبدالله اللافي", "abdullah"),
    "the body of the country spoken of": ("مجلس النواب في ليبيا", "parliament libya"),
    "the body of another country": ("مجلس النواب في بيروت", "beirut"),
    "the body of a city with a namesake": ("مجلس النواب في طرابلس", "parliament tripoli"),
    "the namesake's country": ("مجلس النواب في طرابلس وبيروت", "tripoli-lb beirut"),
    "a Latin cue": ("the city of Zawiya, near Zawiya", "zawiya zawiya"),
    "in it, in Latin letters": ("Libya: back in Zawiya", "libya zawiya"),
    "an apostrophe and a hyphen": ("Sirte's l’ex-Libya", "sirte libya"),
}  # fmt: skip


def found(text: str, title: str = "") -> list[tuple[str, str]]:
    entities = mentioned(sight_entities(text, normalise(text), normalise(title), NAMES), len(text))
    places = sorted((m.start, e.id or "", m.text) for e in entities for m in e.mentions)
    return [(key, name) for _, key, name in places]


@pytest.mark.parametrize(("text", "ids"), CASES.values(), ids=CASES.keys())
def test_the_neighbours_decide(text: str, ids: str) -> None:
    assert [key for key, _ in found(text)] == ids.split()


def test_the_headline_introduces_a_place_and_a_bearer_of_a_title() -> None:
    text = "جلس في الزاوية. قال المشير"
    assert found(text) == []
    assert found(text, "مدينة الزاوية تستقبل حفتر") == [("zawiya", "الزاوية"), ("haftar", "المشير")]


def test_what_is_said_often_early_and_in_the_headline_is_salient() -> None:
    text = "في سرت ثم سرت ثم سرت، وأخيرا في ليبيا"
    sirte, libya = mentioned(sight_entities(text, normalise(text), normalise("سرت"), NAMES), 40)
    assert sirte.salience is not None
    assert libya.salience is not None
    assert 0 < libya.salience < 0.3 < 0.7 < sirte.salience <= 1


def test_the_shipped_rules_agree_with_the_shipped_names(models: Models) -> None:
    """A rule for a form that no entry has, not even where its article melts away, would be dead."""
    context, find = models.names.context, models.names.matcher.find

    def named(word: str) -> bool:
        return any(hit.end == len(word) for hit in find(word))

    forms = {*context.rules, *context.strict}
    unknown = {form for form in forms if not named(form) and not named(f"لل{form}")}
    assert unknown - {"الوطن"} == set()


def test_a_word_after_the_particle_decides_where_the_article_has_melted_away(
    models: Models,
) -> None:
    text = "أكدت مصادر للرائد أن الرائد محمد سالم عاد إلى طرابلس"
    (outlet,) = [
        sighting
        for sighting in sight_entities(text, normalise(text), normalise(""), models.names)
        if sighting.entity.id == "org:al-raed"
    ]
    assert outlet.mentions[0].text == "رائد"


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("اجتمع مجلس النواب في القاهرة، وقالت مصر إن المصرف المركزي رفع الفائدة", "cairo egypt"),
        ("عقد مجلس النواب جلسته في ليبيا", "house-of-representatives libya"),
        ("عقد مجلس النواب اليمني جلسته في ليبيا", "libya"),
        ("وزارة الخارجية ووزارة الخارجية التشادية في طرابلس", "foreign-ministry tripoli"),
        ("دعت البعثة الأممية في ليبيا مفوضية الانتخابات", "unsmil hnec"),
        ("البعثة الأممية في اليمن", "yemen"),
    ],
)
def test_bodies_that_every_country_has_are_those_of_the_country_spoken_of(
    text: str, ids: str, models: Models
) -> None:
    sightings = sight_entities(text, normalise(text), normalise(""), models.names)
    found = sorted((m.start, s.entity.id) for s in sightings for m in s.mentions)
    assert [key.partition(":")[2] for _, key in found] == ids.split()


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        (
            "بيان لوزارة الخارجية الأمريكية، وأكدت الخارجية أنها",
            "us-state-department us-state-department",
        ),
        (
            "بيان لوزارة الخارجية الأمريكية دعا الأطراف الخارجية ووزير الخارجية",
            "us-state-department",
        ),
        ("استقبل وزير داخلية الوفاق وفدا", "gna"),
        ("دعا إلى تحقيق الوفاق بين القبائل في ليبيا", "libya"),
        ("ضمن دعما روسيا متواصلا من روسيا", "russia"),
        ("أوقفت الشرطة مواطنا ليبيا في سوريا", "syria"),
        ("المحادثات السعودية الأخيرة، وقالت السعودية", "saudi-arabia"),
        ("في ليبيا، عند الزاوية الشمالية", "libya"),
        ("انعقد مجلس الأمن القومي ثم مجلس الأمن", "security-council"),
        ("نقلت الجزيرة عن مصدر في الجزيرة", "al-jazeera al-jazeera"),
        ("سكان الجزيرة وشمال الجزيرة", ""),
        ("فاز الهلال في بنغازي، وقال مدرب النصر", "hilal-benghazi benghazi nasr-benghazi"),
        ("فاز الهلال في الرياض، وقالت السعودية", "riyadh saudi-arabia"),
        ("رئي الهلال في بنغازي، وتحقق النصر", "benghazi"),
        ("فاز الأهلي بنغازي، وقال الأهلي", "ahli-benghazi ahli-benghazi"),
        ("بعثة الأمم المتحدة لدى ليبيا", "unsmil"),
        ("في ليبيا وتونس: سوسة", "libya tunisia susa-libya"),
        ("ليبيا: من سوسة وصفاقس", "libya wof-85679173 wof-421197967"),
    ],
)
def test_a_word_beside_it_tells_a_name_from_an_adjective(
    text: str, ids: str, models: Models
) -> None:
    sightings = sight_entities(text, normalise(text), normalise(""), models.names)
    found = sorted((m.start, s.entity.id) for s in sightings for m in s.mentions)
    assert [key.partition(":")[2] for _, key in found] == ids.split()
