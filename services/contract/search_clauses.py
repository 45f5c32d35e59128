"""What the conditions and phrases of a search are in the documents of ``news-articles``.

Search ranks what it finds, and a watch counts it; what neither of them decides is here. No clause
has a syntax of its own that input could break.
"""

import re
import unicodedata
from collections.abc import Collection, Mapping
from itertools import product
from typing import Any

from services.contract.search_language import About, InLanguage, Named, Published

Clause = dict[str, Any]
Ids = Mapping[str, Collection[str]]
"""The ids of entities by the name that ``entity:`` and ``place:`` give."""

_PLACE = "place:"
_SIGNS_BEFORE = re.compile(r"^\W+")
_PREPOSITIONS = ("", "ب", "ك", "ل")
_CONJUNCTIONS = ("", "و", "ف")


def any_of(clauses: list[Clause]) -> Clause:
    """What fits at least one of ``clauses``."""
    return {"bool": {"should": clauses, "minimum_should_match": 1}}


def condition(part: Named | InLanguage | Published | About, ids: Ids) -> Clause:
    """What an article is, whatever words it has."""
    match part:
        case Named():
            return _named(part, ids)
        case InLanguage(tag):
            return {"term": {"language.tag": tag}}
        case Published():
            return _published(part)
        case About(first, last):
            days = {"gte": first.isoformat(), "lte": last.isoformat(), "relation": "within"}
            return {"range": {"dates.range": days}}


def phrase(phrase: str, field: str, boost: int = 1) -> Clause:
    """The words side by side as they are written; «and», «in», «to» may hang on the first one."""
    first, *rest = (_SIGNS_BEFORE.sub("", phrase) or phrase).split()
    starts = [_side_by_side(form) for form in with_particles(first)]
    rules: list[Clause] = [{"any_of": {"intervals": starts}}]
    if rest:
        rules.append(_side_by_side(" ".join(rest)))
    together = {"all_of": {"intervals": rules, "ordered": True, "max_gaps": 0}}
    return {"intervals": {f"{field}.exact": {**together, "boost": boost}}}


def _side_by_side(words: str) -> Clause:
    return {"match": {"query": words, "ordered": True, "max_gaps": 0}}


def with_particles(word: str) -> list[str]:
    """Return an Arabic ``word`` as it is written with each conjunction and preposition before it.

    Words of other scripts have one form only.
    """
    if not all("ARABIC" in unicodedata.name(letter, "") for letter in word):
        return [word]
    joined = [
        f"لل{word[2:]}" if particle == "ل" and word.startswith("ال") else particle + word
        for particle in _PREPOSITIONS
    ]
    return [before + form for before, form in product(_CONJUNCTIONS, joined)]


def _named(named: Named, ids: Ids) -> Clause:
    """Articles of a source or about an entity, by its id or else by the names the index knows."""
    if named.field == "source":
        return any_of([_same("source.id", named.name), _same("source.name", named.name)])
    known = list(ids.get(named.name, ()))
    return _at(named.name, known) if named.field == "place" else _about(named.name, known)


def _about(name: str, known: list[str]) -> Clause:
    if known:
        return {"terms": {"entities.id": known}}
    by_id_or_name = [_same("entities.id", name), _same("entities.name", name)]
    return any_of(
        [*by_id_or_name, _beginning("entities.name", name), _beginning("entities.name_en", name)]
    )


def _at(place: str, known: list[str]) -> Clause:
    """Articles that name the place, also one that is on no map, or have it in the title only."""
    ids = [_same("entities.id", one) for one in known if one.startswith(_PLACE)]
    by_name = [_same("entities.id", _PLACE + place), _same("places.name", place)]
    in_title = {"match": {"title": {"query": place, "operator": "and"}}}
    return any_of([_same("entities.id", place), *(ids or by_name), in_title])


def _same(field: str, value: str) -> Clause:
    return {"term": {field: {"value": value, "case_insensitive": True}}}


def _beginning(field: str, name: str) -> Clause:
    return {"match": {f"{field}.prefix": {"query": name, "operator": "and"}}}


def _published(between: Published) -> Clause:
    """Articles of the time; those whose date is not known count by first sight."""
    ends = {"gte": between.since, "lt": between.until}
    within = {end: moment.isoformat() for end, moment in ends.items() if moment}
    undated: Clause = {
        "must_not": {"exists": {"field": "published_at"}},
        "filter": {"range": {"first_seen_at": within}},
    }
    return any_of([{"range": {"published_at": within}}, {"bool": undated}])
