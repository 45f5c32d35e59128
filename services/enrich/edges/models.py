"""Load what enrichment knows from the files that ship with it."""

import gc
from collections.abc import Mapping, Sequence
from typing import ClassVar

import eldc

from services.enrich.core.dates.compilation import GrammarError, compile_grammar
from services.enrich.core.dates.other_languages import compile_languages
from services.enrich.core.known import compile_names
from services.enrich.core.language import EXPECTED, LanguageModel
from services.enrich.core.marked_languages import compile_marks
from services.enrich.core.tagger import Tagger
from services.enrich.edges.knowledge import (
    KNOWLEDGE,
    read_context,
    read_date_tables,
    read_entities,
    read_mapping,
    read_other_date_tables,
    read_patterns,
    read_vocabularies,
)
from services.enrich.edges.tagger import read_model
from services.enrich.enrichment import Models
from services.runtime.settings import ConfigurationError


def load_models() -> Models:
    """Return the models. Raises ConfigurationError with file and line for wrong knowledge."""
    gc.disable()  # nothing of what is made here is garbage; looking for it takes a quarter longer
    try:
        models = _read_models()
        gc.collect()
        gc.freeze()  # the models stay; looking through them at each collection costs time
    finally:
        gc.enable()
    return models


def _read_models() -> Models:
    try:
        dates = compile_grammar(read_date_tables())
        other_dates = compile_languages(*read_other_date_tables())
    except GrammarError as error:
        raise ConfigurationError(f"{KNOWLEDGE / 'dates'}: {error}") from error
    context = read_context()
    entities = read_entities(context)
    model = read_model()
    return Models(
        names=compile_names(entities, context),
        dates=dates,
        other_dates=other_dates,
        languages=_load_language_model(),
        tagger=Tagger(model),
        patterns=read_patterns(model.lexicon, entities, context),
        latin=read_vocabularies(entities),
    )


def _load_language_model() -> LanguageModel:
    eldc.init()
    path = KNOWLEDGE / "languages.yaml"
    try:
        marks = compile_marks(read_mapping(path))
    except ValueError as error:
        raise ConfigurationError(f"{path}: {error}") from error
    short = [tag for tags in EXPECTED.values() for tag in tags]
    return LanguageModel(every=_Eldc(), expected=_Eldc(short), marks=marks)


class _Eldc:
    """The identifier of the library eldc, for all its languages or for some."""

    # What it calls ku is Kurdish in Arabic letters, Sorani.
    _TAGS: ClassVar[Mapping[str, str]] = {"ku": "ckb"}
    _LABELS: ClassVar[Mapping[str, str]] = {tag: label for label, tag in _TAGS.items()}

    def __init__(self, tags: Sequence[str] = ()) -> None:
        self._instance = eldc.instance()
        self._instance.set_languages([self._LABELS.get(tag, tag) for tag in tags])

    def scores(self, text: str) -> Sequence[tuple[str, float]]:
        scores: dict[str, float] = self._instance.detect_details(text).scores
        if scores.keys() & self._TAGS.keys():
            return [(self._TAGS.get(label, label), score) for label, score in scores.items()]
        return list(scores.items())
