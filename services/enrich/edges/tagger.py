"""The files of the tagger: four tables: words, names of several words, letters, and
weights.

Text, so that two trainings can be compared; in the order of the words, so that the same training
gives the same bytes.
"""

from collections.abc import Mapping
from pathlib import Path

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
        words, counts, said = _columns(folder / "words.tsv", 3)
        phrases, said_of_phrases = _columns(folder / "phrases.tsv", 2)
        triples, likelier = _columns(folder / "letters.tsv", 2)
        attributes, *scores = _columns(folder / "weights.tsv", 1 + len(LABELS))
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
        rows = zip(*(map(int, column) for column in scores), strict=True)
        weights: dict[str, Scores] = dict(zip(attributes, rows, strict=True))
        transitions = tuple(weights.pop(_AFTER + label) for label in (*LABELS, _START))
    except (OSError, ValueError, KeyError) as error:
        raise ConfigurationError(f"{folder}: the tagger cannot be read: {error!r}") from error
    return Model(lexicon, weights, transitions)


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


def _columns(path: Path, width: int) -> list[list[str]]:
    """Return the columns of a table: all at once, since there are a million cells."""
    *cells, end = path.read_text(encoding="utf-8").replace("\n", "\t").split("\t")
    if end or len(cells) % width:
        raise ValueError(f"{path.name} is cut short")
    return [cells[column::width] for column in range(width)]


def _write(path: Path, rows: Mapping[str, tuple[object, ...]]) -> None:
    lines = ["\t".join((key, *map(str, rows[key]))) + "\n" for key in sorted(rows)]
    path.write_text("".join(lines), encoding="utf-8", newline="\n")
