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
    folder = "places" if named.field == "place" else "entities"
    if known := ids.get(named.name):
        return {"terms": {f"{folder}.id": list(known)}}
    by_name = [_same(f"{folder}.id", named.name), _same(f"{folder}.name", named.name)]
    if folder == "places":
        by_name.append(_same("entities.id", f"place:{named.name}"))  # those that are on no map, too
    else:
        by_name += [
            _beginning("entities.name", named.name),
            _beginning("entities.name_en", named.name),
        ]
    return any_of(by_name)


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
