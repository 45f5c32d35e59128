"""Names that no list has, found by the model that is shipped."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.enrich.core.labels import LABELS, Transitions, best_labels
from services.enrich.core.normalise import normalise
from services.enrich.core.tagger import Tagger
from services.enrich.core.word_features import attributes, describe
from services.enrich.edges.tagger import TAGGER, read_model
from services.runtime.settings import ConfigurationError

MODEL = read_model()
TAGGED = Tagger(MODEL)


def names(text: str) -> list[tuple[str, str]]:
    comparable = normalise(text).text
    return [(comparable[name.start : name.end], name.type) for name in TAGGED.tag(comparable)]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (
            "وقال وزير الخارجية الإيطالي ماسيمو بيرتوليني إن الزيارة ناجحة.",
            ("ماسيمو بيرتوليني", "PER"),
        ),
        ("التقى السفير بيتر هانسن رئيس البلدية.", ("بيتر هانسن", "PER")),
        ("وصل الوفد إلى مدينة كالينينسك في روسيا أمس.", ("روسيا", "LOC")),
        ("وقالت منظمة أطباء الصحراء في بيان.", ("منظمة أطباء الصحراء", "ORG")),
    ],
)
def test_names_are_found_by_their_surroundings_and_letters(
    text: str, name: tuple[str, str]
) -> None:
    assert (normalise(name[0]).text, name[1]) in names(text)


@pytest.mark.parametrize(
    ("text", "name"),
    [("سافر إلى باريس ولندن.", "لندن"), ("وأشاد بفرنسا.", "فرنسا"), ("سلمها للأردن.", "اردن")],
)
def test_particles_are_no_part_of_a_name(text: str, name: str) -> None:
    assert name in [found for found, _ in names(text)]


@pytest.mark.slow
@given(st.text())
@settings(max_examples=300, deadline=None)
def test_no_text_is_too_strange(text: str) -> None:
    comparable = normalise(text).text
    end = 0
    for name in TAGGED.tag(comparable):
        assert end <= name.start < name.end <= len(comparable)
        assert comparable[name.end - 1].isalnum()
        end = name.end


def test_what_is_summed_once_and_left_out_gives_the_labels_of_all_attributes() -> None:
    text = "وقال وزير الدفاع محمد الدرناوي في جنوب أفريقيا : «لا» منذ 2020 ثم عاد إلى لندن"
    words = normalise(text).text.split()
    seen = attributes([describe(word, MODEL.lexicon) for word in words], MODEL.lexicon)
    scores = np.concatenate(
        ([[0] * len(LABELS)], [MODEL.sum(of_word) for of_word in seen], [[0] * len(LABELS)])
    ).T
    edges = np.isin(np.arange(len(words) + 2), (0, len(words) + 1))
    whole = np.array([1]), np.array([len(words) + 1])
    places, best = best_labels(scores, edges, *whole, Transitions.of(MODEL.transitions))
    (labels,) = TAGGED.labels([words])
    assert labels == best[np.argsort(places)].tolist()
    assert {LABELS[label] for label in labels} >= {"B-PER", "I-PER", "B-LOC"}


@pytest.mark.slow
def test_what_a_name_is_in_one_place_it_is_in_the_others() -> None:
    alone = names("لكن الدرناوي لم يحضر.")
    told = names("وقال الوزير محمد الدرناوي للصحفيين. لكن الدرناوي لم يحضر.")
    assert ("الدرناوي", "PER") not in alone
    assert ("الدرناوي", "PER") in told


@pytest.mark.slow
def test_more_words_than_are_kept_ready_change_nothing() -> None:
    sentence = "وقال وزير الخارجية الإيطالي"
    before = names(sentence)
    for begin in range(0, 40_000, 10_000):
        TAGGED.labels([[f"ك{number}" for number in range(begin, begin + 10_000)]])
    assert names(sentence) == before


@pytest.mark.slow
def test_an_article_may_have_more_words_than_are_kept_ready() -> None:
    sentence = normalise("وقال وزير الدفاع محمد الدرناوي").text.split()
    many = [[f"ك{number}" for number in range(40_000)], sentence]
    assert TAGGED.labels(many)[1] == TAGGED.labels([sentence])[0]


def test_a_damaged_model_is_told_at_start(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=str(tmp_path)):
        read_model(tmp_path)


def test_the_model_is_small() -> None:
    assert sum(path.stat().st_size for path in TAGGER.iterdir()) < 15_000_000


PASSAGES = [
    {"doc": "1", "tokens": "وصل أحمد إلى طرابلس .", "tags": "O B-PER O B-LOC O"},
    {"doc": "Solaris", "tokens": "زار أحمد وعلي مصر .", "tags": "O B-PER B-PER B-LOC O"},
]
LISTS = {
    "countries.jsonl": '{"names": {"ar": ["مصر"]}, "demonym_ar": {"male": "مصري"}}\n',
    "name_pairs_arwikicats.tsv": "class\ten\tar\tlist\nperson\tx\tأحمد علي\tpeoples\n",
    "name_tokens_wd_arabic.tsv": "en\tar\tcount\nahmed\tأحمد\t9\n",
    "name_parts_rigour.tsv": "wikidata\tar\tlatin\nQ1\tعلي\tali\n",
    **dict.fromkeys(
        [
            *("places_world_geonames.jsonl", "places_neighbours_wof.jsonl"),
            *("places_libya_wof.jsonl", "organisations_parties.jsonl"),
            *("organisations_ror.jsonl", "organisations_brands.jsonl"),
        ],
        '{"names": {"ar": ["جبل نفوسة"]}}\n',
    ),
}


@pytest.mark.slow
def test_the_same_sources_train_the_same_bytes(tmp_path: Path) -> None:
    for folder in ("ner", "gazetteer", "first", "second"):
        (tmp_path / folder).mkdir()
    passages = [
        {**row, "tokens": row["tokens"].split(), "tags": row["tags"].split()} for row in PASSAGES
    ]
    lines = "".join(json.dumps(passage) + "\n" for passage in passages)
    for name in ("anercorp_camel.train", "wikifane_gold.train", "aqmar.dev"):
        (tmp_path / "ner" / f"{name}.jsonl").write_text(lines * 10, encoding="utf-8")
    for name, content in LISTS.items():
        (tmp_path / "gazetteer" / name).write_text(content, encoding="utf-8")
    results = []
    for folder in (tmp_path / "first", tmp_path / "second"):
        command = [sys.executable, "-m", "services.enrich.training.train_ner", tmp_path, folder]
        subprocess.run(command, check=True, capture_output=True)
        results.append({path.name: path.read_bytes() for path in folder.iterdir()})
    assert results[0] == results[1]
    assert len(results[0]) == 6
    assert Tagger(read_model(tmp_path / "first")).tag("وصل احمد الي مصر .")
