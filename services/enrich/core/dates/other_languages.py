"""Dates in languages in Latin letters: the same grammar, over the words of each language.

What is written onto a word with an apostrophe (l'anno, 2011'de) or behind a number (1980s, 19.
yüzyıl) is set apart first, in a copy as long as the text: the 1980s become 198 and a sign.
"""

import re
from collections.abc import Mapping
from typing import Any

from services.enrich.core.dates.compilation import GrammarError, compile_grammar
from services.enrich.core.dates.grammar import Grammar
from services.enrich.core.normalise import Normalised

_DECADE = re.compile(r"\b(1[89][0-9]|20[0-9]|[2-9])0s\b")
_CENTURY_DOT = re.compile(r"(?<=[0-9])\.(?= yüzyıl)")


def compile_languages(
    rules: Mapping[str, Any], languages: Mapping[str, Mapping[str, Any]]
) -> dict[str, Grammar]:
    """Return the grammar of each of ``languages``, by tag. Classes it has no words of are empty.

    Raises GrammarError as ``compile_grammar`` does, and for a class that ``rules`` do not know.
    """
    grammars = {}
    for tag, tables in languages.items():
        if strange := tables["words"].keys() - set(rules["classes"]):
            raise GrammarError(f"{tag}: no rule speaks of {', '.join(sorted(strange))}")
        words = {name: tables["words"].get(name, {}) for name in rules["classes"]}
        try:
            grammars[tag] = compile_grammar({**rules, **tables, "words": words})
        except GrammarError as error:
            raise GrammarError(f"{tag}: {error}") from error
    return grammars


def set_apart(text: Normalised) -> Normalised:
    """Return the copy of ``text`` to look for dates in; it is as long."""
    copy = text.text.replace("'", " ").replace("’", " ")
    copy = _CENTURY_DOT.sub(" ", _DECADE.sub(r"\1 ª", copy))
    return Normalised(copy, text.starts, text.shifts)
