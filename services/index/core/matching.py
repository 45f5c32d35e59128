"""What articles must match that a search asks for (search_language.py), and which match best.

Every word goes into a query that has no syntax of its own, so that no input can be a broken query,
a costly one (wildcards, regular expressions, fuzzy terms), or one that reaches another field or
index.
"""

import re
import unicodedata
from typing import Any

from services.contract.search_clauses import Ids, any_of, condition, phrase
from services.contract.search_language import AllOf, AnyOf, Named, Not, Part, Phrase, Words
from services.index.core.document import STEMMED_LANGUAGES

Query = dict[str, Any]

_MANY = 3
ALL_BUT_ONE_OF_MANY = f"{_MANY - 1}<-1"
"""How many words an article must have: both of two, but of three or more one may be missing."""

_WRITTEN_IN = {
    "CYRILLIC": ("ru",),
    "LATIN": tuple(tag for tag in STEMMED_LANGUAGES if tag != "ru"),
}
_WORD = re.compile(r"\w+")


def matching(part: Part, ids: Ids, excluded: bool = False) -> Query:
    """Return what articles must match that ``part`` asks for, or is to leave out: ``excluded``."""
    match part:
        case Words(text):
            return {"dis_max": {"queries": _in_their_forms(text)}} if excluded else _words(text)
        case Phrase(text):
            return {"dis_max": {"queries": [phrase(text, "title", 3), phrase(text, "text", 1)]}}
        case AllOf(parts):
            return _all(parts, ids, excluded)
        case AnyOf(parts):
            return any_of([matching(inner, ids, excluded) for inner in parts])
        case Not(inner):
            return {"bool": {"must_not": matching(inner, ids, excluded=True)}}
        case _:
            return condition(part, ids)


def _all(parts: tuple[Part, ...], ids: Ids, excluded: bool) -> Query:
    """All of ``parts``: what has words counts for the order, the rest only decides."""
    return {
        "bool": {
            "must": [matching(part, ids, excluded) for part in parts if has_words(part)],
            "filter": [matching(part, ids, excluded) for part in parts if not has_words(part)],
        }
    }


def has_words(part: Part) -> bool:
    """Whether ``part`` asks for words, which articles can match more or less."""
    match part:
        case Words() | Phrase():
            return True
        case AllOf(parts) | AnyOf(parts):
            return any(map(has_words, parts))
    return False


def with_any_word(part: Part) -> Part:
    """Return ``part`` with one word of several as enough; the more of them, the better."""
    match part:
        case Words(text) if len(words := text.split()) > 1:
            return AnyOf(tuple(map(Words, words)))
        case AllOf(parts):
            return AllOf(tuple(map(with_any_word, parts)))
        case AnyOf(parts):
            return AnyOf(tuple(map(with_any_word, parts)))
    return part


def count_parts(part: Part) -> int:
    """Return how many words and conditions ``part`` has."""
    match part:
        case Words(text) | Phrase(text) | Named(name=text):
            return max(_count_words(text), 1)
        case AllOf(parts) | AnyOf(parts):
            return sum(map(count_parts, parts))
        case Not(inner):
            return count_parts(inner)
    return 1


def _count_words(text: str) -> int:
    """Count as Elasticsearch does: ﷺ is four words, ``a,b`` two; in 利比亚 each sign is one."""
    written = unicodedata.normalize("NFKC", text)
    letters = "".join(sign for sign in written if not unicodedata.combining(sign))
    alone = sum(unicodedata.east_asian_width(letter) == "W" for letter in letters)
    return len(_WORD.findall(letters)) + alone


def _words(words: str) -> Query:
    """Articles with all words, best in the forms of their language; less for what is nearly so.

    The stemmed forms of titles find more but count little; so do articles that lack one of many
    words. The best of these ways counts, so that Elasticsearch can leave out those that cannot be
    the best.
    """
    together, *own = _in_their_forms(words)
    queries = [
        {"bool": {"must": together, "should": _as_written(words)}},
        *own,
        _all_words(words, ["title.stem^3"], boost=0.2),
    ]
    if _count_words(words) >= _MANY:
        queries.append(_all_words(words, _weighted(""), boost=0.1, at_least=ALL_BUT_ONE_OF_MANY))
    return {"dis_max": {"queries": queries}}


def _in_their_forms(words: str) -> list[Query]:
    """Articles with all words: also what is to be left out, which nothing else may take along."""
    own = [_all_words(words, _weighted(f"in.{tag}."), boost=0.8) for tag in _languages_of(words)]
    return [_all_words(words, _weighted(""), boost=1.0), *own]


def _languages_of(words: str) -> tuple[str, ...]:
    """Return the stemmed languages that are written in the script of all ``words``."""
    scripts = {unicodedata.name(sign, "").split(" ")[0] for sign in words if sign.isalpha()}
    return _WRITTEN_IN.get(scripts.pop(), ()) if len(scripts) == 1 else ()


def _weighted(prefix: str) -> list[str]:
    return [f"{prefix}title^3", f"{prefix}text"]


def _all_words(words: str, fields: list[str], boost: float, at_least: str = "100%") -> Query:
    """Articles with the words in any of ``fields``, which are analysed alike."""
    how = {"fields": fields, "boost": boost, "minimum_should_match": at_least}
    return {"multi_match": {"query": words, "type": "cross_fields", **how}}


def _as_written(words: str) -> Query:
    """Prefer articles with the very forms that were asked for, best side by side."""
    how = {"type": "phrase", "slop": 3, "boost": 0.2}
    return {"multi_match": {"query": words, "fields": ["title.exact^3", "text.exact"], **how}}
