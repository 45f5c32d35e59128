"""Which subjects might be emerging: names and phrases that the last hours have far more often.

Elasticsearch says which names, and which words of titles, stand out against the last four weeks;
phrases are counted here, in the titles of the newest stories. This only says what is worth
counting: how surprising a count is, is judged as for a watch (evaluate.py).
"""

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from services.alert.core.counting import EVERYTHING, Answer, Body, counted
from services.alert.core.history import full_hour
from services.alert.core.watches import Watch
from services.contract.alerts import AlertedWatch
from services.contract.folding import folded

WINDOW = timedelta(hours=3)
"""Outlets take up what nobody waited for one after the other: an hour sees too few of them."""

MIN_STORIES, MIN_SOURCES, MIN_RATIO = 6, 4, 3.0
"""More than is asked of a watch, because nobody has asked for it."""

_BACKGROUND = timedelta(days=28)
_TITLES = 1_000  # of the newest stories: phrases are counted in them
_MOST = 30  # names, and as many phrases
_MOST_WORDS = 100
_LEAST_OFTEN = 3  # in titles: a phrase is in the texts of more
_LONGEST_PHRASE = 3
_NAME_CHARS = 150
_TITLE, _TITLE_EN = "موضوع صاعد: ", "Emerging: "
_BREAKS = re.compile(r"[^\w\s\u0640\u064b-\u0652'’-]+")
_SYNTAX = re.compile(r"[\"“”„«»()\s]+")


class Subject(Watch):
    """What nobody watches, judged as if somebody did: a spike of this name or phrase."""

    @property
    def name(self) -> str:
        """The name or phrase."""
        return self.title.removeprefix(_TITLE)


@dataclass(frozen=True, slots=True)
class Candidates:
    """Names before phrases; ``phrases_a_title`` is how many different ones a title brings."""

    subjects: tuple[Subject, ...]
    phrases_a_title: float


def candidates_in(since: datetime, until: datetime) -> Body:
    """Return the search for the names and words that stand out, and for the newest titles."""
    background = {"gte": (full_hour(until) - _BACKGROUND).isoformat(), "lt": until.isoformat()}
    unusual = {
        "min_doc_count": _LEAST_OFTEN,
        "shard_min_doc_count": _LEAST_OFTEN,
        "background_filter": {"range": {"first_seen_at": background}},
    }
    words = {"field": "title.exact", "source_fields": ["title"], "size": _MOST_WORDS}
    return {
        "size": _TITLES,
        "track_total_hits": False,
        "query": counted(EVERYTHING, since, until),
        "collapse": {"field": "story_id"},
        "sort": [{"first_seen_at": "desc"}],
        "_source": ["title", "source.id"],
        "aggs": {
            "names": {
                "significant_terms": {"field": "entities.name", "size": _MOST, **unusual},
                "aggs": {"named": {"top_hits": {"size": 1, "_source": ["entities"]}}},
            },
            "words": {"significant_text": {**words, **unusual}},
        },
    }


def read_candidates(answer: Answer) -> Candidates:
    """Return what ``candidates_in`` was answered."""
    found = answer["aggregations"]
    words = {_comparable(bucket["key"]) for bucket in found["words"]["buckets"]}
    told = [hit["_source"] for hit in answer["hits"]["hits"]]
    every, unusual = _phrases_of(told, words)
    named = [_named(bucket) for bucket in found["names"]["buckets"]]
    phrases = [_phrase(phrase) for phrase in unusual]
    subjects = {watch.id: watch for watch in [*named, *phrases] if watch is not None}
    return Candidates(tuple(subjects.values()), every / max(len(told), 1))


def possible_in(until: datetime) -> Body:
    """Return the search for how many names and articles there were in four weeks."""
    return {
        "size": 0,
        "track_total_hits": True,
        "query": counted(EVERYTHING, until - _BACKGROUND, until),
        "aggs": {"names": {"cardinality": {"field": "entities.name"}}},
    }


def read_possible(answer: Answer, phrases_a_title: float) -> int:
    """Return how many subjects could have been candidates: chance may have raised any of them.

    For phrases it is the most there can be, as if no two titles shared one.
    """
    articles = answer["hits"]["total"]["value"]
    return int(answer["aggregations"]["names"]["value"] + articles * phrases_a_title) + 1


def subject_told(told: AlertedWatch) -> Subject:
    """Return the subject that was told of, to be followed as it was."""
    return _subject(told.id, told.title, told.title_en, told.query)


def _phrases_of(told: list[dict[str, Any]], words: set[str]) -> tuple[int, list[str]]:
    """Return how many phrases the titles have, and those that begin and end with unusual ``words``.

    The most frequent come first; what is said no more often than a longer phrase is left out.
    """
    spelt: dict[str, str] = {}
    sources: defaultdict[str, list[str]] = defaultdict(list)
    for story in told:
        of_title = {_comparable(phrase): phrase for phrase in _phrases_in(story["title"])}
        spelt = of_title | spelt
        for phrase in of_title:
            sources[phrase].append(story["source"]["id"])
    unusual = [
        phrase
        for phrase, seen in sources.items()
        if len(seen) >= _LEAST_OFTEN
        and len(set(seen)) > 1
        and {phrase.split()[0], phrase.split()[-1]} <= words
    ]
    unusual.sort(key=lambda phrase: (-len(sources[phrase]), -len(phrase)))
    kept: list[str] = []
    for phrase in unusual:
        if not any(
            f" {phrase} " in f" {longer} " and len(sources[longer]) == len(sources[phrase])
            for longer in kept
        ):
            kept.append(phrase)
    return len(sources), [spelt[phrase] for phrase in kept[:_MOST]]


def _phrases_in(title: str) -> Iterator[str]:
    """Return each two and three words that stand side by side, no sign between them."""
    for run in _BREAKS.split(title):
        words = [word for word in run.split() if folded(word)]
        for length in range(2, _LONGEST_PHRASE + 1):
            for at in range(len(words) - length + 1):
                yield " ".join(words[at : at + length])


def _comparable(phrase: str) -> str:
    return folded(phrase).replace("ى", "ي")


def _named(bucket: Mapping[str, Any]) -> Subject | None:
    """Return a name as a subject: by its id, or as it is written where the knowledge lacks it."""
    (hit,) = bucket["named"]["hits"]["hits"]
    entity = next(one for one in hit["_source"]["entities"] if one["name"] == bucket["key"])
    known, name = entity.get("id") or entity["name"], entity["name"]
    key = f"entity {entity.get('id') or _comparable(name)}"
    return _new(key, name, entity.get("name_en") or name, f'entity:"{_plain(known)}"')


def _phrase(phrase: str) -> Subject | None:
    return _new(f"phrase {_comparable(phrase)}", phrase, phrase, f'"{_plain(phrase)}"')


def _new(key: str, name: str, name_en: str, query: str) -> Subject | None:
    """Return a subject whose id is the same whenever it emerges; None if it has no letters."""
    if not folded(query.removeprefix("entity:")):
        return None
    return _subject(
        f"emerging-{hashlib.sha256(key.encode()).hexdigest()[:16]}",
        f"{_TITLE}{name[:_NAME_CHARS]}",
        f"{_TITLE_EN}{name_en[:_NAME_CHARS]}",
        query,
    )


def _plain(name: str) -> str:
    """Return ``name`` without what has a meaning in the language of searches."""
    return _SYNTAX.sub(" ", name).strip()[:_NAME_CHARS]


def _subject(subject_id: str, title: str, title_en: str, query: str) -> Subject:
    return Subject(
        id=subject_id,
        title=title,
        title_en=title_en,
        query=query,
        window=WINDOW,
        min_articles=MIN_STORIES,
        min_sources=MIN_SOURCES,
        min_ratio=MIN_RATIO,
        false_alerts_per_month=100,  # what all of them may raise is cut by how many there are
        severity="info",
    )
