"""Find names that no list has: a linear-chain model over the words of each sentence.

The model gives every attribute of a word a score for each label; transitions between labels have
scores too, and the best path wins. It was learned by `services.enrich.training`. What a
word adds to the scores, where it stands and beside others, is summed once and kept, so that tagging
is adding a few rows per word.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeVar

from services.enrich.core.labels import BEGINNINGS, LABELS, Row, Scores, best_path, pack, unpack
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

_NEVER_NAMED = 300
"""A word that by itself speaks against every name by so much is in none, whatever its neighbours
say: of 6,000 words of marked texts a half, none of them in a name. It is not looked into."""
_NO_NAME: Scores = (_NEVER_NAMED * 10, *(0 for _ in LABELS[1:]))

_RARE = 60
"""A word that was read more often in training is left to its neighbours in every place."""
_CLEAR = 300
"""From this lead over being no name on, a label in one place speaks for the same in another."""
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
    never: bool
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
        read = [[self._ready(word) for word in sentence] for sentence in article]
        scores = [self._scores(sentence) for sentence in read]
        labels = [best_path(rows, self._transitions) for rows in scores]
        stems = [[word.traits.stem for word in sentence] for sentence in read]
        support = self._support(stems, scores, labels)
        for at, sentence in enumerate(stems):
            if not support.keys().isdisjoint(sentence):
                supported = [
                    tuple(map(int.__add__, row, support[stem])) if stem in support else row
                    for row, stem in zip(scores[at], sentence, strict=True)
                ]
                labels[at] = best_path(supported, self._transitions)
        return labels

    def _support(
        self,
        stems: Sequence[Sequence[str]],
        scores: Sequence[Sequence[Scores]],
        labels: Sequence[Sequence[int]],
    ) -> dict[str, Scores]:
        """Return what speaks for names of rare words that are names in some places, not in all."""
        labels = [
            [
                label if row[label] >= row[0] + _CLEAR else 0
                for row, label in zip(*both, strict=True)
            ]
            for both in zip(scores, labels, strict=True)
        ]
        count = self._lexicon.counts.get
        votes = {
            stem: [0] * 4
            for words, found in zip(stems, labels, strict=True)
            if any(found)
            for stem, label in zip(words, found, strict=True)
            if label and stem[0].isalpha() and count(stem, 0) <= _RARE
        }
        for words, found in zip(stems, labels, strict=True):
            for stem, label in zip(words, found, strict=True):
                if stem in votes:
                    votes[stem][(label + 1) // 2] += 1
        support: dict[str, Scores] = {}
        for stem, (none, *named) in votes.items():
            most = max(named)
            if most < none + sum(named):
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

    def _scores(self, words: Sequence[_Ready]) -> list[Scores]:
        """Return what speaks for each label of each word of a sentence; only differences count."""
        edge = self._ready("")
        padded = [edge, edge, *words, edge, edge]
        phrases = phrases_within([word.traits for word in words], self._lexicon)
        weight = self._weights.get
        scores: list[Scores] = []
        for at, c in enumerate(words):
            if c.never:
                scores.append(_NO_NAME)
                continue
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
            own = self._sum(traits.own)
            none, *named = unpack(own)
            ready = _Ready(
                traits,
                max(named) < none - _NEVER_NAMED,
                own,
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
