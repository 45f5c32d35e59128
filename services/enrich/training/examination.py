"""How well a tagger finds the names of texts that it has not seen."""

from collections.abc import Sequence
from pathlib import Path

from services.enrich.core.labels import LABELS
from services.enrich.core.tagger import Tagger
from services.enrich.core.words import sentences
from services.enrich.training.corpora import (
    ENCYCLOPAEDIAS,
    NEWSWIRE,
    TAUGHT,
    Passage,
    as_text,
    blocks,
    read_passages,
)

_ARTICLE = 15
_BLOCKS = 20
_KEPT_OUT = (6, 16)
_DOCUMENTS_KEPT_OUT = {"Real_Madrid", "Imam_Hussein_Shrine", "Nuclear_Power", "Solaris"}

Span = tuple[int, int, str]


def divide(folder: Path) -> tuple[dict[str, list[Passage]], dict[str, list[Passage]]]:
    """Return by set what to learn from, and what is kept out of it: a tenth, of AQMAR the half.

    Documents are kept together where the set tells them, else runs of some hundred sentences.
    """
    taught: dict[str, list[Passage]] = {}
    kept: dict[str, list[Passage]] = {}
    for name in (NEWSWIRE, *ENCYCLOPAEDIAS):
        passages = read_passages(folder / name)
        if passages[0].document is None:
            parts = blocks(passages, _BLOCKS)
            kept[name] = [passage for at in _KEPT_OUT for passage in parts[at]]
        else:
            kept[name] = [p for p in passages if p.document in _DOCUMENTS_KEPT_OUT]
        out = set(map(id, kept[name]))
        taught[name] = [passage for passage in passages if id(passage) not in out]
    return taught, kept


def examine(tagger: Tagger, passages: Sequence[Passage]) -> dict[str, tuple[float, float, float]]:
    """Return precision, recall and F1 of exact spans of tokens, by type and for ALL.

    Passages are tagged fifteen at a time, about the length of an article.
    """
    right, found, marked = (dict.fromkeys((*TAUGHT, "ALL"), 0) for _ in range(3))
    for begin in range(0, len(passages), _ARTICLE):
        article = passages[begin : begin + _ARTICLE]
        for passage, labels in zip(article, token_labels(tagger, article), strict=True):
            truth, answer = spans(passage.labels), spans(labels)
            for kind in right:
                true, given = (
                    {span for span in all_spans if kind in (span[2], "ALL")}
                    for all_spans in (truth, answer)
                )
                right[kind] += len(true & given)
                found[kind] += len(given)
                marked[kind] += len(true)
    return {kind: _scores(right[kind], found[kind], marked[kind]) for kind in right}


def token_labels(tagger: Tagger, article: Sequence[Passage]) -> list[list[str]]:
    """Return a label for each token: that of the first of its words that is in a name."""
    places: list[list[tuple[int, int]]] = []
    words: list[list[str]] = []
    for at, passage in enumerate(article):
        text, owners = as_text(passage.tokens)
        for sentence in sentences(text):
            words.append(sentence.words)
            places.append([(at, owners[start]) for start in sentence.starts])
    labels = [["O"] * len(passage.tokens) for passage in article]
    for sentence_places, found in zip(places, tagger.labels(words), strict=True):
        for (at, token), label in zip(sentence_places, found, strict=True):
            if labels[at][token] == "O":
                labels[at][token] = LABELS[label]
    return labels


def spans(labels: Sequence[str]) -> set[Span]:
    """Return the names as (first token, token after the last, type)."""
    names: set[Span] = set()
    begin = 0
    for at, label in enumerate((*labels, "O")):
        before = labels[at - 1] if at else "O"
        if before != "O" and not (label[0] == "I" and label[2:] == before[2:]):
            names.add((begin, at, before[2:]))
        if label[0] == "B" or (label[0] == "I" and label[2:] != before[2:]):
            begin = at
    return names


def _scores(right: int, found: int, marked: int) -> tuple[float, float, float]:
    precision, recall = right / max(found, 1), right / max(marked, 1)
    return precision, recall, 2 * right / max(found + marked, 1)
