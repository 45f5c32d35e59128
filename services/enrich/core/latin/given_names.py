"""Known people whose given name is spelt as no list has it: Abdulhameed al-Dbeibah."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from services.contract.articles import Mention
from services.enrich.core.entities import Sighting, overlaps
from services.enrich.core.known import KnownEntity
from services.enrich.core.latin.runs import ARTICLE, CAPITALS
from services.enrich.core.latin.vocabulary import fold, unaccented

_BEFORE = re.compile(rf"(?<!\w)(?:([{CAPITALS}]\w+)[ \u00a0])?{ARTICLE}?$")
_FARTHEST = 30
_SAME = 3
"""Letters that two spellings of a given name share: Abdul Hamid, Abdülhamid."""


def with_given_names(text: str, sightings: Sequence[Sighting]) -> Iterator[Sighting]:
    """Yield the ``sightings`` in ``text``, surnames with the given name or article before them."""
    taken = sorted((at.start, at.end) for one in sightings for at in one.mentions)
    for sighting in sightings:
        if sighting.entity.type != "PER":
            yield sighting
            continue
        longer = [(at, _longer(text, at, sighting.entity)) for at in sighting.mentions]
        mentions = (to if not overlaps(to.start, at.start, taken) else at for at, to in longer)
        yield replace(sighting, mentions=tuple(mentions))


def may_be_called(entity: KnownEntity, given: str) -> bool:
    """Say whether ``given``, folded, may be another spelling of how a name of ``entity`` begins."""
    beginning = unaccented(given)[:_SAME]
    called = (*entity.forms, entity.name_en or "")
    return any(" " in form and unaccented(fold(form)).startswith(beginning) for form in called)


def _longer(text: str, at: Mention, entity: KnownEntity) -> Mention:
    found = _BEFORE.search(text, max(0, at.start - _FARTHEST), at.start)
    if found is None or found.end() == found.start() or " " in at.text:
        return at
    start = found.end(1) + 1 if found[1] else found.start()
    if found[1] and may_be_called(entity, fold(found[1])):
        start = found.start(1)
    return Mention(start=start, end=at.end, text=text[start : at.end])
