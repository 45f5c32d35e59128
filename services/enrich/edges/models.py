"""Load what enrichment knows from the files that ship with it."""

import copy
import gc

from py3langid.langid import MODEL_FILE, LanguageIdentifier

from services.enrich.core.date_grammar import GrammarError, compile_grammar
from services.enrich.core.entities import compile_names
from services.enrich.core.language import SCRIPTS, LanguageModel
from services.enrich.edges.knowledge import KNOWLEDGE, read_date_tables, read_entities
from services.enrich.enrichment import Models
from services.runtime.settings import ConfigurationError


def load_models() -> Models:
    """Return the models. Raises ConfigurationError with file and line for wrong knowledge."""
    try:
        dates = compile_grammar(read_date_tables())
    except GrammarError as error:
        raise ConfigurationError(f"{KNOWLEDGE / 'dates'}: {error}") from error
    models = Models(
        names=compile_names(read_entities()), dates=dates, languages=_load_language_model()
    )
    gc.collect()
    gc.freeze()  # the models stay; looking through them at each collection costs time
    return models


def _load_language_model() -> LanguageModel:
    every_language = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifiers = {}
    for script, labels in SCRIPTS.items():
        if len(labels) > 1:
            # A copy shares the tables; restricting it keeps only its languages' columns.
            identifiers[script] = copy.copy(every_language)
            identifiers[script].set_languages(list(labels))
    return LanguageModel(identifiers)
