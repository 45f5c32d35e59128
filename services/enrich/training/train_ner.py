"""Train the tagger of names: ``make train-ner SOURCES=FOLDER``, some minutes.

FOLDER holds `ner/`, texts with their names marked, and `gazetteer/`, lists of names. The model that
is written to `services/enrich/knowledge/tagger` learns from all texts; the same sources give the
same bytes. Then a part of the texts is kept out of a second training, and how well their names are
found is printed.
"""

import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pycrfsuite

from services.enrich.core.labels import LABELS
from services.enrich.core.ready_words import Model
from services.enrich.core.tagger import Tagger
from services.enrich.core.word_features import Lexicon, Traits, attributes, describe
from services.enrich.edges.tagger import TAGGER, write_model
from services.enrich.training.corpora import (
    NEWSWIRE,
    Example,
    Passage,
    blocks,
    examples,
)
from services.enrich.training.examination import divide, examine
from services.enrich.training.lexicon import Marks, compare_letters, read_marks

_PARTS = 10
"""In so many parts a set is taught, each with a lexicon counted in all the others."""
_ROUNDS = 5
_TIMES = {NEWSWIRE: 3}
"""How often a set is taught: newswire is what is tagged, and the smaller part."""
_SCALE = 1000
_LEAST = 10
"""An attribute whose scores differ by less is left out: half of them, to no harm measured."""

Taught = Mapping[str, list[Passage]]


def main(sources: Path, destination: Path = TAGGER) -> None:
    """Train and write, then examine."""
    marks, phrases = read_marks(sources / "gazetteer")
    taught, kept = divide(sources / "ner")
    everything = {name: [*taught[name], *kept[name]] for name in taught}
    write_model(train(everything, marks, phrases), destination)
    tagger = Tagger(train(taught, marks, phrases))
    for name, passages in kept.items():
        for kind, (precision, recall, f1) in examine(tagger, passages).items():
            print(f"{name:32}{kind:4}{precision:8.3f}{recall:8.3f}{f1:8.3f}")  # noqa: T201


def train(sets: Taught, marks: Marks, phrases: Marks) -> Model:
    """Return what is learned from ``sets``, passages by the name of their set."""
    read = {
        name: [list(examples(part)) for part in blocks(passages, _PARTS)]
        for name, passages in sets.items()
    }
    counts = Counter[str]()
    for parts in read.values():
        for part in parts:
            counts.update(_words(part))
    trainer = pycrfsuite.Trainer(algorithm="pa", params={"max_iterations": _ROUNDS}, verbose=False)
    for name, parts in read.items():
        for part in parts:
            lexicon = _lexicon(counts - Counter(_words(part)), marks, phrases)
            for example, seen in zip(part, _attributes(part, lexicon), strict=True):
                items = pycrfsuite.ItemSequence(seen)
                for _ in range(_TIMES.get(name, 1)):
                    trainer.append(items, example.labels)
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "model")
        trainer.train(path)
        learned = pycrfsuite.Tagger()
        learned.open(path)
        model = _learned(learned, _lexicon(counts, marks, phrases))
        learned.close()
    return model


def _words(part: Iterable[Example]) -> Iterator[str]:
    for example in part:
        yield from example.words


def _lexicon(counts: Counter[str], marks: Marks, phrases: Marks) -> Lexicon:
    """Leave out what was read once: a name of the texts taught would be better known than others.

    For the same reason a part is never taught with the words counted in itself.
    """
    read = {word: count for word, count in counts.items() if count > 1}
    return Lexicon.of(read, marks, phrases, compare_letters(marks, read))


def _attributes(part: Iterable[Example], lexicon: Lexicon) -> Iterator[list[list[str]]]:
    described: dict[str, Traits] = {}
    for example in part:
        for word in example.words:
            if word not in described:
                described[word] = describe(word, lexicon)
        yield attributes([described[word] for word in example.words], lexicon)


def _learned(tagger: Any, lexicon: Lexicon) -> Model:
    """Return what crfsuite learned: of attributes and of label after label, in thousandths."""
    info = tagger.info()
    weights: dict[str, list[int]] = {}
    for (attribute, label), weight in info.state_features.items():
        row = weights.setdefault(attribute, [0] * len(LABELS))
        row[LABELS.index(label)] = round(weight * _SCALE)
    strong = {name: row for name, row in weights.items() if max(row) - min(row) >= _LEAST}
    transitions = [
        [round(info.transitions.get((a, b), 0) * _SCALE) for b in LABELS] for a in LABELS
    ]
    return Model.of(
        lexicon,
        list(strong),
        np.array(list(strong.values()), np.int32).reshape(-1, len(LABELS)),
        np.array(transitions, np.int32),
    )


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
