"""Figures of search on the judged sets of tests/quality/search, from what was found."""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent / "quality" / "search"

_LABELLED = re.compile(r"(\S+): (.+)")


@dataclass(frozen=True, slots=True)
class JudgedDocument:
    id: str
    language: str
    day: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class JudgedQuery:
    """``grades`` by document id, 1 to 3; what is not in it is 0."""

    id: str
    kind: str
    words: str
    grades: Mapping[str, int]
    held_back: bool


@dataclass(frozen=True, slots=True)
class Form:
    """A written word. ``lemma`` names what it is a form of, ``is_name`` whether that is a name."""

    written: str
    lemma: str
    is_name: bool


@dataclass(frozen=True, slots=True)
class Conflation:
    """How well forms find the other forms of their lemma: pairs of a query and what it finds."""

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        return 2 * self.precision * self.recall / max(self.precision + self.recall, 1e-9)

    def __str__(self) -> str:
        return f"{self.precision:.3f} / {self.recall:.3f} / {self.f1:.3f}"


def read_documents(path: Path = FOLDER / "documents.txt") -> list[JudgedDocument]:
    documents = []
    for block in path.read_text(encoding="utf-8").strip().split("\n\n"):
        head, title, text = block.split("\n")
        number, language, day = head.split()
        documents.append(JudgedDocument(number, language, day, title, text))
    return documents


def read_queries(path: Path = FOLDER / "queries.txt") -> list[JudgedQuery]:
    queries = []
    for block in path.read_text(encoding="utf-8").strip().split("\n\n"):
        head, *judged = block.split("\n")
        label, words = head.split(" | ")
        number, kind = label.split()
        grades = {
            document: int(grade) for grade, *found in map(str.split, judged) for document in found
        }
        queries.append(JudgedQuery(number.strip("*"), kind, words, grades, number.endswith("*")))
    return queries


def read_forms(path: Path) -> list[Form]:
    forms, kind = [], ""
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("# "):
            kind = line[2:]
        elif labelled := _LABELLED.fullmatch(line):
            forms += [Form(word, labelled[1], kind == "names") for word in labelled[2].split()]
    return forms


def ndcg(found: Sequence[str], grades: Mapping[str, int], depth: int = 10) -> float:
    """Return the normalised discounted cumulative gain of the first ``depth`` (2^grade - 1)."""

    def gain(judged: Iterable[int]) -> float:
        return sum((2**grade - 1) / math.log2(rank + 2) for rank, grade in enumerate(judged))

    best = sorted(grades.values(), reverse=True)[:depth]
    return gain(grades.get(document, 0) for document in found[:depth]) / gain(best)


def recall(found: Sequence[str], grades: Mapping[str, int], depth: int = 20) -> float:
    return len(grades.keys() & set(found[:depth])) / len(grades)


def conflation(
    forms: Sequence[Form],
    asked: Mapping[str, set[str]],
    kept: Mapping[str, set[str]],
    *,
    names_only: bool = False,
) -> Conflation:
    """Return how well each form finds the others of its lemma, and nothing else.

    ``asked`` and ``kept`` hold the terms of each written form, in a query and in the index. A form
    of several lemmas may find those of each and must find those of all.
    """
    lemmas: dict[str, set[str]] = {}
    for form in forms:
        lemmas.setdefault(form.written, set()).add(form.lemma)
    right = found = wanted = 0
    for query in sorted({form.written for form in forms if form.is_name or not names_only}):
        for other, of in lemmas.items():
            if other == query:
                continue
            related = not of.isdisjoint(lemmas[query])
            reached = not asked[query].isdisjoint(kept[other])
            right += related and reached
            found += reached
            wanted += related
    return Conflation(right / max(found, 1), right / wanted)
