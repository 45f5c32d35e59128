"""Find names that no list has: a linear-chain model over the words of each sentence.

The model gives every attribute of a word a score for each label; transitions between labels have
scores too, and the best path wins. It was learned by `services.enrich.training`. What a
word adds to the scores, where it stands and beside others, is summed once and kept, so that tagging
is adding a few rows per word.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeVar

from services.enrich.core.labels import BEGINNINGS, Row, Scores, best_path, pack, unpack
from services.enrich.core.word_features import (
    EDGE,
    Lexicon,
    Traits,
    describe,
    kinds_together,
    phrases_within,
    words_together,
)
from services.enrich.core.words import Word, sentences

_KEPT = 30_000
"""How many words, and how many fours of kinds, are kept ready: about 25 MB."""

_RARE = 60
"""A word that was read more often in training is left to its neighbours in every place."""
_SUPPORT = 700
"""What a label of a rare word in one place speaks for the same in another."""

K = TypeVar("K")
V = TypeVar("V")

NamedType = Literal["PER", "LOC", "ORG"]


class TaggedName(NamedTuple):
    """A name: where it is in the normalised text, without particles before it, and its type."""

    start: int
    end: int
    type: NamedType


class _Ready(NamedTuple):
    """A word with its scores summed: for itself, the word after it, the next but one, and back."""

    traits: Traits
    own: Row
    to_next: Row
    to_previous: Row
    to_next_but_one: Row
    to_previous_but_one: Row


@dataclass(frozen=True, slots=True)
class Model:
    """What was learned: of words, the scores of attributes, and those of label after label.

    The last row of ``transitions`` is for the first word of a sentence.
    """

    lexicon: Lexicon
    weights: Mapping[str, Scores]
    transitions: Sequence[Scores]


class Tagger:
    """A model ready to be used."""

    def __init__(self, model: Model) -> None:
        self._lexicon = model.lexicon
        self._weights = {attribute: pack(row) for attribute, row in model.weights.items()}
        self._transitions = model.transitions
        self._words: dict[str, _Ready] = {}
        self._kinds: dict[tuple[str, str, str, str], Row] = {}

    def tag(self, text: str) -> list[TaggedName]:
        """Return the names in the normalised ``text``, in order, none overlapping another."""
        article = list(sentences(text))
        labels = self.labels([[word.text for word in sentence] for sentence in article])
        return [
            name
            for sentence, found in zip(article, labels, strict=True)
            for name in self._names(sentence, found)
        ]

    def labels(self, article: Sequence[Sequence[str]]) -> list[list[int]]:
        """Return the best label of each word of each sentence, as an index into LABELS.

        Where its neighbours give a name away, they do so for the other places of the article.
        """
        scores = [self.scores(sentence) for sentence in article]
        labels = [best_path(rows, self._transitions) for rows in scores]
        stems = [[self._ready(word).traits.stem for word in sentence] for sentence in article]
        support = self._support(stems, labels)
        for at, sentence in enumerate(stems):
            if not support.keys().isdisjoint(sentence):
                supported = [
                    tuple(map(int.__add__, row, support[stem])) if stem in support else row
                    for row, stem in zip(scores[at], sentence, strict=True)
                ]
                labels[at] = best_path(supported, self._transitions)
        return labels

    def _support(
        self, stems: Sequence[Sequence[str]], labels: Sequence[Sequence[int]]
    ) -> dict[str, Scores]:
        """Return what speaks for names of rare words that are names in some places, not in all."""
        votes: dict[str, list[int]] = defaultdict(lambda: [0] * 4)
        for words, found in zip(stems, labels, strict=True):
            for stem, label in zip(words, found, strict=True):
                votes[stem][(label + 1) // 2] += 1
        support: dict[str, Scores] = {}
        for stem, (_, *named) in votes.items():
            most = max(named)
            if not 0 < most < sum(votes[stem]) or not stem[0].isalpha():
                continue
            if self._lexicon.counts.get(stem, 0) <= _RARE:
                shares = [_SUPPORT * vote // most for vote in named for _ in range(2)]
                support[stem] = (0, *shares)
        return support

    def _names(self, sentence: Sequence[Word], labels: Sequence[int]) -> Iterator[TaggedName]:
        at = 0
        while at < len(labels):
            begin, label = at, labels[at]
            at += 1
            if label not in BEGINNINGS:
                continue
            while at < len(labels) and labels[at] == label + 1:
                at += 1
            last = next((i for i in range(at - 1, begin, -1) if sentence[i].text.isalnum()), begin)
            start = sentence[begin].start + self._particles(sentence[begin].text)
            kind: NamedType = ("PER", "LOC", "ORG")[label // 2]
            yield TaggedName(start, sentence[last].end, kind)

    def _particles(self, word: str) -> int:
        """Return how many letters of ``word`` are particles; the article of للأمم is one."""
        stem = self._ready(word).traits.stem
        return len(word) - len(stem) + (0 if word.endswith(stem) else 2)

    def scores(self, words: Sequence[str]) -> list[Scores]:
        """Return what speaks for each label of each word of a sentence; only differences count."""
        ready = [self._ready(word) for word in words]
        edge = self._ready("")
        padded = [edge, edge, *ready, edge, edge]
        phrases = phrases_within([word.traits for word in ready], self._lexicon)
        weight = self._weights.get
        scores: list[Scores] = []
        for at, c in enumerate(ready):
            a, b, _, d, e = padded[at : at + 5]
            row = c.own + b.to_next + d.to_previous + a.to_next_but_one + e.to_previous_but_one
            row += self._kinds_together(a.traits, b.traits, c.traits, d.traits)
            for attribute in words_together(b.traits, c.traits, d.traits):
                row += weight(attribute, 0)
            if at in phrases:
                row += self._sum(phrases[at])
            scores.append(unpack(row))
        return scores

    def _ready(self, word: str) -> _Ready:
        ready = self._words.get(word)
        if ready is None:
            traits = describe(word, self._lexicon) if word else EDGE
            ready = _Ready(
                traits,
                self._sum(traits.own),
                self._sum(f"< {attribute}" for attribute in traits.near),
                self._sum(f"> {attribute}" for attribute in traits.near),
                self._sum(f"<< {attribute}" for attribute in traits.far),
                self._sum(f">> {attribute}" for attribute in traits.far),
            )
            _keep(self._words, word, ready)
        return ready

    def _kinds_together(self, a: Traits, b: Traits, c: Traits, d: Traits) -> Row:
        kinds = (a.kind, b.kind, c.kind, d.kind)
        row = self._kinds.get(kinds)
        if row is None:
            row = self._sum(kinds_together(a, b, c, d))
            _keep(self._kinds, kinds, row)
        return row

    def _sum(self, attributes: Iterable[str]) -> Row:
        return sum(self._weights.get(attribute, 0) for attribute in attributes)


def _keep(kept: dict[K, V], key: K, value: V) -> None:
    if len(kept) >= _KEPT:
        kept.clear()
    kept[key] = value
