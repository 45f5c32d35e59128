"""The files of the tagger: four tables: words, names of several words, letters, and
weights.

Text, so that two trainings can be compared; in the order of the words, so that the same training
gives the same bytes.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from sys import intern

from services.enrich.core.labels import LABELS, Scores
from services.enrich.core.tagger import Model
from services.enrich.core.word_features import Lexicon
from services.runtime.settings import ConfigurationError

TAGGER = Path(__file__).parent.parent / "knowledge" / "tagger"
_AFTER = "after "
"""What the names of transitions begin with, among the attributes; no attribute does."""
_START = "the start"


def read_model(folder: Path = TAGGER) -> Model:
    """Return the model. Raises ConfigurationError if its files are missing or damaged."""
    try:
        counts: dict[str, int] = {}
        marks: dict[str, tuple[str, ...]] = {}
        for word, count, said in _rows(folder / "words.tsv"):
            if int(count):
                counts[word] = int(count)
            if said:
                marks[word] = _marks(said)
        phrases = {phrase: _marks(said) for phrase, said in _rows(folder / "phrases.tsv")}
        letters = {triple: int(likelier) for triple, likelier in _rows(folder / "letters.tsv")}
        weights: dict[str, Scores] = {
            attribute: tuple(map(int, scores))
            for attribute, *scores in _rows(folder / "weights.tsv")
        }
        transitions = tuple(weights.pop(_AFTER + label) for label in (*LABELS, _START))
    except (OSError, ValueError, KeyError) as error:
        raise ConfigurationError(f"{folder}: the tagger cannot be read: {error!r}") from error
    return Model(Lexicon.of(counts, marks, phrases, letters), weights, transitions)


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
    transitions = {
        _AFTER + label: row for label, row in zip((*LABELS, _START), model.transitions, strict=True)
    }
    _write(folder / "weights.tsv", {**model.weights, **transitions})


def _marks(said: str) -> tuple[str, ...]:
    return tuple(map(intern, said.split(",")))


def _rows(path: Path) -> Iterator[list[str]]:
    for line in path.read_text(encoding="utf-8").split("\n")[:-1]:
        yield line.split("\t")


def _write(path: Path, rows: Mapping[str, tuple[object, ...]]) -> None:
    lines = ["\t".join((key, *map(str, rows[key]))) + "\n" for key in sorted(rows)]
    path.write_text("".join(lines), encoding="utf-8", newline="\n")
