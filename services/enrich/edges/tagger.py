"""The files of the tagger: tables of words, names of several words, letters; what was learned.

Text, so that two trainings can be compared; in the order of the words, so that the same training
gives the same bytes. `weights.tsv` has a row for each line of `attributes.txt`.
"""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from services.enrich.core.labels import LABELS, Table
from services.enrich.core.ready_words import Model
from services.enrich.core.word_features import Lexicon
from services.runtime.settings import ConfigurationError

TAGGER = Path(__file__).parent.parent / "knowledge" / "tagger"


def read_model(folder: Path = TAGGER) -> Model:
    """Return the model. Raises ConfigurationError if its files are missing or damaged."""
    try:
        words, counts, said = _columns(folder / "words.tsv", 3)
        phrases, said_of_phrases = _columns(folder / "phrases.tsv", 2)
        triples, likelier = _columns(folder / "letters.tsv", 2)
        *attributes, _ = (folder / "attributes.txt").read_text(encoding="utf-8").split("\n")
        marks = {several: tuple(several.split(",")) for several in {*said, *said_of_phrases}}
        lexicon = Lexicon.of(
            {word: int(count) for word, count in zip(words, counts, strict=True) if count != "0"},
            {word: marks[several] for word, several in zip(words, said, strict=True) if several},
            {
                phrase: marks[several]
                for phrase, several in zip(phrases, said_of_phrases, strict=True)
            },
            dict(zip(triples, map(int, likelier), strict=True)),
        )
        return Model.of(
            lexicon,
            attributes,
            _scores(folder / "weights.tsv", len(attributes)),
            _scores(folder / "transitions.tsv", len(LABELS)),
        )
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"{folder}: the tagger cannot be read: {error!r}") from error


def write_model(model: Model, folder: Path = TAGGER) -> None:
    """Write ``model`` to ``folder``."""
    folder.mkdir(exist_ok=True)
    lexicon = model.lexicon
    _write(
        folder / "words.tsv",
        {
            word: (lexicon.counts.get(word, 0), ",".join(lexicon.marks.get(word, ())))
            for word in lexicon.counts.keys() | lexicon.marks.keys()
        },
    )
    _write(
        folder / "phrases.tsv",
        {phrase: (",".join(marks),) for phrase, marks in lexicon.phrases.items()},
    )
    _write(folder / "letters.tsv", {triple: (more,) for triple, more in lexicon.letters.items()})
    attributes = sorted(model.rows)
    _write(folder / "attributes.txt", dict.fromkeys(attributes, ()))
    learned = model.scores[[model.rows[attribute] for attribute in attributes]]
    np.savetxt(folder / "weights.tsv", learned, fmt="%d", delimiter="\t")
    np.savetxt(folder / "transitions.tsv", model.transitions, fmt="%d", delimiter="\t")


def _columns(path: Path, width: int) -> list[list[str]]:
    """Return the columns of a table: all at once, since there are a million cells."""
    *cells, end = path.read_text(encoding="utf-8").replace("\n", "\t").split("\t")
    if end or len(cells) % width:
        raise ValueError(f"{path.name} is cut short")
    return [cells[column::width] for column in range(width)]


def _scores(path: Path, rows: int) -> Table:
    scores: Table = np.loadtxt(path, np.int32, delimiter="\t", ndmin=2)
    if scores.shape != (rows, len(LABELS)):
        raise ValueError(f"{path.name} is cut short")
    return scores


def _write(path: Path, rows: Mapping[str, tuple[object, ...]]) -> None:
    lines = ["\t".join((key, *map(str, rows[key]))) + "\n" for key in sorted(rows)]
    path.write_text("".join(lines), encoding="utf-8", newline="\n")
