"""The spellings of each known name, as rules that Elasticsearch widens a search with."""

import re
from collections.abc import Iterable, Iterator

from services.enrich.core.known import KnownEntity, comparable

_ARABIC_WORD = re.compile("[\u0621-\u064a]{4,}")
_SPECIAL = ("=>", ",", "#", "\\")
_MISSPELT = str.maketrans("ذظ", "دض")
"""Letters that sound alike in Libya, as newspapers confuse them in names of people: القدافي."""


def synonym_rules(entities: Iterable[KnownEntity]) -> Iterator[str]:
    """Yield the rules (Solr's format) of names that are written in several ways.

    Only of forms that name it wherever they stand. A search for one of the short forms finds all
    of them; one for a longer form (خليفة حفتر) finds the short ones, which are part of it. What is
    attached to a name (لحفتر) does not keep it from being found in another script.
    """
    for entity in entities:
        written = {comparable(form): form for form in reversed(_forms(entity))}
        short = [form for key, form in written.items() if not _contains_any(key, written)]
        longer = [form for form in written.values() if form not in short]
        if len(short) > 1:
            yield ", ".join(reversed(short))
        attached = [word for form in short for word in _attached(form)]
        if len(short) > 1 and attached:
            yield f"{', '.join(attached)} => {', '.join(reversed(short))}"
        if longer:
            yield f"{', '.join(reversed(longer))} => {', '.join(reversed(short))}"


def _forms(entity: KnownEntity) -> list[str]:
    forms = [form for form in entity.forms if not any(special in form for special in _SPECIAL)]
    if entity.type == "PER":
        forms += [form.translate(_MISSPELT) for form in forms]
    return forms


def _attached(form: str) -> list[str]:
    """Return an Arabic name of one word with what may be attached to it: لحفتر, للدبيبة."""
    if not _ARABIC_WORD.fullmatch(form):
        return []
    bare = form.removeprefix("ال")
    return [f"لل{bare}" if bare != form else f"ل{form}", f"ب{form}", f"و{form}"]


def _contains_any(form: str, others: Iterable[str]) -> bool:
    """Whether another of the forms is some of the words of ``form``."""
    return any(other != form and f" {other} " in f" {form} " for other in others)
