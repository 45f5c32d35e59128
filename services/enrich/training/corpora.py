"""Texts in which people have marked the names, as the tagger is taught and examined with them."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from services.enrich.core.normalise import normalise
from services.enrich.core.words import sentences

NEWSWIRE = "anercorp_camel.train.jsonl"
ENCYCLOPAEDIAS = ("wikifane_gold.train.jsonl", "aqmar.dev.jsonl")
TAUGHT = ("PER", "LOC", "ORG")
"""What else the sets mark (MISC) they do not agree on."""


@dataclass(frozen=True, slots=True)
class Example:
    """A sentence as the tagger cuts it, and a label (O, B-PER, I-PER, ...) for each word."""

    words: tuple[str, ...]
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Passage:
    """A sentence as its set has it: tokens, a label for each, and the document if it is known."""

    tokens: tuple[str, ...]
    labels: tuple[str, ...]
    document: str | None


def read_passages(path: Path) -> list[Passage]:
    """Return the passages of a set, which has one JSON object a line."""
    with path.open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return [
        Passage(tuple(row["tokens"]), tuple(map(_taught, row["tags"])), row.get("doc"))
        for row in rows
    ]


def examples(passages: Iterable[Passage]) -> Iterator[Example]:
    """Yield what the tagger makes of ``passages``: its words, each with its token's label."""
    for passage in passages:
        text, tokens = as_text(passage.tokens)
        for sentence in sentences(text):
            labels: list[str] = []
            before = -1
            for word, start in zip(*sentence, strict=True):
                token = tokens[start]
                labels.append(_label(word, passage.labels[token], token == before, labels))
                before = token
            yield Example(tuple(sentence.words), tuple(labels))


def as_text(tokens: Sequence[str]) -> tuple[str, list[int]]:
    """Return the normalised tokens as one text, and for each of its characters whose it is."""
    pieces: list[str] = []
    owners: list[int] = []
    for at, token in enumerate(tokens):
        piece = normalise(token).text + " "
        pieces.append(piece)
        owners += [at] * len(piece)
    return "".join(pieces), owners


def blocks(passages: Sequence[Passage], count: int) -> list[list[Passage]]:
    """Return ``passages`` in ``count`` runs of about the same length, in order."""
    parts: list[list[Passage]] = [[] for _ in range(count)]
    for at, passage in enumerate(passages):
        parts[at * count // len(passages)].append(passage)
    return parts


def _taught(label: str) -> str:
    return label if label[2:] in TAUGHT else "O"


def _label(word: str, label: str, continued: bool, labels: Sequence[str]) -> str:
    """Return the label of a word of a token: a sign at a name's edge is no part of it."""
    if label == "O" or not word[0].isalnum():
        return "O"
    inside = "I" + label[1:]
    follows = bool(labels) and labels[-1][1:] == label[1:]
    return inside if follows and (continued or label[0] == "I") else "B" + label[1:]
