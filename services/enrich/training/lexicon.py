"""What lists of names say of words: the part of the tagger's lexicon that is not counted in texts.

Only lists whose licence allows it to be passed on are read. Rows of a list are counted, not copied:
what remains of most of them is a mark on each of their words.
"""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from math import log
from pathlib import Path
from typing import Any

import yaml

from services.enrich.core.normalise import normalise
from services.enrich.core.word_features import triples

_PLACES = ("places_world_geonames", "places_neighbours_wof", "places_libya_wof")
_BODIES = ("organisations_parties", "organisations_ror", "organisations_brands")
_CLASSES = {"person": "person", "place": "place", "sports_club_or_competition": "club"}
_IN_BRACKETS = re.compile(r"\(.*?\)")
_ARABIC = re.compile("[\u0621-\u064a]+")

_NAMING = {"name1", "name2", "name3", "name4", "given", "place", "in person"}

Marks = dict[str, tuple[str, ...]]


def read_marks(folder: Path) -> tuple[Marks, Marks]:
    """Return the marks of words, and the marks of names of several words."""
    names = list(_names(folder))
    words: dict[str, set[str]] = defaultdict(set)
    phrases: dict[str, set[str]] = defaultdict(set)
    parts: Counter[tuple[str, str]] = Counter()
    for mark, name in names:
        if len(name) == 1:
            words[name[0]].add(mark)
            continue
        phrases[" ".join(name)].add(mark)
        parts.update((word, mark) for word in name)
    for (word, mark), count in parts.items():
        words[word].add(f"in {mark}{'s' if count > 3 else ''}")
    for mark, word in _single_words(folder):
        words[word].add(mark)
    return _sorted(words), _sorted(phrases)


def compare_letters(marks: Marks, counts: Mapping[str, int]) -> dict[str, int]:
    """Return how much likelier three letters are in names than in other words (`Lexicon.letters`).

    Names are those of the lists, other words the ones in ``counts`` that no list has.
    """
    named, other = Counter[str](), Counter[str]()
    for word in marks.keys() | counts.keys():
        core = word[2:] if word.startswith("ال") and len(word) > 4 else word
        (named if _NAMING.intersection(marks.get(word, ())) else other).update(triples(core))
    more = sum(named.values()) / sum(other.values())
    return {
        triple: round(100 * log((named[triple] + 1) / (other[triple] * more + 1)))
        for triple in named.keys() | other.keys()
        if named[triple] + other[triple] > 2
    }


def _sorted(marks: dict[str, set[str]]) -> Marks:
    return {word: tuple(sorted(marks[word])) for word in sorted(marks)}


def _names(folder: Path) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the mark and the words of each name that is not a person's part."""
    for pair in _table(folder / "name_pairs_arwikicats.tsv"):
        yield from _arabic(_CLASSES.get(pair["class"], "thing"), [pair["ar"]])
    for mark, files in (("country", ("countries",)), ("place", _PLACES), ("party", _BODIES)):
        for file in files:
            for row in _records(folder / f"{file}.jsonl"):
                names = row["names"]
                yield from _arabic(mark, [*names.get("ar", ()), *names.get("arab_script", ())])


def _single_words(folder: Path) -> Iterator[tuple[str, str]]:
    bearers: Counter[str] = Counter()
    for row in _table(folder / "name_tokens_wd_arabic.tsv"):
        bearers[normalise(row["ar"]).text] += int(row["count"])
    for word, count in bearers.items():
        if _ARABIC.fullmatch(word):
            yield f"name{min(4, (count.bit_length() + 2) // 3)}", word
    for row in _table(folder / "name_parts_rigour.tsv"):
        for _, words in _arabic("given", row["ar"].split("|")):
            yield from (("given", word) for word in words)
    for country in _records(folder / "countries.jsonl"):
        demonyms = [word for key, word in country.get("demonym_ar", {}).items() if key != "en"]
        for _, words in _arabic("nation", demonyms):
            for word in words:
                yield from (("nation", word), ("nation", "ال" + word))
    cues = Path(__file__).with_name("cues.yaml")
    for mark, words in yaml.safe_load(cues.read_bytes()).items():
        yield from ((mark, normalise(word).text) for word in words.split())


def _arabic(mark: str, names: Iterable[str]) -> Iterator[tuple[str, tuple[str, ...]]]:
    for name in names:
        words = re.split(r"[^\w]+", normalise(_IN_BRACKETS.sub("", name)).text.strip())
        if all(map(_ARABIC.fullmatch, words)):
            yield mark, tuple(words)


def _table(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8") as lines:
        head = next(lines).rstrip("\n").split("\t")
        for line in lines:
            yield dict(zip(head, line.rstrip("\n").split("\t"), strict=False))


def _records(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)
