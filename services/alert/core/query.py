"""What a watch asks for, as a query that counts: an article is meant or it is not.

A word stands for its spellings and for what Arabic writes onto it, never for a stem: a watch for
العمل that also counted العملة would alert for a currency.
"""

import re
import unicodedata
from datetime import datetime

from services.contract.search_clauses import Clause, any_of, condition, phrase, with_particles
from services.contract.search_language import AllOf, AnyOf, Not, Part, Phrase, Words, parse

_FIELDS = ["title.exact", "text.exact"]
_ARTICLE = "ال"
_JOINTS = re.compile(r"[-‐-―/+]+")


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
            return _phrase(text)
        case AllOf(parts):
            return {"bool": {"filter": [_clause(inner) for inner in parts]}}
        case AnyOf(parts):
            return any_of([_clause(inner) for inner in parts])
        case Not(inner):
            return {"bool": {"must_not": _clause(inner)}}
        case _:
            return condition(part, {})


def _phrase(text: str) -> Clause:
    return any_of([phrase(text, "title"), phrase(text, "text")])


def _word(word: str) -> Clause:
    """Articles with ``word`` in any of its spellings, whatever particles hang on it.

    What has signs in it is several words to Elasticsearch: كوفيد-19 is not meant by every 19.
    """
    if not all(unicodedata.category(letter)[0] in "LMN" for letter in word):
        return _phrase(_JOINTS.sub(" ", word).strip() or word)
    forms = [form for stem in _with_article(word) for form in with_particles(stem)]
    return {"multi_match": {"query": " ".join(forms), "fields": _FIELDS, "operator": "or"}}


def _with_article(word: str) -> list[str]:
    """Return ``word`` and, of an indefinite Arabic one, the definite one: اشتباكات، الاشتباكات."""
    is_bare = with_particles(word) != [word] and not word.startswith(_ARTICLE)
    return [word, _ARTICLE + word] if is_bare else [word]
