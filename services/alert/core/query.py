"""What a watch asks for, as a query that counts: an article is meant or it is not.

A word stands for its spellings and for what Arabic writes onto it, never for a stem: a watch for
العمل that also counted العملة would alert for a currency.
"""

from datetime import datetime

from services.contract.search_clauses import Clause, any_of, condition, phrase, with_particles
from services.contract.search_language import AllOf, AnyOf, Not, Part, Phrase, Words, parse

_FIELDS = ["title.exact", "text.exact"]
_ARTICLE = "ال"


def compile_query(query: str, now: datetime) -> Clause:
    """Return the clause of a watch's ``query``; ``now`` is what ``after:7d`` counts from.

    Raises InvalidSearchError.
    """
    return _clause(parse(query, now))


def _clause(part: Part) -> Clause:
    match part:
        case Words(text):
            return {"bool": {"filter": [_word(word) for word in text.split()]}}
        case Phrase(text):
            return any_of([phrase(text, "title"), phrase(text, "text")])
        case AllOf(parts):
            return {"bool": {"filter": [_clause(inner) for inner in parts]}}
        case AnyOf(parts):
            return any_of([_clause(inner) for inner in parts])
        case Not(inner):
            return {"bool": {"must_not": _clause(inner)}}
        case _:
            return condition(part, {})


def _word(word: str) -> Clause:
    """Articles with ``word`` in any of its spellings, whatever particles hang on it."""
    forms = [form for stem in _with_article(word) for form in with_particles(stem)]
    return {"multi_match": {"query": " ".join(forms), "fields": _FIELDS, "operator": "or"}}


def _with_article(word: str) -> list[str]:
    """Return ``word`` and, of an indefinite Arabic one, the definite one: اشتباكات، الاشتباكات."""
    is_bare = with_particles(word) != [word] and not word.startswith(_ARTICLE)
    return [word, _ARTICLE + word] if is_bare else [word]
